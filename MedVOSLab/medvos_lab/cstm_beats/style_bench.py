"""Style benchmark: each validation heart seeded in several styles of drawing, its EF compared with that style's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from medvos.evaluate.metrics import NOT_LABELLED
from medvos.models.device import choose_device
from medvos.models.store import resolve
from medvos.propagation.second_opinion import second_opinion_of
from medvos.propagation.settings import PropagationSettings
from medvos.structures import LV, MYO, RV
from medvos_lab.bench.output import make_folder, markdown_table, to_csv, write_markdown
from medvos_lab.cstm_beats.bench import BeatScores, Segment, chosen_network, in_papillary_style, propagated, score_beat
from medvos_lab.datasets.acdc_beats import acdc_beats
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.style import redrawn

AS_DRAWN = "as drawn"
MOVED_PX = 1.0  # of the endocardium, in native pixels of 1.3 to 1.7 mm


@dataclass(frozen=True)
class StyleRow:
    """One style over the patients who have it.

    Attributes
    ----------
    cases: number of patients.
    true_ef: mean EF of the truth in this style, in percent.
    bias, error: mean and mean absolute difference of EF, found minus true, in points.
    dice: mean LV Dice at ES.
    difference, true_difference: mean of EF in this style minus EF as drawn in the same patients, in points.
    """

    cases: int
    true_ef: float
    bias: float
    error: float
    dice: float
    difference: float
    true_difference: float


def moved_endocardium(case: LabelledCine, pixels: float) -> LabelledCine:
    """Return the case with the LV's border moved outwards by some pixels (inwards if negative) at labelled phases."""
    labels = case.labels.copy()
    for frame in labels.reshape(-1, *labels.shape[2:]):
        if (frame == LV).any() and not (frame == NOT_LABELLED).any():
            frame[...] = redrawn(frame, (RV, MYO, LV), pixels, 0, 0)
    return replace(case, labels=labels)


STYLES: dict[str, Callable[[LabelledCine], LabelledCine | None]] = {
    AS_DRAWN: lambda case: case,
    "papillary muscles as myocardium": in_papillary_style,
    "endocardium further out": lambda case: moved_endocardium(case, MOVED_PX),
    "endocardium further in": lambda case: moved_endocardium(case, -MOVED_PX),
}


def run(
    data: Path | None, out: Path, model: str = "cstm", cases: int | None = None, *, device: str = "auto"
) -> dict[str, StyleRow]:
    """Segment ACDC's validation patients through the beat from a seed in each style; write ``style.md``, ``.csv``.

    Parameters
    ----------
    data: folder that holds the data sets; default as `medvos_lab.datasets.data_root` has it.
    out: folder for the tables.
    model: released model, or folder of a training.
    cases: the first so many patients; default all.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Returns
    -------
    Style to its row.

    Raises
    ------
    InputError: no such data, network or device, or ``out`` cannot be written.

    Example
    -------
    >>> run(None, Path("style"), cases=4)["as drawn"].bias
    """
    where = choose_device(device)
    second = None if Path(model).is_dir() else second_opinion_of(resolve(model, "cstm"), where)
    segment = propagated(chosen_network(model, where), PropagationSettings(), where, second)
    make_folder(out)
    began = time.monotonic()
    scores = measure(segment, (beat.cropped() for beat in islice(acdc_beats(data), cases)))
    rows = {style: summary(found, scores[AS_DRAWN]) for style, found in scores.items() if found}
    write_markdown(
        out / "style.md", [*_markdown(model, rows), "", f"{time.monotonic() - began:.0f} s on {where.type}."]
    )
    (out / "style.csv").write_text(to_csv(_patients(scores)), encoding="utf-8")
    return rows


def measure(segment: Segment, cases: Iterable[LabelledCine]) -> dict[str, list[BeatScores]]:
    """Return the scores of each patient by style; a patient whose muscles do not contrast has no papillary style."""
    scores: dict[str, list[BeatScores]] = {style: [] for style in STYLES}
    for case in cases:
        for style, drawn_in in STYLES.items():
            styled = drawn_in(case)
            if styled is not None:
                scores[style].append(score_beat(styled, segment(styled)))
    return scores


def summary(scores: list[BeatScores], as_drawn: list[BeatScores]) -> StyleRow:
    """Return the means of one style; differences are those of the same patients."""
    found, true = np.array([score.ef for score in scores]).T
    of_name = {score.name: score.ef for score in as_drawn}
    found_as_drawn, true_as_drawn = np.array([of_name[score.name] for score in scores]).T
    return StyleRow(
        len(scores),
        float(true.mean()),
        float((found - true).mean()),
        float(np.abs(found - true).mean()),
        float(np.mean([score.dice["LV"] for score in scores])),
        float((found - found_as_drawn).mean()),
        float((true - true_as_drawn).mean()),
    )


def _markdown(model: str, rows: dict[str, StyleRow]) -> list[str]:
    header = ("seed drawn", "cases", "true EF", "EF bias", "EF error", "LV at ES", "EF minus as drawn", "in the truth")
    cells = [
        [
            style,
            str(row.cases),
            f"{row.true_ef:.1f}",
            f"{row.bias:+.1f}",
            f"{row.error:.1f}",
            f"{row.dice:.3f}",
            f"{row.difference:+.1f}",
            f"{row.true_difference:+.1f}",
        ]
        for style, row in rows.items()
    ]
    return [f"# Styles of drawing, {Path(model).name}", "", *markdown_table(header, cells)]


def _patients(scores: dict[str, list[BeatScores]]) -> list[dict[str, float | str]]:
    return [
        {"style": style, "patient": score.name, "EF found": score.ef[0], "EF true": score.ef[1], **score.dice}
        for style, found in scores.items()
        for score in found
    ]
