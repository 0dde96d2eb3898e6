"""Check and mark the output folder of a cohort."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from medvos.cohort.record import write_json
from medvos.errors import InputError
from medvos.staging import disk_errors

MARK = "cohort.json"
SCHEMA = "medvos-cohort-1"


def claim(out: Path, inputs: Iterable[Path]) -> None:
    """Mark ``out`` as the folder of a cohort with these ``inputs``; create it if it does not exist.

    Raises
    ------
    InputError: it lies inside an input, has files that are not of a cohort, or cannot be written.
    """
    check_apart(out, inputs)
    with disk_errors(out):
        if out.is_dir() and any(out.iterdir()) and not _is_cohort(out):
            raise InputError(f"{out} has files that are not of a cohort; choose an empty or a new folder for --out.")
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / MARK, {"schema": SCHEMA})


def check_apart(out: Path, inputs: Iterable[Path]) -> None:
    """Raise InputError if results would lie among the inputs, where the next batch would read them as cases."""
    place = out.resolve()
    for path in inputs:
        if path.resolve() in (place, *place.parents):
            raise InputError(f"{out} lies inside the input {path.name}; choose a folder elsewhere for --out.")


def _is_cohort(out: Path) -> bool:
    try:
        return bool(json.loads((out / MARK).read_text(encoding="utf-8"))["schema"] == SCHEMA)
    except (OSError, ValueError, KeyError, TypeError):
        return False
