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
from medvos_lab.bench.ablation_table import GIVEN_WEIGHTS, Result, markdown
from medvos_lab.bench.output import make_folder, write_markdown
from medvos_lab.loop import LOG
from medvos_lab.recipes import RECIPES
from medvos_lab.release import averaged_weights, model_store, update_manifest, write_weights
from medvos_lab.train import can_resume, train

TABLE = "table.json"


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
    device: str = "auto",
    show: Callable[[str], None] = lambda _: None,
) -> list[Result]:
    """Train and score the rows of an ablation one after another; write ``table.md`` and ``table.json`` into ``out``.

    Runs are kept in ``runs/NAME-STEPS`` and weights in ``models/STEPS-steps``. A training that was interrupted goes on,
    and one that has ended is used as it is. Results of another budget or of other cases stay in ``table.json`` and are
    not in the table. A row that fails is told in the table, and the next one follows.

    Parameters
    ----------
    ablation: one of `medvos_lab.ablations.ABLATIONS`.
    out: folder of the ablation.
    data: folder of the data sets; default as in `medvos_lab.datasets.data_root`.
    steps: of each training; default those of the ablation.
    rows: names of the rows to train and score; default all.
    cases: score the first so many cases of each data set; default all.
    weights: name of released weights. Nothing is trained then: the first row and all rows that share its weights, which
        change something at inference alone, are scored with these.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    show: told what is done.

    Returns
    -------
    The rows of the table, also those of earlier calls with the same budget and cases.

    Raises
    ------
    InputError: no such row, weights or device, a row that needs a training of its own, or ``out`` cannot be written or
        has another model's ablation.
    RowsFailedError: a row has failed, after the others.
    Cancelled: the user stopped the command; no other row is begun.

    Example
    -------
    >>> run(ABLATIONS["wu"], Path("runs/wu"), steps=500, rows=["k1", "k3"])
    """
    given = resolve(weights, RECIPES[ablation.rows[0].recipe].kind) if weights else None
    steps = GIVEN_WEIGHTS if given else steps or ablation.steps
    chosen = _chosen(ablation, rows, without_training=given is not None)
    judging = Judging(data, cases, out / "runs" / "cache", choose_device(device))
    make_folder(out)
    results = _read(out / TABLE, ablation)
    failed = []
    for row in chosen:
        place = (row.name, steps, cases)
        try:
            source = (given, {}) if given else _weights(ablation.trained(row), out, data, steps, device, show)
            results[place] = _result(ablation, row, source, judging, steps, results.get(place), show)
        except Exception as error:  # whatever it is, the rows after it can be right
            if _was_stopped(error):
                raise Cancelled from error
            said = str(error) if isinstance(error, InputError) else traceback.format_exc()
            show(f"{row.name} failed: {said}")
            failed.append(row.name)
            before = results.get(place)
            if before is None or before.error:  # a row that was scored stays scored
                results[place] = Result(row.name, steps, cases, error=str(error) or type(error).__name__)
        _write(out, ablation, results, steps, cases)
    if failed:
        raise RowsFailedError(
            f"{len(failed)} of {len(chosen)} rows failed ({', '.join(failed)}), as table.md in {out} says; the others "
            "are kept. Call the command again for those that failed."
        )
    return shown(ablation, results, steps, cases)


def _was_stopped(error: BaseException | None) -> bool:
    """Whether the user stopped the command: a worker that ends with it makes an error of its own out of that."""
    while error is not None and not isinstance(error, SystemExit | KeyboardInterrupt | Cancelled):
        error = error.__cause__ or error.__context__
    return error is not None


Place = tuple[str, int, int | None]  # row, steps, cases


def shown(ablation: Ablation, results: dict[Place, Result], steps: int, cases: int | None) -> list[Result]:
    """Return the results of one budget and one number of cases, in the order of the rows."""
    places = [(row.name, steps, cases) for row in ablation.rows]
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
    source: tuple[ModelInfo, dict[str, Any]],
    judging: Judging,
    steps: int,
    before: Result | None,
    show: Callable[[str], None],
) -> Result:
    """Score a row with its weights, and what their training took, as far as these weights are not scored."""
    info, effort = source
    if before is not None and not before.error and before.sha256 == info.sha256:
        show(f"{row.name}: already scored.")
        return replace(before, **effort)
    show(f"{row.name}: scoring.")
    with model_store(info.path.parent):
        scores: Scores = ablation.score(row, info, judging)
    metrics = {name: float(value) for name, value in scores.metrics.items()}
    paired = tuple(float(value) for value in scores.paired)
    return Result(row.name, steps, judging.cases, info.sha256, metrics, scores.cases, paired, **effort)


def _weights(
    row: Row, out: Path, data: Path | None, steps: int, device: str, show: Callable[[str], None]
) -> tuple[ModelInfo, dict[str, Any]]:
    """Return the weights of a row with its own training, after its missing steps, and what the training took."""
    recipe = RECIPES[row.recipe].configured(**row.options)
    run, models = out / "runs" / f"{row.name}-{steps}", out / "models" / f"{steps}-steps"
    described = {"model": recipe.name, **recipe.facts(), "before": recipe.earlier_stages()}
    if can_resume(run, described, recipe, True) and averaged_weights(run)[1]["step"] == steps:
        show(f"{row.name}: already trained for {steps} steps.")
    else:
        show(f"{row.name}: training for {steps} steps.")
        train(recipe, run, data, steps, device=device)
    weights, trained = averaged_weights(run)
    if trained["step"] != steps:
        raise InputError(f"The run in {run} has {trained['step']} steps, not {steps}; choose another --out.")
    network = recipe.network()
    network.load_state_dict(weights)
    card = recipe.card()
    write_weights(network.eval(), row.name, models, card.terms, f"{card.summary} Ablation, {steps} steps.")
    update_manifest(models, row.name, {"network": recipe.kind})
    info = next(model for model in available(models) if model.name == row.name)
    return info, {"seconds": seconds_of(run), "device": trained["device"]}


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
    return {(result.row, result.steps, result.cases): result for result in found}


def _write(out: Path, ablation: Ablation, results: dict[Place, Result], steps: int, cases: int | None) -> None:
    kept = {"model": ablation.model, "results": [result.entry for result in results.values()]}
    partial = out / "table.partial"
    partial.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    partial.replace(out / TABLE)
    write_markdown(out / "table.md", markdown(ablation, shown(ablation, results, steps, cases), steps))
