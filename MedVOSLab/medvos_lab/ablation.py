"""Ablation of a paper: trains the rows that are missing at a budget, scores them, and writes the table."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from medvos.errors import Cancelled, InputError
from medvos.models.device import choose_device
from medvos.models.store import ModelInfo, available, resolve
from medvos_lab.ablation_types import Ablation, Judging, Row, Scores
from medvos_lab.bench.ablation_table import GIVEN_WEIGHTS, Place, Result, markdown
from medvos_lab.bench.output import make_folder, write_markdown
from medvos_lab.folds import Fold, folds_of
from medvos_lab.loop import LOG
from medvos_lab.recipes import RECIPES
from medvos_lab.release import averaged_weights, model_store, update_manifest, write_weights
from medvos_lab.train import can_resume, train

TABLE = "table.json"
Effort = dict[str, Any]  # of a training: seconds, device, steps


class RowsFailedError(InputError):
    """Some rows could not be trained or scored; the table has the others."""


def run(
    ablation: Ablation,
    out: Path,
    *,
    data: Path | None = None,
    steps: int | None = None,
    rows: Sequence[str] = (),
    cases: int | None = None,
    weights: str = "",
    folds: int = 0,
    device: str = "auto",
    show: Callable[[str], None] = lambda _: None,
) -> list[Result]:
    """Train and score the rows of an ablation one after another; write ``table.md`` and ``table.json`` into ``out``.

    Runs are kept in ``runs/NAME-STEPS`` (in a cross-validation ``runs/NAME-fFOLDofFOLDS-STEPS``) and weights in
    ``models/STEPS-steps``. A training that was interrupted continues, and one that has ended is used as it is. Results
    of another budget, of other cases or folds stay in ``table.json`` and are not in the table. A row that fails is told
    in the table, and the next one follows.

    Parameters
    ----------
    ablation: one of `medvos_lab.ablations.ABLATIONS`.
    out: folder of the ablation.
    data: folder of the data sets; default as in `medvos_lab.datasets.data_root`.
    steps: of each training; default those of the ablation.
    rows: names of the rows to train and score; default all.
    cases: score the first so many cases of each data set, or of each fold; default all.
    weights: name of released weights. Nothing is trained then: the first row and all rows that share its weights, which
        change something at inference alone, are scored with these.
    folds: of a cross-validation by patient: each row is trained so many times, each time without the patients of one
        fold, who are then scored; 0: the usual split, once.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    show: told what is done.

    Returns
    -------
    The rows of the table, also those of earlier calls with the same budget, cases and folds.

    Raises
    ------
    InputError: no such row, weights or device, weights with steps or folds, a row that needs a training of its own, an
        ablation without folds, one fold or one case of each, or ``out`` cannot be written or has another model's
        ablation.
    RowsFailedError: a row has failed, after the others.
    Cancelled: the user stopped the command; no other row is begun.

    Example
    -------
    >>> run(ABLATIONS["wu"], Path("runs/wu"), steps=500, rows=["k1", "k3"])
    """
    if folds == 1:
        raise InputError("With one fold no patient is left to train on; give --folds 2 or more.")
    if folds and ablation.score_folds is None:
        raise InputError(f"The ablation of {ablation.model} has one split and no folds; leave --folds out.")
    if folds and weights:
        raise InputError("Released weights have learnt from most folds' patients; give --weights or --folds, not both.")
    if steps and weights:
        raise InputError("Released weights are not trained; give --weights or --steps, not both.")
    given = resolve(weights, RECIPES[ablation.rows[0].recipe].kind) if weights else None
    # Before hours of training, not after them.
    if folds and cases == 1:
        raise InputError("Constants are fitted on one half of a fold and judged on the other; give --cases 2 or more.")
    steps = GIVEN_WEIGHTS if given else steps or ablation.steps
    chosen = _chosen(ablation, rows, without_training=given is not None)
    judging = Judging(data, cases, out / "runs" / "cache", choose_device(device))
    make_folder(out)
    results = _read(out / TABLE, ablation)
    failed = []
    parts: Sequence[Fold | None] = folds_of(folds) or [None]
    for row in chosen:
        empty = Result(row.name, steps, cases, folds=folds)
        place = empty.place
        try:
            trained = [
                (given, {}) if given else _weights(ablation.trained(row), out, data, steps, fold, device, show)
                for fold in parts
            ]
            results[place] = _result(ablation, row, trained, judging, results.get(place, empty), show)
        except Exception as error:  # whatever it is, the rows after it can be right
            if _was_stopped(error):
                raise Cancelled from error
            said = str(error) if isinstance(error, InputError) else traceback.format_exc()
            show(f"{row.name} failed: {said}")
            failed.append(row.name)
            before = results.get(place)
            if before is None or before.error:  # a row that was scored stays scored
                results[place] = replace(empty, error=str(error) or type(error).__name__)
        _write(out, ablation, results, empty)
    if failed:
        raise RowsFailedError(
            f"{len(failed)} of {len(chosen)} rows failed ({', '.join(failed)}), as table.md in {out} says; the others "
            "are kept. Call the command again for those that failed."
        )
    return shown(ablation, results, empty)


def _was_stopped(error: BaseException | None) -> bool:
    """Whether the user stopped the command: a worker that ends with it makes an error of its own out of that."""
    while error is not None and not isinstance(error, SystemExit | KeyboardInterrupt | Cancelled):
        error = error.__cause__ or error.__context__
    return error is not None


def shown(ablation: Ablation, results: dict[Place, Result], like: Result) -> list[Result]:
    """Return the results of the same budget, cases and folds as one of them, in the order of the rows."""
    places = [replace(like, row=row.name).place for row in ablation.rows]
    return [results[place] for place in places if place in results]


def seconds_of(run: Path) -> float:
    """Return how long a run has trained by its log, all its starts together; without the preparation of the data."""
    total = last = 0.0
    for line in (run / LOG).read_text(encoding="utf-8").splitlines():
        seconds = json.loads(line).get("seconds")
        if seconds is not None:
            total += seconds - last if seconds >= last else seconds  # the clock of a resumed run begins anew
            last = seconds
    return total


def _chosen(ablation: Ablation, names: Sequence[str], without_training: bool) -> list[Row]:
    whole = ablation.rows[0]
    possible = [row for row in ablation.rows if not without_training or ablation.trained(row) is whole]
    for name in names:
        if name not in [row.name for row in possible]:
            known = ", ".join(row.name for row in possible)
            raise InputError(
                f"{ablation.model} has no row '{name}'{' that needs no training' if without_training else ''}; choose "
                f"from {known}."
            )
    return [row for row in possible if not names or row.name in names]


def _result(
    ablation: Ablation,
    row: Row,
    trained: Sequence[tuple[ModelInfo, Effort]],
    judging: Judging,
    before: Result,
    show: Callable[[str], None],
) -> Result:
    """Score a row with its weights, of every fold, and what their training took, as far as they are not scored."""
    infos = [info for info, _ in trained]
    effort = {
        "seconds": sum(effort.get("seconds", 0.0) for _, effort in trained),
        "device": " or ".join(sorted({effort["device"] for _, effort in trained if effort})),
        "trained": max(effort.get("trained", 0) for _, effort in trained),
    }
    sha256 = " ".join(info.sha256 for info in infos)
    if not before.error and before.sha256 == sha256:
        show(f"{row.name}: already scored.")
        return replace(before, **effort)
    show(f"{row.name}: scoring.")
    with model_store(infos[0].path.parent):
        scores: Scores = (
            ablation.score_folds(row, infos, judging)
            if before.folds and ablation.score_folds
            else ablation.score(row, infos[0], judging)
        )
    return replace(
        before,
        sha256=sha256,
        metrics={name: float(value) for name, value in scores.metrics.items()},
        counted=scores.cases,
        paired=tuple(float(value) for value in scores.paired),
        by_fold={name: tuple(float(value) for value in values) for name, values in scores.folds.items()},
        error="",
        **effort,
    )


def _weights(
    row: Row,
    out: Path,
    data: Path | None,
    steps: int,
    fold: Fold | None,
    device: str,
    show: Callable[[str], None],
) -> tuple[ModelInfo, Effort]:
    """Return the weights of a row with its own training, after its missing steps, and what the training took."""
    options, name = dict(row.options), row.name
    if fold:
        options["fold"], name = fold, f"{row.name}-f{fold.number}of{fold.of}"
        steps = round(steps * row.longer)
    recipe = RECIPES[row.recipe].configured(**options)
    run, models = out / "runs" / f"{name}-{steps}", out / "models" / f"{steps}-steps"
    described = {"model": recipe.name, **recipe.facts(), "before": recipe.earlier_stages()}
    if can_resume(run, described, recipe, True) and averaged_weights(run)[1]["step"] == steps:
        show(f"{name}: already trained for {steps} steps.")
    else:
        show(f"{name}: training for {steps} steps.")
        train(recipe, run, data, steps, device=device)
    weights, trained = averaged_weights(run)
    if trained["step"] != steps:
        raise InputError(f"The run in {run} has {trained['step']} steps, not {steps}; choose another --out.")
    network = recipe.network()
    network.load_state_dict(weights)
    card = recipe.card()
    write_weights(network.eval(), name, models, card.terms, f"{card.summary} Ablation, {steps} steps.")
    update_manifest(models, name, {"network": recipe.kind})
    info = next(model for model in available(models) if model.name == name)
    return info, {"seconds": seconds_of(run), "device": trained["device"], "trained": steps}


def _read(path: Path, ablation: Ablation) -> dict[Place, Result]:
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        found = [Result.of(entry) for entry in kept["results"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} cannot be read; move it away, or choose another --out.") from error
    if kept.get("model") != ablation.model:
        raise InputError(f"{path.parent} has the ablation of {kept.get('model')}; choose another --out.")
    return {result.place: result for result in found}


def _write(out: Path, ablation: Ablation, results: dict[Place, Result], like: Result) -> None:
    kept = {"model": ablation.model, "results": [result.entry for result in results.values()]}
    partial = out / "table.partial"
    partial.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    partial.replace(out / TABLE)
    write_markdown(out / "table.md", markdown(ablation, shown(ablation, results, like), like.steps))
