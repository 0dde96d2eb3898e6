"""Reference ranges of measures for people of the same sex and age."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from medvos.measure.measures import Measure, Normal
from medvos.measure.subject import Subject

CITATION = (
    "Raisi-Estabragh et al. 2024, Cardiovascular Magnetic Resonance Reference Ranges From the Healthy Hearts "
    "Consortium, JACC Cardiovasc Imaging 17:746-762, doi:10.1016/j.jcmg.2024.01.009"
)
# The cohort and the contouring convention of the table.
BASIS = "95 % prediction interval, White ethnicity, papillary muscles counted as blood, body surface area by Mosteller"
UNKNOWN = "both the sex and the age must be stated"


def normal_ranges(measures: Mapping[str, Measure], subject: Subject) -> tuple[dict[str, Normal], str | None]:
    """Return the range of each measure that has a value and a published range, and the reason if there are none."""
    if subject.sex is None or subject.age_years is None:
        return {}, UNKNOWN
    columns = _table()[subject.sex]
    starts = [age for age in columns if age <= subject.age_years]
    if not starts:
        return {}, f"the reference ranges begin at an age of {min(columns)} years"
    start = max(starts)
    ranges = columns[start]
    later = [age for age in columns if age > start]
    ages = f"{start} to {min(later) - 1} years" if later else f"{start} years and older"
    group = f"{'women' if subject.sex == 'F' else 'men'} of {ages}"
    found = {}
    for name, measure in measures.items():
        if name in ranges and measure.value is not None:
            low, high = ranges[name]
            found[name] = Normal(low, high, measure.value, f"{group}; {BASIS}", CITATION)
    return found, None


@cache
def _table() -> dict[str, dict[int, dict[str, tuple[float, float]]]]:
    """Return the ends of each range by sex, first year of the age group and measure."""
    table: dict[str, dict[int, dict[str, tuple[float, float]]]] = {}
    text = (files(__package__) / "reference_ranges.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        for age in filter(str.isdigit, row):
            low, _, high = row[age].partition("-")
            table.setdefault(row["sex"], {}).setdefault(int(age), {})[row["measure"]] = (float(low), float(high))
    return table
