"""Data of the person that index and reference ranges need; nothing that identifies the person."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal

from medvos.cine.cine import Cine
from medvos.cine.dicom_person import HEIGHTS_CM, WEIGHTS_KG
from medvos.cine.timing import BEATS_PER_MINUTE
from medvos.errors import InputError

Sex = Literal["F", "M"]
PLAUSIBLE = {"age_years": (0, 120), "height_cm": HEIGHTS_CM, "weight_kg": WEIGHTS_KG, "heart_rate": BEATS_PER_MINUTE}


@dataclass(frozen=True)
class Subject:
    """Sex, age in whole years, body size and heart rate in beats per minute; None where not known.

    Raises
    ------
    InputError: an implausible number.
    """

    sex: Sex | None = None
    age_years: int | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    heart_rate: float | None = None

    def __post_init__(self) -> None:
        if self.sex not in ("F", "M", None):
            raise InputError(f"The sex '{self.sex}' has no reference ranges: give F or M, or leave it out.")
        for name, (low, high) in PLAUSIBLE.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                what, _, unit = name.partition("_")
                words = "heart rate" if name == "heart_rate" else f"{what} in {unit}"
                raise InputError(f"The {words} is {value:g}, which is not between {low:g} and {high:g}: correct it.")

    @property
    def body_surface_area(self) -> float | None:
        """m² by Mosteller 1987 (N Engl J Med 317:1098), or None without height and weight."""
        if self.height_cm is None or self.weight_kg is None:
            return None
        return math.sqrt(self.height_cm * self.weight_kg / 3600)


def subject_of(cine: Cine, given: Subject | None = None) -> Subject:
    """Return the data of the person in the cine's files, replaced by what is ``given``."""
    source = cine.source
    found = {field.name: getattr(source, field.name) for field in fields(Subject)}
    replaced = {} if given is None else {name: getattr(given, name) for name in found}
    known = {name: value for name, value in replaced.items() if value is not None}
    return Subject(**{**found, **known})


def stating(cine: Cine, subject: Subject) -> Cine:
    """Return the cine as if its files stated these facts of the person and no others, so that none comes back.

    The period of a stack without a heart rate is an assumption, and follows the rate that is stated now.

    >>> subject_of(stating(cine, Subject(sex="F")))  # doctest: +SKIP
    Subject(sex='F', age_years=None, height_cm=None, weight_kg=None, heart_rate=None)
    """
    stated = replace(cine, source=replace(cine.source, **asdict(subject)))
    if cine.is_echo or cine.source.heart_rate is not None or subject.heart_rate is None:
        return stated
    period = 60_000 / subject.heart_rate
    return replace(stated, times=cine.times * (period / cine.period), period=period)
