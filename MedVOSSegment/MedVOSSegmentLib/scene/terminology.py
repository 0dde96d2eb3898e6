"""What each structure is in SNOMED CT, as segments carry it and DICOM SEG exports it."""

from __future__ import annotations

from functools import cache

from MedVOSSegmentLib.scene.resources import TERMINOLOGY


@cache
def terminology_entry(name: str) -> str:
    """Slicer's text for the terminology of the structure `name` (LV, Myo, RV or MVO).

    Its parts are context, category, type, type modifier, anatomic context, region and region modifier; each code is
    scheme, value and meaning.
    """
    import json

    terms = json.loads(TERMINOLOGY.read_text(encoding="utf-8"))
    categories = terms["SegmentationCodes"]["Category"]
    category, kind = next((c, kind) for c in categories for kind in c["Type"] if kind["3dSlicerLabel"] == name)
    context = terms["SegmentationCategoryTypeContextName"]
    return "~".join([context, _code(category), _code(kind), "^^", "", "^^", "^^"])


def _code(term: dict[str, str]) -> str:
    return "^".join((term["CodingSchemeDesignator"], term["CodeValue"], term["CodeMeaning"]))
