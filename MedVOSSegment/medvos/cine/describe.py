"""Describe a cine in words, without anything that identifies the patient."""

from __future__ import annotations

import numpy as np

from medvos.cine.cine import Cine
from medvos.cine.contents import contents_table
from medvos.cine.geometry import direction_name

KINDS = {
    "dicom": "DICOM",
    "nifti": "NIfTI",
    "nrrd": "NRRD sequence",
    "video": "video",
    "synthetic": "synthetic heart",
    "array": "array",
}

# mm. Animals are imaged with smaller pixels; stacks of three slices across a heart have thicker ones.
ADULT_PIXEL, THIN_SLICE = 0.9, 3.0
LEAST_DEPTH, LEAST_WIDTH, LARGEST = 40.0, 70.0, 700.0


def describe(cine: Cine) -> str:
    """Return several lines of text: phases, slices, spacing, timing, orientation, series used and left out, notes."""
    rows = [
        ("Kind", ", ".join([KINDS.get(cine.source.kind, cine.source.kind), *_scanner(cine)])),
        ("Phases", _phases(cine)),
        ("Heart rate", _heart_rate(cine)),
        ("Slices", _slices(cine)),
        ("Image", _image(cine)),
        ("Covers", _extent(cine)),
        # An ultrasound image has no place in the patient.
        *([] if cine.is_echo or cine.source.kind == "video" else [("Orientation", _orientation(cine))]),
        ("Intensities", f"{cine.array.min():g} to {cine.array.max():g}, mean {cine.array.mean():.1f}"),
    ]
    if "series" in cine.source.description:
        rows.append(("Series used", cine.source.description["series"]))
    if len(cine.source.views.all) == 1:  # of several the notes tell
        rows.append(("Region", f"{cine.source.views.all[0]}".partition(" (")[2].removesuffix(")")))
    width = max(len(label) for label, _ in rows) + 2
    lines = [f"{label:<{width}}{text}" for label, text in rows]
    notes = [*_on_extent(cine), *cine.source.notes]
    lines += [f"{'Notes' if k == 0 else '':<{width}}{note}" for k, note in enumerate(notes)]
    # One series alone is told above.
    table = contents_table(cine.source.contents) if len(cine.source.contents) > 1 else ""
    return "\n".join([*lines, *(["", table] if table else [])])


def _scanner(cine: Cine) -> list[str]:
    return [cine.source.description[key] for key in ("modality", "scanner") if key in cine.source.description]


def _phases(cine: Cine) -> str:
    steps = np.diff(cine.times)
    even = np.ptp(steps) < 0.05 * steps.mean()
    apart = f"{steps.mean():.1f} ms apart" if even else f"{steps.min():.1f} to {steps.max():.1f} ms apart"
    return f"{cine.shape[0]}, {apart}, over {cine.period:.0f} ms"


def _heart_rate(cine: Cine) -> str:
    return f"{cine.source.heart_rate:.0f} per minute" if cine.source.heart_rate else "not known"


def _slices(cine: Cine) -> str:
    slices = cine.shape[1]
    return f"{slices}, {cine.spacing[0]:.2f} mm between centres" if slices > 1 else "1"


def _image(cine: Cine) -> str:
    _, _, y, x = cine.shape
    if not cine.source.spacing_known:
        return f"{x} x {y} pixels of unknown size"
    return f"{x} x {y} pixels of {cine.spacing[2]:.3f} x {cine.spacing[1]:.3f} mm"


def _extent(cine: Cine) -> str:
    if not cine.source.spacing_known:
        return "not known"
    _, z, y, x = cine.shape
    sizes = np.array([x, y, z]) * cine.spacing[::-1]
    return " x ".join(f"{mm:.0f}" for mm in sizes[: 3 if z > 1 else 2]) + " mm"


def _on_extent(cine: Cine) -> list[str]:
    """Return a note, in a list, where a stack covers less than a person's heart, or more than a person."""
    depth, height, width = (n * mm for n, mm in zip(cine.shape[1:], cine.spacing, strict=True))
    stack = cine.source.spacing_known and not cine.is_echo and cine.shape[1] > 1
    adult = max(cine.spacing[1:]) >= ADULT_PIXEL
    thin = adult and cine.spacing[0] < THIN_SLICE and depth < LEAST_DEPTH
    small = adult and min(height, width) < LEAST_WIDTH
    if not stack or not (thin or small or max(depth, height, width) > LARGEST):
        return []
    return [
        "A person's heart hardly fits what it covers: the pixel size or the slice distance in the file may be wrong, "
        "and with it all volumes and masses."
    ]


def _orientation(cine: Cine) -> str:
    if cine.source.kind == "video":
        return "none, a video has no place in the patient"
    right, down, through = cine.affine[:3, :3].T
    words = f"image right is {direction_name(right)}, down is {direction_name(down)}"
    return words + (f", slices run {direction_name(through)}" if cine.shape[1] > 1 else "")
