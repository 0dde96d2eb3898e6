"""Count the patients of whom a folder holds images, where programs write one patient's data in several ways."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Identity:
    """What a file says of its patient, as it can be compared; '' where it is silent."""

    number: str
    name: str
    born: str


def patients_in(headers: Iterable[Any]) -> int:
    """Return of how many patients the files are; 0 where none of them says.

    Two PatientIDs are compared without capitals, leading zeros and an issuer that follows ``^``. A file without a
    PatientID is of the patient with its name and no other date of birth, or with its date of birth where one of both
    has no name.

    >>> patients_in([{"PatientID": "0042"}, {"PatientID": "42^^^HOSP"}])
    1
    """
    found = {identity_of(data) for data in headers}
    # The most complete first, so that a file that says little joins whom it fits.
    ordered = sorted(found - {Identity("", "", "")}, key=_silent_last)
    groups: list[list[Identity]] = []
    for one in ordered:
        group = next((group for group in groups if any(_same(one, other) for other in group)), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return len(groups)


def identity_of(data: Any) -> Identity:
    """Return what a header says of its patient."""
    number = str(data.get("PatientID") or "").split("^")[0].strip().casefold()
    words = re.findall(r"[^\W_]+", str(data.get("PatientName") or "").casefold())
    born = str(data.get("PatientBirthDate") or "").strip()
    return Identity(number.lstrip("0") or number, " ".join(sorted(words)), born)


def _silent_last(identity: Identity) -> tuple[bool, bool, bool, str, str, str]:
    number, name, born = identity.number, identity.name, identity.born
    return not number, not name, not born, number, name, born


def _same(one: Identity, other: Identity) -> bool:
    if one.number and other.number:
        return one.number == other.number
    if one.name and other.name:
        return one.name == other.name and (one.born == other.born or not one.born or not other.born)
    return bool(one.born) and one.born == other.born
