"""What an image shows: magnitude, or another of the images that scanners make of the same measurement.

DICOM tells it in ComplexImageComponent (PS3.3 C.8.13.3.1.2), in ImageType and FrameType, or in a vendor's own element.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

MAGNITUDE = "magnitude"
# Kinds in which blood and muscle differ as in a magnitude image, the best first.
ANATOMICAL = (MAGNITUDE, "water", "in phase", "opposed phase", "fat")

_COMPONENTS = {"PHASE": "phase", "REAL": "real part", "IMAGINARY": "imaginary part"}
# Parts of ImageType and FrameType. Siemens, Philips, GE and Canon write the first letters or whole words.
_PARTS = {
    "P": "phase",
    "PHASE": "phase",
    "PHASE MAP": "phase",
    "PHASE_MAP": "phase",
    "R": "real part",
    "REAL": "real part",
    "I": "imaginary part",
    "IMAG": "imaginary part",
    "IMAGINARY": "imaginary part",
    "VELOCITY": "velocity map",
    "VELOCITY MAP": "velocity map",
    "VELOCITY_MAP": "velocity map",
    "PCA": "velocity map",
    "F": "fat",
    "FAT": "fat",
    "W": "water",
    "WATER": "water",
    "IP": "in phase",
    "IN_PHASE": "in phase",
    "OP": "opposed phase",
    "OPP_PHASE": "opposed phase",
    "OUT_PHASE": "opposed phase",
    "FF": "map",
    "FAT_FRACTION": "map",
    "ECV": "map",
    "ADC": "map",
    "PSIR": "phase-sensitive inversion recovery",
    "MNMAG": "phase-sensitive inversion recovery",
    "SUBTRACTION": "subtraction",
    "SUB": "subtraction",
    "MIP": "projection",
    "MPR": "reformatted image",
    "PROJECTION IMAGE": "projection",
}
# What GE writes at (0043,102F).
_GE = {1: "phase", 2: "real part", 3: "imaginary part"}
_MAP = re.compile(r"(^|[ _])(T1|T2|T2\*|T2[ _]?STAR|T1RHO|R1|R2|R2\*|B0|B1|T0)[ _]?MAP")
_LETTER = re.compile(r"([PRI])_(FFE|SE|IR|PCA|EPI|TFE|B0|B1)")
# Siemens names the velocity that a sequence encodes: `fl2d1_v150in` through the plane, `_v100fh` along an axis.
# A description that ends so; `phase 3` is one of the phases of the beat.
_PHASE_AT_END = re.compile(r"(^|[_\W])(phase|pha|p)$")
_VELOCITY_ENCODED = re.compile(r"_v\d+(in|fh|rl|ap|\b)")


def kind_of(
    image_type: Iterable[str], component: str, ge_type: int | None, sequence: str, description: str = ""
) -> str:
    """Return what an image shows, in words; `MAGNITUDE` where nothing says otherwise.

    Parameters
    ----------
    image_type: the values of ImageType and of FrameType.
    component: ComplexImageComponent, or ''.
    ge_type: the value of GE's element (0043,102F), or None.
    sequence: SequenceName.
    description: SeriesDescription, which counts where all else is silent.

    >>> kind_of(["ORIGINAL", "PRIMARY", "P_FFE", "P", "FFE"], "", None, "")
    'phase'
    """
    if component.upper() in _COMPONENTS:
        return _COMPONENTS[component.upper()]
    parts = [part.strip().upper() for part in image_type]
    # M_PCA is the magnitude of a velocity measurement.
    if any(re.fullmatch(r"M(_\w+)?|MAG|MAGNITUDE", part) for part in parts) or component.upper() == "MAGNITUDE":
        parts = [part for part in parts if _PARTS.get(part) not in ("velocity map", "phase")]
    for part in parts:
        if part in _PARTS:
            return _PARTS[part]
        if _MAP.search(part):
            return "map"
        if letter := _LETTER.fullmatch(part):
            return _PARTS[letter[1]]
    if ge_type in _GE:
        return _GE[ge_type]
    if _PHASE_AT_END.search(description.lower()):
        return "phase"
    if _VELOCITY_ENCODED.search(sequence.lower()) and not any(part in ("M", "MAG") for part in parts):
        return "velocity map"
    return MAGNITUDE


def is_inverted(data: Any) -> bool:
    """Return whether the largest stored value of a grey image is shown black: MONOCHROME1, or an inverse LUT shape.

    >>> is_inverted(pydicom.dcmread("film.dcm"))  # doctest: +SKIP
    False
    """
    if int(data.get("SamplesPerPixel") or 1) > 1:
        return False
    shape = str(data.get("PresentationLUTShape") or "").strip().upper()
    colours = str(data.get("PhotometricInterpretation") or "").strip().upper()
    return {"MONOCHROME1": True, "MONOCHROME2": shape == "INVERSE"}.get(colours, False)
