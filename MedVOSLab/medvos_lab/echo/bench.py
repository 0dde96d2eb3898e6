"""Echo benchmark: baselines and networks side by side on EchoNet-Dynamic's validation pairs and clips, and on CAMUS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.evaluate.metrics import agreement
from medvos.models.device import choose_device
from medvos.structures import name_of
from medvos_lab.bench.camus_scores import PHASES, on_camus
from medvos_lab.bench.drawn import at_hand
from medvos_lab.bench.output import make_folder, markdown_table, to_csv, write_markdown
from medvos_lab.datasets.camus import NUMBERS, CamusStudy, camus_studies
from medvos_lab.datasets.echonet import EchoClip, EchoPairs, echonet_clips, echonet_pairs
from medvos_lab.echo.methods import NAMES, EchoMethod, echo_method
from medvos_lab.echo.scores import clip_scores, ejection_fraction, overlap

PAIR_COLUMNS = (
    "Dice ED",
    "Dice ES",
    "J ES",
    "F ES",
    "HD95 ES",
    "EF error",
    "EF median error",
    "EF bias",
    "EF SD",
    "EF r",
)
CAMUS_COLUMNS = (
    *(f"{name_of(label)} {phase}" for label in NUMBERS.values() for phase in PHASES),
    "EF, mean absolute error in points",
    "EF, median absolute error in points",
    "EF, bias in points",
    "EF not known",
)
CLIP_COLUMNS = (
    "rate",
    "rate of the images",
    "ED frames off",
    "ES frames off",
    "jump",
    "EF",
    "EF of the expert",
    "Dice ED",
    "Dice ES",
)
ABSENT = "no weights here"

Metrics = dict[str, float]


def run(
    data: Path | None, out: Path, models: Sequence[str] = (), pairs: int | None = None, device: str = "auto"
) -> dict[str, Metrics | None]:
    """Score methods and write ``echo.csv`` and ``echo.md`` into ``out``.

    Parameters
    ----------
    data: folder of the data sets.
    out: made where it does not exist.
    models: as of `medvos_lab.echo.methods`; default all.
    pairs: so many of the validation pairs and studies; default all.
    device: where networks run.

    Returns
    -------
    Method to its metrics, None where its weights are not at hand.

    Raises
    ------
    InputError: no such data or device, or ``out`` cannot be written.
    """
    choose_device(device)
    drawn, clips, studies = validation_data(data, pairs)
    make_folder(out)
    rows: dict[str, Metrics | None] = {}
    for name in models or NAMES:
        rows[name] = score(echo_method(name, device), drawn, clips, studies) if at_hand(name) else None
        # After each method, since the whole takes long.
        (out / "echo.csv").write_text(to_csv(_with_names(rows)), encoding="utf-8")
        write_markdown(out / "echo.md", _markdown(rows, len(drawn), len(studies), clips))
    return rows


def validation_data(data: Path | None, count: int | None = None) -> tuple[EchoPairs, list[EchoClip], list[CamusStudy]]:
    """Return EchoNet's validation pairs and clips, and CAMUS's validation studies; ``count`` pairs and studies.

    Raises
    ------
    InputError: the data are not there.
    """
    pairs, clips, studies = echonet_pairs(data), echonet_clips(data), list(camus_studies(data))
    return EchoPairs(pairs.images[:count], pairs.masks[:count]), clips, studies[:count]


def score(method: EchoMethod, pairs: EchoPairs, clips: Sequence[EchoClip], studies: Sequence[CamusStudy]) -> Metrics:
    """Return the metrics of one method; those of clips end in the clip's number, those of CAMUS begin with its name."""
    return (
        on_pairs(segmented(method, pairs), pairs, method.drawn)
        | on_camus(method.study, studies, method.structures, method.drawn)
        | on_clips(method, clips)
    )


def segmented(method: EchoMethod, pairs: EchoPairs) -> list[NDArray[np.bool_]]:
    """Return the masks (2, Y, X) of each pair."""
    return [method.pair(frames, masks[0]) for frames, masks in zip(pairs.images, pairs.masks, strict=True)]


def on_pairs(found: Sequence[NDArray[np.bool_]], pairs: EchoPairs, drawn: bool = False) -> Metrics:
    """Return means over `segmented` pairs; the ED frame is not judged where it was drawn."""
    both = list(zip(found, pairs.masks, strict=True))
    es = [overlap(masks[1], truth[1]) for masks, truth in both]
    ed = float("nan") if drawn else float(np.mean([overlap(m[0], t[0])["Dice"] for m, t in both]))
    means = {f"{name} ES": float(np.nanmean([scores[name] for scores in es])) for name in es[0]}
    fractions = [[ejection_fraction(masks) for masks in side] for side in zip(*both, strict=True)]
    return {"Dice ED": ed, **means, **agreement(fractions[0], fractions[1])}


def on_clips(method: EchoMethod, clips: Sequence[EchoClip]) -> Metrics:
    """Return the metrics of each clip; their names end in its number."""
    row: Metrics = {}
    for number, clip in enumerate(clips, start=1):
        found = clip_scores(clip, method.clip(clip.frames, clip.rate, clip.ed, clip.masks[0]))
        row |= {f"{name}, clip {number}": value for name, value in found.items()}
    return row


def _with_names(rows: Mapping[str, Metrics | None]) -> list[dict[str, float | str]]:
    columns = list(dict.fromkeys(name for row in rows.values() if row for name in row))
    known = {name: row or {} for name, row in rows.items()}
    return [{"method": name, **{c: row.get(c, float("nan")) for c in columns}} for name, row in known.items()]


def _markdown(rows: Mapping[str, Metrics | None], pairs: int, studies: int, clips: Sequence[EchoClip]) -> list[str]:
    lines = ["# Echo", "", f"{pairs} pairs, HD95 in pixels, EF in points.", "", *_table(rows, PAIR_COLUMNS)]
    lines += ["", f"CAMUS, Dice in {studies} studies.", "", *_table(rows, CAMUS_COLUMNS, "CAMUS ")]
    for number, clip in enumerate(clips, start=1):
        lines += ["", f"Clip {clip.name}, {len(clip.frames)} frames.", ""]
        lines += _table(rows, CLIP_COLUMNS, after=f", clip {number}")
    return lines


def _table(rows: Mapping[str, Metrics | None], columns: Sequence[str], before: str = "", after: str = "") -> list[str]:
    cells = [
        (name, ABSENT)
        if row is None
        else (name, *(_cell(column, row.get(before + column + after, float("nan"))) for column in columns))
        for name, row in rows.items()
    ]
    return markdown_table(("method", *columns), cells)


def _cell(column: str, value: float) -> str:
    if np.isnan(value):
        return "–"
    if column.startswith(("Dice", "J ", "F ", "EF r")) or column.endswith(PHASES):
        return f"{value:.3f}"
    return f"{value:.0f}" if "frames off" in column or column == "EF not known" else f"{value:.1f}"
