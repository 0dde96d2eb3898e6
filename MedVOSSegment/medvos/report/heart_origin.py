"""Provenance of the heart segmentation that an MVO prediction is based on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from medvos.cine.cine import Cine
from medvos.cine.guard import reading
from medvos.errors import InputError

PARTS = ("model", "weights_sha256", "terms")


def heart_origin(segmentation: Path, cine: Cine) -> dict[str, Any]:
    """Read model, weights and terms of a ``segmentation.nii.gz`` from the report beside it; empty if it has none.

    If obstruction was predicted in it before, they are those of the heart itself.

    Raises
    ------
    InputError: the report is damaged, or of other images than the cine's.
    """
    report = segmentation.parent / "report.json"
    if segmentation.name != "segmentation.nii.gz" or not report.is_file():
        return {}
    with reading("report.json", "a report of medvos"):
        provenance = json.loads(report.read_text(encoding="utf-8"))["provenance"]
        images = provenance["input"].get("pictures_sha256")
        earlier = provenance.get("heart")
        made_by = earlier if isinstance(earlier, dict) else provenance
        origin = {key: made_by[key] for key in PARTS if key in made_by}
    if images and cine.source.digest and images != cine.source.digest:
        raise InputError(
            f"The heart in {segmentation.parent.name} was segmented in other images than these, perhaps of another "
            "patient: give that of this cine."
        )
    return origin if len(origin) == len(PARTS) else {}


def note_of(origin: dict[str, Any]) -> list[str]:
    """Return the note of a report on it, in a list; empty if it is not known."""
    return [f"The heart was segmented by {origin['model']}. {origin['terms']}"] if origin else []
