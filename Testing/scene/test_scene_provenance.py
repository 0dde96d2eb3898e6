from __future__ import annotations

import pytest

from MedVOSSegmentLib.scene.provenance import read_provenance, write_provenance

slicer = pytest.importorskip("slicer")


def test_values_of_every_kind_come_back() -> None:
    node = slicer.vtkMRMLSequenceNode()
    made = {
        "model": "cstm",
        "seconds": 1.25,
        "seeds": [[0, 3]],
        "weights": None,
        "notes": ["a; 'b' \"c\" é"],
        "gpu": True,
    }
    write_provenance(node, made)
    assert read_provenance(node) == made


def test_writing_replaces_what_was_there_and_leaves_other_attributes() -> None:
    node = slicer.vtkMRMLSequenceNode()
    node.SetAttribute("MedVOS.Session", "kept")
    write_provenance(node, {"model": "cstm", "old": 1})
    write_provenance(node, {"model": "echo"})
    assert read_provenance(node) == {"model": "echo"}
    assert node.GetAttribute("MedVOS.Session") == "kept"
