"""Catalogue of the measures: one row each, in the order in which reports, tables and exports list them.

To add a measure, add its row here and compute its value under the same name in `medvos.measure.function`. Report,
tables, DICOM report, evaluation and agreement follow; ``python Utilities/write_schema.py`` updates the JSON schema.

Codes are those of DICOM PS3.16, CID 3833 and 3835 (ventricular function); a measure without a standard code gets one of
the private scheme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from medvos.measure.dicom_code import OWN_SCHEME, Code
from medvos.structures import LA, LV, MYO, RV

T = TypeVar("T")

# Number of measures that a report shows large, the first by `Row.rank`.
HEADLINES = 6
BEAT_HEADINGS = ("beat", "ED frame", "ES frame", "EDV (mL)", "ESV (mL)", "EF (%)")


class Needs(StrEnum):
    """What a measure is computed from, beyond geometry."""

    LABELS = "labels at ED and ES"
    CURVE = "labels at every phase and the phase times"
    HEART_RATE = "labels and the heart rate"
    BODY_SIZE = "labels, height and weight"
    OBSTRUCTION = "labels of microvascular obstruction"
    BEATS = "the beats of an echo clip"


@dataclass(frozen=True)
class Row:
    """One measure.

    Attributes
    ----------
    name: key in ``report.json`` and everywhere else.
    long_name: name in words.
    unit: unit of its value; "" for a ratio without a unit.
    structure: label number of the structure that it describes.
    beside: other structures that it is computed from too, and with which it is doubted.
    phases: the points of the cardiac cycle that it is measured at, of ``ED`` and ``ES``; empty where it describes the
        whole beat.
    standard_code: its standard code, None where there is none.
    needs: what it is computed from.
    decimals: digits after the decimal point in reports and tables.
    rank: place among the most important measures, from 1. A report shows the first `HEADLINES` large; the table and
        the agreement of a cohort list all measures that have a rank.
    per_area_of: name of the measure that it is, divided by the body surface area.
    required: whether the schema requires it in every ``report.json``.
    """

    name: str
    long_name: str
    unit: str
    structure: int
    phases: tuple[str, ...] = ()
    standard_code: Code | None = None
    needs: Needs = Needs.LABELS
    decimals: int = 1
    rank: int | None = None
    per_area_of: str | None = None
    required: bool = False
    beside: tuple[int, ...] = ()

    @property
    def structures(self) -> tuple[int, ...]:
        """All structures that it is computed from."""
        return (self.structure, *self.beside)

    @property
    def code(self) -> Code:
        """The standard code, or else one of the private scheme."""
        return self.standard_code or Code(self.name, OWN_SCHEME, self.name)


ED, ES, ED_AND_ES = ("ED",), ("ES",), ("ED", "ES")


def _per_area(name: str, long_name: str, unit: str, of: str, structure: int, phases: tuple[str, ...]) -> Row:
    """A measure per m² of body surface area."""
    return Row(name, long_name, unit, structure, phases, needs=Needs.BODY_SIZE, per_area_of=of)


CATALOGUE: tuple[Row, ...] = (
    Row("LVEDV", "LV end-diastolic volume", "mL", LV, ED,
        Code("8821-1", "LN", "Left Ventricular ED Volume"), rank=2, required=True),
    Row("LVESV", "LV end-systolic volume", "mL", LV, ES,
        Code("8823-7", "LN", "Left Ventricular ES Volume"), rank=3, required=True),
    Row("LVSV", "LV stroke volume", "mL", LV, ED_AND_ES,
        Code("90096001", "SCT", "Stroke Volume"), required=True),
    Row("LVEF", "LV ejection fraction", "%", LV, ED_AND_ES,
        Code("8811-2", "LN", "Left ventricular ejection fraction by MR"), rank=1, required=True),
    Row("LVM", "LV mass at end-diastole", "g", MYO, ED,
        Code("18087-7", "LN", "Left Ventricle Mass"), rank=4, required=True),
    Row("LVMVR", "LV mass-to-volume ratio at end-diastole", "g/mL", MYO, ED, decimals=2, beside=(LV,)),
    Row("RVEDV", "RV end-diastolic volume", "mL", RV, ED,
        Code("8822-9", "LN", "Right Ventricular ED Volume"), rank=6, required=True),
    Row("RVESV", "RV end-systolic volume", "mL", RV, ES,
        Code("8824-5", "LN", "Right Ventricular ES Volume"), rank=7, required=True),
    Row("RVSV", "RV stroke volume", "mL", RV, ED_AND_ES,
        Code("429483009", "SCT", "RV Stroke Volume"), required=True),
    Row("RVEF", "RV ejection fraction", "%", RV, ED_AND_ES,
        Code("8818-7", "LN", "Right ventricular ejection fraction by MR"), rank=5, required=True),
    Row("CO", "Cardiac output", "L/min", LV, ED_AND_ES,
        Code("82799009", "SCT", "Cardiac Output"), Needs.HEART_RATE, required=True),
    Row("MVO", "Microvascular obstruction (MVO)", "mL", MYO, ED,
        Code("MVO", OWN_SCHEME, "Microvascular obstruction"), Needs.OBSTRUCTION, required=True),
    Row("MVOM", "MVO, percentage of LV mass", "%", MYO, ED,
        Code("MVOM", OWN_SCHEME, "Microvascular obstruction, part of left ventricular mass"), Needs.OBSTRUCTION),
    _per_area("LVEDVI", "LV end-diastolic volume, BSA-indexed", "mL/m²", "LVEDV", LV, ED),
    _per_area("LVESVI", "LV end-systolic volume, BSA-indexed", "mL/m²", "LVESV", LV, ES),
    _per_area("LVSVI", "LV stroke volume, BSA-indexed", "mL/m²", "LVSV", LV, ED_AND_ES),
    # DICOM reports list it under the left ventricle, unlike the mass itself.
    _per_area("LVMI", "LV mass, BSA-indexed", "g/m²", "LVM", LV, ED),
    _per_area("RVEDVI", "RV end-diastolic volume, BSA-indexed", "mL/m²", "RVEDV", RV, ED),
    _per_area("RVESVI", "RV end-systolic volume, BSA-indexed", "mL/m²", "RVESV", RV, ES),
    _per_area("RVSVI", "RV stroke volume, BSA-indexed", "mL/m²", "RVSV", RV, ED_AND_ES),
    Row("CI", "Cardiac index", "L/min/m²", LV, ED_AND_ES,
        Code("54993008", "SCT", "Cardiac Index"), Needs.BODY_SIZE, per_area_of="CO"),
    Row("LVPER", "LV peak ejection rate", "mL/s", LV, (), Code("122616", "DCM", "Peak Ejection Rate"), Needs.CURVE),
    Row("LVPFR", "LV peak filling rate", "mL/s", LV, (), Code("122618", "DCM", "Peak Filling Rate"), Needs.CURVE),
    Row("RVPER", "RV peak ejection rate", "mL/s", RV, (), needs=Needs.CURVE),
    Row("RVPFR", "RV peak filling rate", "mL/s", RV, (), needs=Needs.CURVE),
    Row("LAA", "Left atrial area in the 4-chamber view at end-systole, as far as it is in view", "cm²", LA, ES,
        Code("17977-0", "LN", "Left Atrium Area A4C view"), Needs.BEATS),
    Row("HR", "Heart rate, from the beats in the clip", "1/min", LV, (), needs=Needs.BEATS),
)  # fmt: skip
BY_NAME: Mapping[str, Row] = {row.name: row for row in CATALOGUE}
RANKED: tuple[str, ...] = tuple(name for _, name in sorted((row.rank, row.name) for row in CATALOGUE if row.rank))
PER_AREA: Mapping[str, str] = {row.name: row.per_area_of for row in CATALOGUE if row.per_area_of is not None}


def names_resting_on(label: int, *, curve: bool = True) -> tuple[str, ...]:
    """Return the measures of a stack that are computed from a structure, but for those per body surface area.

    ``curve`` is whether those of the whole volume curve are among them.

    >>> names_resting_on(MYO)
    ('LVM', 'LVMVR')
    """
    needs = (Needs.LABELS, Needs.HEART_RATE, *([Needs.CURVE] if curve else []))
    return tuple(row.name for row in CATALOGUE if label in row.structures and row.needs in needs)


def row_of(name: str) -> Row:
    """Return the row of a measure; a bare one for a name that only another version of the catalogue has.

    >>> row_of("LVEF").long_name
    'LV ejection fraction'
    """
    return BY_NAME.get(name) or Row(name, name, "", LV)


def names_that_need(*needs: Needs) -> tuple[str, ...]:
    """Return the names of the measures that are computed from any of these, in the catalogue's order.

    >>> names_that_need(Needs.OBSTRUCTION)
    ('MVO', 'MVOM')
    """
    return tuple(row.name for row in CATALOGUE if row.needs in needs)


def in_order(by_name: Mapping[str, T]) -> dict[str, T]:
    """Return the same items by measure name, in the catalogue's order."""
    return {row.name: by_name[row.name] for row in CATALOGUE if row.name in by_name}
