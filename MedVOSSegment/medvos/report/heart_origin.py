"""Where a segmented heart comes from that something else is looked for in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from medvos.cine.cine import Cine
from medvos.cine.guard import reading
from medvos.errors import InputError

PARTS = ("model", "weights_sha256", "terms")


def heart_origin(segmentation: Path, cine: Cine) -> dict[str, Any]:
    """Model, weights and terms of a ``segmentation.nii.gz``, of the report beside it; empty where that has none.

    Of a heart that obstruction was found in before, it is that of the heart itself.

    Raises
    ------
    InputError: the report is damaged, or of other pictures than the cine's.
    """
    report = segmentation.parent / "report.json"
    if segmentation.name != "segmentation.nii.gz" or not report.is_file():
        return {}
    with reading("report.json", "a report of medvos"):
        told = json.loads(report.read_text(encoding="utf-8"))["provenance"]
        images = told["input"].get("pictures_sha256")
        earlier = told.get("heart")
        made_by = earlier if isinstance(earlier, dict) else told
        origin = {key: made_by[key] for key in PARTS if key in made_by}
    if images and cine.source.digest and images != cine.source.digest:
        raise InputError(
            f"The heart in {segmentation.parent.name} was segmented in other pictures than these, perhaps another "
            "patient's: give that of this cine."
        )
    return origin if len(origin) == len(PARTS) else {}


def note_of(origin: dict[str, Any]) -> list[str]:
    """What a report says of it; nothing where it is not known."""
    return [f"The borders of the heart are by {origin['model']}. {origin['terms']}"] if origin else []
