"""Arguments and results of a recipe's methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from torch import nn


# Number formats of the computation, as Fabric names them; the weights are float32 in both.
Precision = Literal["32-true", "bf16-mixed"]
SINGLE: Final = "32-true"


@dataclass(frozen=True)
class Option:
    """A command-line option of ``medvos train`` that some recipes take.

    Attributes
    ----------
    flags: as typed, ``--k`` or ``--contrastive/--no-contrastive``; the first is the keyword of `Recipe.configured`.
    type: of its value. help: one line. shown: default in the help. default: its value where the user gives none.
    """

    flags: str
    type: Any
    help: str
    shown: str
    default: Any = None


CONTINUE_FROM = Option(
    "--continue-from", str, "Released weights to start from, where they fit (echo, tcmn).", "ImageNet weights"
)


@dataclass(frozen=True)
class Folders:
    """Folders of a run.

    Attributes
    ----------
    data: the labelled data; None: the default place.
    run: its checkpoint and log.
    workers: processes that compute what is kept in the cache.
    """

    data: Path | None
    run: Path
    workers: int = 1

    @property
    def cache(self) -> Path:
        """Folder of data that are computed once for all runs beside this one."""
        return self.run.parent / "cache"


@dataclass(frozen=True)
class Parts:
    """Parts of a network that learn differently.

    Attributes
    ----------
    pretrained: learn at a third of the learning rate.
    frozen: keep their BatchNorm statistics, because batches from few hearts are too homogeneous to estimate them.
    """

    pretrained: Sequence[nn.Module] = ()
    frozen: Sequence[nn.Module] = ()


@dataclass(frozen=True)
class Training:
    """A training under way, for losses that need more than a batch.

    Attributes
    ----------
    model: `Recipe.model`, wrapped for its devices.
    average: network with the moving average of the weights, the teacher of a mean-teacher training.
    batches: as `Recipe.batches` returned them.
    """

    model: nn.Module
    average: nn.Module
    batches: Any


@dataclass(frozen=True)
class Validation:
    """Results on the validation split: metrics by name, constants for the manifest, further words of the card."""

    metrics: Mapping[str, float]
    entry: Mapping[str, Any]
    words: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(metrics: Mapping[str, float], dice: str, calibration: DataclassInstance | None = None) -> Validation:
        """Return the validation whose metric ``dice`` and calibration go into the manifest."""
        fitted = {} if calibration is None else {"calibration": constants(calibration)}
        return Validation(metrics, {"validation_dice": round(metrics[dice], 4), **fitted})


def constants(calibration: DataclassInstance) -> dict[str, list[float]]:
    """Return the constants of a calibration as the manifest has them."""
    return {key: [round(value, 5) for value in values] for key, values in asdict(calibration).items()}


@dataclass(frozen=True)
class Card:
    """Fixed contents of a model card.

    Attributes
    ----------
    name: of the released weights. terms: permitted use of the weights. summary: one line.
    template: Jinja template of the card. words: what it names besides those of `medvos_lab.release`.
    counts: metrics that are numbers of cases.
    alias: model name that becomes an alias of the best of its releases.
    companion: released model that gives a second opinion on its results; empty for none.
    """

    name: str
    terms: str
    summary: str
    template: Path
    words: Mapping[str, Any] = field(default_factory=dict)
    counts: Sequence[str] = ()
    alias: str | None = None
    companion: str = ""
