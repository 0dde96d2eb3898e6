from __future__ import annotations

import json

import pytest

from medvos.structures import EVERY_STRUCTURE
from MedVOSSegmentLib.scene.resources import TERMINOLOGY, terminology_entry

slicer = pytest.importorskip("slicer")


@pytest.fixture
def terminologies() -> object:
    """Slicer's own logic with the shipped list and no other."""
    logic = slicer.vtkSlicerTerminologiesModuleLogic()
    name = logic.LoadTerminologyFromFile(str(TERMINOLOGY))
    assert name == "Segmentation category and type - MedVOSSegment"
    return logic


@pytest.mark.parametrize(
    ("name", "category", "scheme"),
    [(name, "123037004", "SCT") for name in ("LV", "Myo", "RV")] + [("MVO", "49755003", "99MEDVOS")],
)
def test_a_segments_entry_is_the_one_that_slicer_finds_in_the_list(
    terminologies: object, name: str, category: str, scheme: str
) -> None:
    entry = slicer.vtkSlicerTerminologyEntry()
    listed = "Segmentation category and type - MedVOSSegment"
    assert terminologies.FindTypeInTerminologyBy3dSlicerLabel(listed, name, entry)
    assert terminologies.SerializeTerminologyEntry(entry) == terminology_entry(name)
    assert entry.GetCategoryObject().GetCodeValue() == category
    assert entry.GetTypeObject().GetCodingSchemeDesignator() == scheme


def test_the_list_has_the_colours_of_the_engine() -> None:
    terms = json.loads(TERMINOLOGY.read_text(encoding="utf-8"))
    kinds = [kind for category in terms["SegmentationCodes"]["Category"] for kind in category["Type"]]
    colours = {kind["3dSlicerLabel"]: tuple(kind["recommendedDisplayRGBValue"]) for kind in kinds}
    assert colours == {structure.name: structure.colour for structure in EVERY_STRUCTURE}
