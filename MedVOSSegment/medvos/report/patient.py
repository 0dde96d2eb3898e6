"""Patient data for reports that show them on request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from medvos.cine.cine import Cine
from medvos.cine.guard import reading
from medvos.errors import InputError

SEXES = {"F": "female", "M": "male", "O": "other"}
UNITS = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Patient:
    """Name, ID, sex, age and date of the study as the DICOM files state them; ``not stated`` if they do not."""

    name: str
    number: str
    sex: str
    age: str
    date: str = NOT_STATED

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Heading and value of each, for a table; sex and age, which the user may have given too, only if stated."""
        stated = [(name, value) for name, value in (("sex", self.sex), ("age", self.age)) if value != NOT_STATED]
        return (("patient", self.name), ("ID", self.number), *stated, ("date of study", self.date))


def patient_of(cine: Cine) -> Patient:
    """Read the patient from the DICOM files that ``cine`` was read from.

    Raises
    ------
    InputError: the cine was not read from DICOM, or its files are gone.
    """
    files = [file for phase in cine.source.files for file in phase if file]
    if not files:
        raise InputError("Only DICOM files state the patient: give the DICOM folder of this cine (--source).")
    import pydicom

    with reading("The first DICOM file", "DICOM"):
        data = pydicom.dcmread(Path(files[0]), stop_before_pixels=True, specific_tags=list(_TAGS))
        name, number, sex, age, date = (str(data.get(tag) or "").strip() for tag in _TAGS)
    return Patient(_name(name), number or NOT_STATED, SEXES.get(sex.upper(), NOT_STATED), _age(age), _date(date))


_TAGS = ("PatientName", "PatientID", "PatientSex", "PatientAge", "StudyDate")


def _name(stored: str) -> str:
    """Format ``Yamada^Tarou=山田^太郎`` as ``Yamada, Tarou · 山田, 太郎``: the same name in several scripts."""
    groups = []
    for group in stored.split("="):
        family, _, others = group.partition("^")
        groups.append(", ".join(part for part in (family.strip(), " ".join(others.replace("^", " ").split())) if part))
    return " · ".join(group for group in groups if group) or NOT_STATED


def _date(stored: str) -> str:
    try:
        return datetime.strptime(stored, "%Y%m%d").date().isoformat() if len(stored) == 8 else NOT_STATED
    except ValueError:  # such as 20120000, from which day and month were removed
        return NOT_STATED


def _age(stored: str) -> str:
    digits, unit = stored[:-1], stored[-1:].upper()
    return f"{int(digits)} {UNITS[unit]}" if digits.isdecimal() and unit in UNITS else NOT_STATED
