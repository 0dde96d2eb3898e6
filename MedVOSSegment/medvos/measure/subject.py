"""Data of the person that index and reference ranges need; nothing that identifies the person."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

from medvos.cine.cine import Cine
from medvos.cine.dicom_person import HEIGHTS_CM, WEIGHTS_KG
from medvos.cine.timing import BEATS_PER_MINUTE
from medvos.errors import InputError

Sex = Literal["F", "M"]
FACTS = ("sex", "age_years", "height_cm", "weight_kg", "heart_rate")  # which files may state
AREA_FORMULA = "Mosteller 1987"
DECIMALS = 1e-4  # a report rounds to these
PLAUSIBLE = {"age_years": (0, 120), "height_cm": HEIGHTS_CM, "weight_kg": WEIGHTS_KG, "heart_rate": BEATS_PER_MINUTE}


@dataclass(frozen=True)
class Subject:
    """Sex, age in whole years, body size and heart rate in beats per minute; None where not known.

    ``known_shunt`` states that a shunt or a regurgitation is known, with which the ventricles eject different volumes.

    Raises
    ------
    InputError: an implausible number.
    """

    sex: Sex | None = None
    age_years: int | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    heart_rate: float | None = None
    known_shunt: bool = False

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
    def facts(self) -> dict[str, Any]:
        """Those data that files may state too, by the names that `medvos.cine.cine.Source` has for them."""
        return {name: getattr(self, name) for name in FACTS}

    @property
    def body_surface_area(self) -> float | None:
        """m² by Mosteller 1987 (N Engl J Med 317:1098), or None without height and weight."""
        if self.height_cm is None or self.weight_kg is None:
            return None
        return math.sqrt(self.height_cm * self.weight_kg / 3600)


def subject_of(cine: Cine, given: Subject | None = None) -> Subject:
    """Return the data of the person in the cine's files, replaced by what is ``given``."""
    source = cine.source
    found = {name: getattr(source, name) for name in FACTS}
    replaced = {} if given is None else {name: getattr(given, name) for name in FACTS}
    known = {name: value for name, value in replaced.items() if value is not None}
    known_shunt = source.known_shunt or (given is not None and given.known_shunt)
    return Subject(**{**found, **known}, known_shunt=known_shunt)


def with_facts_of(cine: Cine, other: Cine) -> Cine:
    """Return the cine with the facts of the person that ``other`` states, which is of the same images.

    Images that are read again know nothing of what the user gave or cleared. What ``other`` does not know is taken from
    the cine, unless ``other`` was read from DICOM and knows something else of the person, or lacks the heart rate that
    the images state and every report has: then the user has cleared it.

    >>> with_facts_of(read("patient/"), result.cine).source.heart_rate  # doctest: +SKIP
    65.0
    """
    source, stated, rate = other.source, subject_of(other), cine.source.heart_rate
    if rate is not None and stated.heart_rate is not None and math.isclose(rate, stated.heart_rate, abs_tol=DECIMALS):
        stated = replace(stated, heart_rate=rate)
    cleared = rate is not None and stated.heart_rate is None
    facts = (stated.sex, stated.age_years, stated.height_cm, stated.weight_kg, source.known_shunt, source.rate_given)
    known = cleared or any(facts)
    updated = stating(cine, stated if known and source.kind == "dicom" else subject_of(cine, stated))
    return replace(updated, source=replace(updated.source, rate_given=source.rate_given))


def stating(cine: Cine, subject: Subject) -> Cine:
    """Return the cine as if its files stated these facts of the person and no others, so that none comes back.

    The period of a stack without a heart rate is an assumption, and follows the rate that is stated now.

    >>> subject_of(stating(cine, Subject(sex="F")))  # doctest: +SKIP
    Subject(sex='F', age_years=None, height_cm=None, weight_kg=None, heart_rate=None)
    """
    source, rate = cine.source, subject.heart_rate
    given = rate is not None and (source.rate_given or rate != source.heart_rate)  # also if it is stated once more
    facts = {**subject.facts, "known_shunt": subject.known_shunt, "rate_given": given}
    stated = replace(cine, source=replace(cine.source, **facts))
    if cine.is_echo or cine.source.heart_rate is not None or subject.heart_rate is None:
        return stated
    period = 60_000 / subject.heart_rate
    return replace(stated, times=cine.times * (period / cine.period), period=period)
