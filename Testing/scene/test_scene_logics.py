from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from MedVOSSegmentLib.scene.logics import Logics

slicer = pytest.importorskip("slicer")


def test_a_standalone_scene_reads_what_it_wrote(logics: Logics, tmp_path: Path) -> None:
    logics.scene.AddNewNodeByClass("vtkMRMLTextNode", "Remark").SetText("kept")
    assert logics.scene.WriteToMRB(str(tmp_path / "scene.mrb"))
    another = Logics.standalone(tmp_path / "another")
    assert another.scene.ReadFromMRB(str(tmp_path / "scene.mrb"))
    assert another.scene.GetFirstNodeByName("Remark").GetText() == "kept"


def test_a_standalone_scene_has_slicers_colours_and_a_subject_hierarchy(logics: Logics) -> None:
    assert logics.scene.GetNodeByID(logics.colors.GetDefaultVolumeColorNodeID()) is not None
    assert logics.hierarchy.GetScene() is logics.scene


def test_standalone_scenes_know_nothing_of_each_other(logics: Logics, tmp_path: Path) -> None:
    another = Logics.standalone(tmp_path)
    another.scene.AddNewNodeByClass("vtkMRMLTextNode", "Remark")
    assert logics.scene.GetFirstNodeByName("Remark") is None


def test_a_scene_leaves_the_next_one_no_slower(logics: Logics, tmp_path: Path) -> None:
    factory = slicer.vtkSegmentationConverterFactory.GetInstance()
    before = sorted(rule.GetClassName() for rule in factory.GetConverterRules())
    Logics.standalone(tmp_path)
    assert sorted(rule.GetClassName() for rule in factory.GetConverterRules()) == before
    assert "vtkBinaryLabelmapToClosedSurfaceConversionRule" in before and len(set(before)) == len(before)


def test_the_applications_own_scene_and_logics_are_taken(logics: Logics, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = SimpleNamespace(
        colors=SimpleNamespace(logic=lambda: logics.colors), sequences=SimpleNamespace(logic=lambda: logics.sequences)
    )
    monkeypatch.setattr(slicer, "mrmlScene", logics.scene, raising=False)
    monkeypatch.setattr(slicer, "app", SimpleNamespace(applicationLogic=lambda: logics.app), raising=False)
    monkeypatch.setattr(slicer, "modules", modules, raising=False)
    application = Logics.of_application()
    assert (application.scene, application.app) == (logics.scene, logics.app)
    assert (application.colors, application.sequences) == (logics.colors, logics.sequences)
