"""Corrections benchmark: the expert draws the most uncertain slice, and the correction is propagated."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.cine.seed import Seed
from medvos.evaluate.metrics import dice
from medvos.models.device import choose_device
from medvos.models.store import resolve
from medvos.progress import Progress
from medvos.propagation.propagate import propagate
from medvos.result import Result
from medvos_lab.bench.accuracy import DEFAULT_DATA_SETS
from medvos_lab.bench.case_by_case import score_cases
from medvos_lab.bench.output import markdown_table
from medvos_lab.bench.protocol import Trial, prepare


@dataclass(frozen=True)
class Correction:
    """One correction in one case.

    Attributes
    ----------
    case: its name.
    phase, slice: what was corrected: of the labelled slices the one with the highest slice score.
    before, after: mean Dice of the structures over the neighbours, the corrected slice itself left out: the same
        slice at the other phases and the slices above and below at all phases, where they are labelled.
    frames: frames that were segmented again, as a fraction of those of the whole run.
    seconds: time of the correction as a fraction of that of the whole run.
    """

    case: str
    phase: int
    slice: int
    before: float
    after: float
    frames: float
    seconds: float


def run(
    data: Path | None,
    out: Path,
    model: str = "cstm",
    *,
    data_sets: Sequence[str] = DEFAULT_DATA_SETS,
    device: str = "auto",
) -> dict[str, list[Correction]]:
    """Correct one slice of every case and write ``corrections.csv`` and ``corrections.md`` into ``out``.

    Raises
    ------
    InputError: no such data folder, network or device, or ``out`` cannot be written.
    """
    resolve(model, "cstm", "tcmn")
    choose_device(device)
    return score_cases(
        data, out, "corrections", data_sets, lambda case: _correct(prepare(case), model, device), asdict, _markdown
    )


def _correct(trial: Trial, model: str, device: str) -> Correction:
    cine, truth = trial.case.cine, trial.case.labels
    first, frames, seconds = _timed(trial, trial.seed, model, device, None)
    known = _judged(trial)
    scores = np.where(known & (truth > 0).any((2, 3)), first.slice_scores, -1.0)
    phase, z = (int(i) for i in np.unravel_index(scores.argmax(), scores.shape))
    labels = trial.seed.labels.copy()
    labels[phase, z] = np.where(np.isin(truth[phase, z], trial.case.structures), truth[phase, z], 0)
    drawn = trial.seed.drawn.copy()
    drawn[phase, z] = True
    second, some_frames, some_seconds = _timed(trial, Seed(labels, drawn), model, device, first)
    beside = known & (np.abs(np.arange(cine.shape[1]) - z) <= 1)
    beside[phase, z] = False
    return Correction(
        trial.case.name,
        phase,
        z,
        _mean_dice(first.labels[beside], truth[beside], trial.case.structures),
        _mean_dice(second.labels[beside], truth[beside], trial.case.structures),
        some_frames / frames,
        some_seconds / seconds,
    )


def _judged(trial: Trial) -> NDArray[np.bool_]:
    """Return (T, Z) bool: frames other than the seed in which all structures of the case are judged."""
    return np.logical_and.reduce([trial.scored(structure) for structure in trial.case.structures])


def _timed(trial: Trial, seed: Seed, model: str, device: str, previous: Result | None) -> tuple[Result, int, float]:
    """Return the result, the number of frames segmented for it (0 where the drawing is unchanged) and its seconds."""
    reports: list[Progress] = []
    began = time.perf_counter()
    result = propagate(trial.case.cine, seed, model=model, device=device, progress=reports.append, previous=previous)
    return result, reports[-1].total if reports else 0, time.perf_counter() - began


def _mean_dice(found: NDArray[np.uint8], truth: NDArray[np.uint8], structures: tuple[int, ...]) -> float:
    return float(np.mean([dice(found == structure, truth == structure) for structure in structures]))


def _markdown(found: dict[str, list[Correction]]) -> list[str]:
    rows = []
    for name, corrections in found.items():
        before, after, frames, seconds = (
            np.mean([getattr(correction, key) for correction in corrections])
            for key in ("before", "after", "frames", "seconds")
        )
        better = sum(correction.after > correction.before for correction in corrections)
        counts = len(corrections), f"{before:.3f}", f"{after:.3f}", f"{better} of {len(corrections)}"
        rows.append((name, *counts, f"{frames:.0%}", f"{seconds:.0%}"))
    header = ("data", "cases", "neighbours' Dice before", "after", "better in", "frames", "time")
    return ["# One corrected slice", "", *markdown_table(header, rows)]
