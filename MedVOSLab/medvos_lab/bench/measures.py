"""Measures benchmark: measures from exact masks against exact values and independent computations."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import regionprops

from medvos.errors import InputError
from medvos.measure.measure import measure
from medvos.measure.rates import peak_rates
from medvos.measure.simpson import long_axis, single_plane
from medvos.structures import LV, RV
from medvos.synth.ejected_fraction import ejected_fraction
from medvos.synth.heart import synthetic_heart
from medvos.synth.parameters import HeartParameters
from medvos_lab.bench.output import make_folder, markdown_table, write_markdown
from medvos_lab.bench.segments_plot import write_segments_plot
from medvos_lab.bench.slice_errors import (
    DISTANCES_MM,
    NAMES,
    GapError,
    SliceError,
    gap_errors,
    slice_errors,
    write_slice_plot,
)
from medvos_lab.datasets.acdc import acdc_cases
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.datasets.root import dataset_folder

RATE_HEARTS = 200
RATE_PHASES = 25
RATE_JITTER = 0.01  # of EDV
DRAWN_PATIENTS = ("patient024", "patient044")  # a thick septum, and an infarct of septum and apex


def run(data: Path | None, out: Path) -> dict[str, Any]:
    """Write ``measures.md``, ``measures.json``, ``slices.png`` and two images of segments.

    Returns
    -------
    What the JSON holds.

    Raises
    ------
    InputError: no such data folder, or ``out`` cannot be written.
    """
    cases, echo = list(acdc_cases(data, "all")), echo_agreement(data)
    make_folder(out)
    errors, gaps = slice_errors(), gap_errors()
    write_slice_plot(out / "slices.png", errors)
    found = {
        "slices": [asdict(error) for error in errors],
        "missing slices": [asdict(gap) for gap in gaps],
        "rates": rate_errors(),
        "acdc": acdc_agreement(cases),
        "echo": echo,
    }
    heart = synthetic_heart(3, shape=(4, 10, 120, 120), spacing=(9.0, 1.8, 1.8), kind="healthy")
    beating = measure(heart.labels, heart.cine)
    synthetic = LabelledCine("synthetic", heart.cine, heart.labels, "")
    drawn = [(case, 0, 1) for case in cases if case.name in DRAWN_PATIENTS]
    write_segments_plot(out / "segments-acdc.png", drawn)
    write_segments_plot(out / "segments-synthetic.png", [(synthetic, beating.ed or 0, beating.es or 0)])
    (out / "measures.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    write_markdown(out / "measures.md", _markdown(errors, gaps, found))
    return found


def rate_errors(rng_seed: int = 0) -> dict[str, dict[str, float]]:
    """Return errors in % of peak ejection and filling rates of random hearts, volumes in error by 1 % of EDV."""
    rng = np.random.default_rng(rng_seed)
    errors = []
    for _ in range(RATE_HEARTS):
        heart = HeartParameters.random(rng)
        period = 60_000 / heart.heart_rate
        times, fine = (np.arange(n) * period / n for n in (RATE_PHASES, 4000))
        exact, slope = _volumes(heart, times / period), np.gradient(_volumes(heart, fine / period), fine / 1000)
        rates = peak_rates(times, exact + rng.normal(0, RATE_JITTER * heart.lv_edv, RATE_PHASES), period)
        errors.append([100 * (rates[0] / -slope.min() - 1), 100 * (rates[1] / slope.max() - 1)])
    return {
        name: {"bias": float(np.mean(e)), "spread": float(np.std(e))}
        for name, e in zip(("PER", "PFR"), np.array(errors).T, strict=True)
    }


def acdc_agreement(cases: list[LabelledCine]) -> dict[str, float]:
    """Return the largest difference between measures of expert masks and scikit-image's region properties."""
    volumes, fractions = [0.0], [0.0]
    for case in cases:
        measures = measure(case.labels, case.cine, ed=0, es=1)
        for name, label in (("LV", LV), ("RV", RV)):
            edv, esv = (_region_ml(phase == label, case.cine.spacing) for phase in case.labels)
            volumes += [abs(measures[f"{name}{v}"].value - other) for v, other in (("EDV", edv), ("ESV", esv))]  # type: ignore[operator]
            fractions.append(abs(measures[f"{name}EF"].value - 100 * (1 - esv / edv)))  # type: ignore[operator]
    return {"patients": len(cases), "largest mL": max(volumes), "largest EF points": max(fractions)}


def echo_agreement(data: Path | None) -> dict[str, float]:
    """Return Simpson's volumes and EF of EchoNet's expert masks beside those of the area-length formula, in pixels."""
    path = dataset_folder(data, "echonet_edes") / "train.npz"
    if not path.is_file():
        raise InputError(f"There is no {path.name} in {path.parent}; set MEDVOS_DATA to the folder that holds it.")
    with np.load(path) as file:
        masks = np.unpackbits(file["mask"], axis=-1)[..., :112].astype(bool)  # (N, ED and ES, Y, X)
    upright, simpson, area_length = [], [], []
    for pair in masks:
        axes = [long_axis(mask, (1.0, 1.0)) for mask in pair]
        if axes[0] is None or axes[1] is None:
            continue
        upright += [axis.apex[0] < axis.base[0] for axis in axes if axis is not None]
        simpson.append([single_plane(mask, (1.0, 1.0)) for mask in pair])
        area_length.append([8 * m.sum() ** 2 / (3000 * np.pi * a.length) for m, a in zip(pair, axes, strict=True) if a])
    disks, formula = np.array(simpson, float), np.array(area_length, float)
    ef, other = (100 * (1 - v[:, 1] / v[:, 0]) for v in (disks, formula))
    return {
        "clips": len(masks),
        "measured": len(disks),
        "apex up, %": 100 * float(np.mean(upright)),
        "volume, Simpson / area-length": float(np.median(disks / formula)),
        "EF mean": float(ef.mean()),
        "EF standard deviation": float(ef.std()),
        "EF, mean absolute difference to area-length": float(np.abs(ef - other).mean()),
        "EF, correlation with area-length": float(np.corrcoef(ef, other)[0, 1]),
    }


def _volumes(heart: HeartParameters, beat: NDArray[np.float64]) -> NDArray[np.float64]:
    return heart.lv_edv * (1 - heart.lv_ef / 100 * ejected_fraction(beat, heart.systole, heart.diastasis))


def _region_ml(mask: NDArray[np.bool_], spacing: tuple[float, float, float]) -> float:
    regions = regionprops(mask.astype(np.uint8), spacing=spacing)
    return float(regions[0].area) / 1000 if regions else 0.0


def _markdown(errors: list[SliceError], gaps: list[GapError], found: dict[str, Any]) -> list[str]:
    """Return the tables of the documentation."""
    rows = [
        (f"{distance:g}", *(f"{e.mean:.2f} ({e.worst:.2f})" for e in errors if e.distance_mm == distance))
        for distance in DISTANCES_MM
    ]
    lines = markdown_table(("mm between slices", *NAMES), rows, left=0)
    left_out = [(gap.missing, f"{gap.distance_mm:g}", f"{gap.mean:.2f} ({gap.worst:.2f})") for gap in gaps]
    lines += ["", *markdown_table(("missing", "mm between slices", "LVEF"), left_out)]
    rates = ", ".join(f"{name} {e['bias']:+.0f} ± {e['spread']:.0f} %" for name, e in found["rates"].items())
    lines += ["", f"Rates: {rates}."]
    for title in ("acdc", "echo"):
        lines += ["", *markdown_table((title, ""), [(name, f"{value:.4g}") for name, value in found[title].items()])]
    return lines
