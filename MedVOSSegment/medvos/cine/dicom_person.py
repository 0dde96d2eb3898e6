"""Read sex, age and body size from DICOM, which the measures need, without identifying the patient."""

from __future__ import annotations

import re
from typing import Any

from medvos.cine.dicom_values import number

# Higher ages identify a person and are recorded as this one (45 CFR 164.514, safe harbor).
OLDEST_TOLD = 90
# From a newborn to the tallest and heaviest adults.
HEIGHTS_CM, WEIGHTS_KG = (30.0, 260.0), (1.0, 500.0)


def person_of(data: Any) -> dict[str, Any]:
    """``sex`` F or M, ``age_years`` in whole years up to 90, ``height_cm`` and ``weight_kg``; None where not stated.

    What no person can be was not filled in, as a height of 0.
    """
    sex = str(data.get("PatientSex") or "").strip().upper()
    return {
        "sex": sex if sex in ("F", "M") else None,
        "age_years": _years(str(data.get("PatientAge") or "")),
        "height_cm": _plausible(data.get("PatientSize"), 100.0, HEIGHTS_CM),
        "weight_kg": _plausible(data.get("PatientWeight"), 1.0, WEIGHTS_KG),
    }


def _years(age: str) -> int | None:
    """Whole years of an age string such as ``045Y`` or ``018M``."""
    parts = re.fullmatch(r"(\d{3})([DWMY])", age.strip().upper())
    if parts is None:
        return None
    years = int(parts[1]) // {"D": 365, "W": 52, "M": 12, "Y": 1}[parts[2]]
    return min(years, OLDEST_TOLD)


def _plausible(stored: Any, factor: float, limits: tuple[float, float]) -> float | None:
    try:
        value = number(stored)
    except (TypeError, ValueError):  # the images are useful without it
        return None
    scaled = None if value is None else value * factor
    return scaled if scaled is not None and limits[0] <= scaled <= limits[1] else None
