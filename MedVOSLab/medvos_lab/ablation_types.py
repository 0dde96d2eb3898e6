"""Declaration of a paper's ablation: its rows, how they are scored, and what the paper states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from medvos.models.store import ModelInfo


@dataclass(frozen=True)
class Row:
    """One row of an ablation: a training, and what is changed at inference.

    Attributes
    ----------
    name: for ``--row``, and of the row's run and weights.
    title: in the table.
    recipe: name in `medvos_lab.recipes.RECIPES`.
    options: of the recipe, as `medvos_lab.recipe.Recipe.configured` takes them.
    weights: name of the row whose weights this one uses; empty: it has a training of its own.
    settings: changed after the training, as the ablation's `Ablation.score` takes them.
    paper: metric to value, as the paper prints it.
    longer: factor of the steps in a cross-validation, with which the row sees as many slices as the others.
    """

    name: str
    title: str
    recipe: str
    options: Mapping[str, Any] = field(default_factory=dict)
    weights: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    paper: Mapping[str, str] = field(default_factory=dict)
    longer: float = 1.0


@dataclass(frozen=True)
class Judging:
    """How rows are scored: ``data``, the labelled data (None: the default place); ``cases``, the first so many of each
    data set (None: all); ``cache``, folder of data that are computed once; ``device`` of the networks."""

    data: Path | None
    cases: int | None
    cache: Path
    device: torch.device


@dataclass(frozen=True)
class Scores:
    """Result of a row: ``metrics`` by name, ``cases`` in words, ``paired``, a Dice of each independent case in an order
    that all rows share, and ``folds``, some of the metrics in each fold of a cross-validation."""

    metrics: Mapping[str, float]
    cases: str
    paired: Sequence[float] = ()
    folds: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Ablation:
    """The ablation of one paper.

    Attributes
    ----------
    model: name for the command line.
    title: of the table.
    steps: of each training, where the user gives none.
    rows: the first is the whole method.
    columns: metric to its heading.
    data: what the rows are scored on, a sentence.
    paper: what the paper's numbers were measured on, a sentence.
    paired: what is compared case by case, ``Dice of a pair``.
    score: scores the weights of a row, which are also in the model store under their name.
    score_folds: scores the weights of all folds of a row, each on the cases of its fold; the recipes then take the
        option ``fold``. None: the ablation has no cross-validation.
    """

    model: str
    title: str
    steps: int
    rows: tuple[Row, ...]
    columns: Mapping[str, str]
    data: str
    paper: str
    paired: str
    score: Callable[[Row, ModelInfo, Judging], Scores]
    score_folds: Callable[[Row, Sequence[ModelInfo], Judging], Scores] | None = None

    def row(self, name: str) -> Row:
        """Return the row of a name; raise KeyError where there is none."""
        return {row.name: row for row in self.rows}[name]

    def trained(self, row: Row) -> Row:
        """Return the row whose training gives this row its weights."""
        return self.row(row.weights) if row.weights else row
