"""Refuse output folders in which results would replace or mix with other files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medvos.errors import InputError
from medvos.staging import OPTIONAL, RESULTS

if TYPE_CHECKING:
    from medvos.cine.cine import Cine

SAME = 1e-3  # relative difference of lengths and times that are stored as float32


def refuse_to_overwrite(inputs: tuple[Path, ...], out: Path) -> None:
    """Refuse an output folder whose files are inputs: a corrected result that is the next seed must not be lost.

    Refuse an input folder too: its images would lie among the results.
    """
    for path in inputs:
        if path.name in ("segmentation.nii.gz", "uncertainty.nii.gz") and path.resolve().parent == out.resolve():
            raise InputError(f"{path} would be overwritten by the results; choose another folder for --out.")
        if path.is_dir() and path.resolve() == out.resolve():
            _refuse_images(out)


def check_apart(out: Path, files: Iterable[str]) -> None:
    """Raise InputError where DICOM ``files`` of the cine lie in the output folder or below it."""
    place = out.resolve()
    folders = {Path(file).resolve().parent for file in files if file}
    if any(place in (folder, *folder.parents) for folder in folders):
        _refuse_images(out)


def check_same_cine(out: Path, cine: Cine, continued: Path | None = None) -> None:
    """Raise InputError where the output folder has files that must not be lost.

    They are the results of another cine, labels that somebody has corrected, and files of other programs that have the
    names of results.

    Those of this one may be replaced as they were written, and so may labels that the new result continues: those of
    the folder ``continued``. Clips, and in results of earlier versions NIfTI files, have no digest of the intensities:
    they are compared by size and times.
    """
    from medvos.report.document import describe_input
    from medvos.report.read_results import was_changed

    _refuse_other_files(out)
    earlier = _earlier_input(out)
    if earlier is not None and not _is_same(earlier, describe_input(cine)):
        raise InputError(f"{out} has the results of another cine; choose another folder for --out.")
    continues = continued is not None and continued.resolve() == out.resolve()
    if earlier is not None and not continues and was_changed(out):
        raise InputError(
            f"The segmentation.nii.gz in {out} was changed after its report was written, and would be lost; choose "
            "another folder for --out, or move it away."
        )


def _refuse_other_files(out: Path) -> None:
    """Raise InputError where files have the names of results beside no report of medvos."""
    found = [name for name in (*RESULTS, *OPTIONAL) if os.path.lexists(out / name)]
    if found and "provenance" not in _report(out):
        raise InputError(
            f"{out / found[0]} is of no result of medvos and would be replaced: choose another folder for --out, or "
            "move it away."
        )


def _refuse_images(out: Path) -> None:
    raise InputError(f"{out} holds the images themselves: choose a folder of its own for --out.")


def _earlier_input(out: Path) -> dict[str, Any] | None:
    """Return the cine of the results in a folder as their report describes it; None where there are none."""
    provenance = _report(out).get("provenance")
    stated = provenance.get("input") if isinstance(provenance, dict) else None
    return stated if isinstance(stated, dict) else None


def _report(out: Path) -> dict[str, Any]:
    """Return the report in a folder; nothing where there is none that can be read."""
    try:
        document = json.loads((out / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _is_same(earlier: dict[str, Any], now: dict[str, Any]) -> bool:
    if earlier.get("kind") == "synthetic":  # a demo, of which no work is lost
        return True
    for digest in ("pictures_sha256", "images_sha256"):
        # A demo's cine.nii.gz has the intensities rounded.
        if now["kind"] != "synthetic" and earlier.get(digest) and now.get(digest):
            return bool(earlier[digest] == now[digest])
    return earlier.get("shape") == now["shape"] and _is_near(
        [*earlier.get("spacing_mm", ()), earlier.get("period_ms")], [*now["spacing_mm"], now["period_ms"]]
    )


def _is_near(one: list[Any], other: list[Any]) -> bool:
    try:
        return all(abs(a - b) <= SAME * abs(b) for a, b in zip(one, other, strict=True))
    except (TypeError, ValueError):
        return False
