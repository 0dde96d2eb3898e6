"""Slicer's DICOM database offers cines and clips, loads them, and gets the exports back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer
from engine.cine_files import write_dicom, write_enhanced, write_stack
from engine.echo_files import sector_images, write_ultrasound
from scene.segment_editor import SegmentEditor
from scene.session_fakes import FakeRunner, an_outcome
from widget.conftest import Desktop
from widget.standins import dicom, packages

from medvos.cine.read import read
from medvos.structures import LV
from MedVOSSegmentLib.job.events import Finished
from MedVOSSegmentLib.job.runner import Runner


@pytest.fixture
def database(dialogs: Any, monkeypatch: pytest.MonkeyPatch) -> dicom.Database:
    """Installed before the module is imported."""
    return dicom.install(monkeypatch)


@pytest.fixture
def loaded(database: dicom.Database, desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """The module has introduced itself, and its widget is known to the application."""
    desktop.module.MedVOSSegment(type("Parent", (), {})())
    modules = {"MedVOSSegment": dicom.Scripted(desktop.widget)}
    manager = type("Manager", (), {"module": staticmethod(modules.get)})
    monkeypatch.setattr(slicer.app, "moduleManager", manager, raising=False)
    return desktop


def indexed(database: dicom.Database, *folders: Path) -> None:
    indexer = dicom.Indexer()
    for folder in folders:
        indexer.addDirectory(database, str(folder))
    indexer.waitForImportFinished()


def offered(database: dicom.Database) -> list[Any]:
    (loadables,) = dicom.loadables_of(database).values()
    return loadables


def load(database: dicom.Database, number: int = 0) -> Any:
    """Load one of the offers as the DICOM module does; return what the plugin returns."""
    ((plugin, loadables),) = dicom.loadables_of(database).items()
    return plugin.load(loadables[number])


@pytest.mark.parametrize(
    ("folder", "offers"),
    [
        ("sunnybrook_4d/SCD0000101", [("Short-axis cine", "12 slices of 20 phases", 240)]),
        ("sunnybrook_4d/SCD0000301", [("Short-axis cine", "10 slices of 20 phases", 200)]),
        (
            "cine_multi_series/patient1",
            [
                ("Short-axis cine", "6 slices of 25 phases", 150),
                ("Long-axis cine", "1 slice of 25 phases", 25),
                ("Long-axis cine", "1 slice of 25 phases", 25),
                ("Long-axis cine", "1 slice of 25 phases", 25),
            ],
        ),
        ("dicom_samples", [("Ultrasound clip", "65 frames", 1), ("Ultrasound clip", "10 frames", 1)]),
    ],
)
def test_real_patients_are_offered(loaded: Desktop, database, data_folder: Path, folder: str, offers: list):
    indexed(database, data_folder / folder)
    found = offered(database)
    assert len(found) == len(offers)
    for loadable, (what, size, files) in zip(found, offers, strict=True):
        assert loadable.name.endswith(f" - {what} (MedVOSSegment)")
        assert size in loadable.tooltip and len(loadable.files) == files and loadable.selected
        assert set(loadable.files) <= {file for uid in all_series(database) for file in database.filesForSeries(uid)}


def all_series(database: dicom.Database) -> list[str]:
    studies = [study for patient in database.patients() for study in database.studiesForPatient(patient)]
    return [uid for study in studies for uid in database.seriesForStudy(study)]


def test_both_patients_of_one_selection_are_offered_apart(loaded: Desktop, database, data_folder: Path):
    indexed(database, data_folder / "sunnybrook_4d")
    assert sorted(len(loadable.files) for loadable in offered(database)) == [200, 240]
    found = dicom.loadables_of(database)
    dicom.select(database, found)
    assert all(loadable.selected for loadables in found.values() for loadable in loadables)


def test_a_folder_without_a_heart_offers_nothing_and_is_looked_at_once(
    loaded: Desktop, database, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import pydicom.data

    looked = []
    from MedVOSSegmentLib import dicom_candidates

    monkeypatch.setattr(
        "MedVOSSegmentWidgets.dicom_plugin.candidates_in",
        lambda lists: looked.append(1) or dicom_candidates.candidates_in(lists),
    )
    (tmp_path / "knee.dcm").symlink_to(data_folder / "dicom_samples" / "enhanced_mr_19_times.dcm")
    indexed(database, tmp_path, Path(pydicom.data.__file__).parent / "test_files")
    assert len(all_series(database)) > 10
    assert offered(database) == [] and looked == [1]


def test_the_files_of_a_series_without_times_in_the_beat_are_not_opened(
    loaded: Desktop, database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    looked = []
    monkeypatch.setattr("MedVOSSegmentWidgets.dicom_plugin.candidates_in", lambda lists: looked.extend(lists) or [])
    write_stack(tmp_path / "cine", phases=10, slices=4)
    for number, tags in enumerate(({"triggers": False, "interval": None}, {"Modality": "CT"}), start=7):
        write_stack(tmp_path / str(number), phases=10, slices=4, series=number, **tags)
    write_ultrasound(tmp_path / "clip", sector_images(), SeriesInstanceUID="1.2.3.20")
    write_enhanced(tmp_path / "enhanced", SeriesInstanceUID="1.2.3.21")
    indexed(database, tmp_path)
    assert len(all_series(database)) == 5 and offered(database) == []
    assert sorted(len(files) for files in looked) == [1, 1, 40]


def test_a_multi_series_stack_becomes_one_cine_and_is_selected_in_the_module(
    loaded: Desktop, database, data_folder: Path
):
    indexed(database, data_folder / "cine_multi_series" / "patient1")
    node = load(database)
    loaded.pass_time()
    expected = read(data_folder / "cine_multi_series" / "patient1")
    assert node.IsA("vtkMRMLScalarVolumeNode")
    assert loaded.session.cine.shape == expected.shape
    np.testing.assert_array_equal(loaded.session.cine.array, expected.array)
    assert loaded.session.cines.dicom.digest == expected.source.digest
    assert loaded.session.browser is loaded.ui.cineSelector.currentNode()
    nodes = [slicer.mrmlScene.GetNthNode(number) for number in range(slicer.mrmlScene.GetNumberOfNodes())]
    assert not [node.GetName() for node in nodes if "patient1" in (node.GetName() or "")]


def test_a_cine_that_is_loaded_beside_an_open_one_is_selected(loaded: Desktop, database, tmp_path: Path, small_heart):
    loaded.widget.choose(loaded.widget.logic.show(small_heart.cine, "Open"))
    loaded.pass_time()
    write_stack(tmp_path / "stack", phases=10, slices=4)
    indexed(database, tmp_path)
    node = load(database)
    loaded.pass_time()
    assert loaded.session.cine.shape[:2] == (10, 4)
    assert loaded.session.browser.GetProxyNode(loaded.session.browser.GetMasterSequenceNode()) is node


def test_what_claims_a_series_less_surely_is_not_loaded_beside_it(loaded: Desktop, database, tmp_path: Path):
    write_stack(tmp_path / "stack", phases=10, slices=4)
    indexed(database, tmp_path)

    class Multivolume(dicom.DICOMPlugin):
        def examineForImport(self, lists: list) -> list:  # noqa: N802
            found = dicom.DICOMLoadable()
            found.files, found.confidence, found.selected = list(lists[0]), 1.0, True
            return [found]

    slicer.modules.dicomPlugins["MultiVolumeImporterPlugin"] = Multivolume
    found = dicom.loadables_of(database)
    dicom.select(database, found)
    selected = [loadable.name for loadables in found.values() for loadable in loadables if loadable.selected]
    assert len(selected) == 1 and "Short-axis cine" in selected[0]


def test_a_clip_is_loaded_as_a_clip(loaded: Desktop, database, tmp_path: Path):
    write_ultrasound(tmp_path / "clip.dcm", sector_images(), SeriesDescription="A4C")
    indexed(database, tmp_path)
    assert load(database)
    loaded.pass_time()
    assert loaded.session.is_clip and loaded.session.cine.shape[0] == 24


def test_nothing_is_installed_by_looking_and_all_by_loading(
    loaded: Desktop, database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_stack(tmp_path / "stack", phases=10, slices=4)
    indexed(database, tmp_path)
    fresh = packages.hide(monkeypatch, {"nibabel": "nibabel", "av": "av", "scikit-image": "skimage"})
    assert len(offered(database)) == 1 and not loaded.dialogs.asked
    loaded.dialogs.answer = False
    assert load(database) is False
    assert "Nothing was installed" in loaded.dialogs.messages[0]
    loaded.dialogs.answer = True
    assert load(database) and not fresh.missing


def test_a_file_that_is_gone_is_a_sentence(loaded: Desktop, database, tmp_path: Path):
    write_stack(tmp_path / "stack", phases=10, slices=4)
    indexed(database, tmp_path)
    ((plugin, (loadable,)),) = dicom.loadables_of(database).items()
    Path(loadable.files[3]).unlink()
    assert plugin.load(loadable) is False
    assert "does not exist" in loaded.dialogs.messages[0]


def test_exports_of_a_cine_of_the_database_go_back_into_it(
    loaded: Desktop, database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Another patient's file lies beside the images, as in a folder that was indexed as it is.
    write_stack(tmp_path / "stack", phases=10, slices=4, FrameOfReferenceUID="1.2.3.9")
    write_dicom(tmp_path / "stack" / "other.dcm", np.zeros((20, 24), np.uint16), PatientID="P2", StudyInstanceUID="9")
    indexed(database, tmp_path)
    assert load(database)
    loaded.pass_time()
    out = tmp_path / "out"
    out.mkdir()
    before = set(all_series(database))
    exported(loaded, "DICOM segmentation", out)
    (new,) = set(all_series(database)) - before
    assert {Path(file).parent for file in database.filesForSeries(new)} == {out}
    assert database.fileValue(database.filesForSeries(new)[0], "0008,0060") == "SEG"
    assert "database" in loaded.ui.exportLabel.text and not loaded.dialogs.messages


def test_exports_of_files_that_the_database_does_not_have_stay_out_of_it(loaded: Desktop, database, tmp_path: Path):
    write_stack(tmp_path / "stack", phases=10, slices=4, FrameOfReferenceUID="1.2.3.9")
    loaded.dialogs.folder = str(tmp_path / "stack")
    loaded.click(loaded.ui.openFolderButton)
    (tmp_path / "out").mkdir()
    exported(loaded, "DICOM segmentation", tmp_path / "out")
    assert not all_series(database)
    assert "database" not in loaded.ui.exportLabel.text and not loaded.dialogs.messages


def test_a_stack_that_was_chosen_among_several_is_exported(loaded: Desktop, tmp_path: Path):
    for series in (4, 5):
        write_stack(tmp_path / f"s{series}", phases=10, slices=4, series=series, FrameOfReferenceUID="1.2.3.9")
    loaded.dialogs.folder = str(tmp_path)
    loaded.click(loaded.ui.openFolderButton)
    assert loaded.ui.stackBox.count == 2
    loaded.widget.panel._steps[0].on_stack(1)
    loaded.pass_time()
    out = tmp_path.parent / f"{tmp_path.name}-out"
    out.mkdir()
    exported(loaded, "DICOM segmentation", out)
    assert not loaded.dialogs.messages and list(out.glob("*.dcm"))


def exported(desktop: Desktop, label: str, folder: Path) -> None:
    """Segment the heart by hand, as if a propagation had done it, and press an export button."""
    session, cine = desktop.session, desktop.session.cine
    labels = np.zeros(cine.shape, np.uint8)
    labels[:, :, 5:12, 6:14] = LV
    fake = FakeRunner()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runner, "start", lambda _, task: fake.start(task))
        session.seed.go_to_place()
        phase, z = session.place
        mask = np.zeros(cine.shape[1:], bool)
        mask[z] = labels[phase, z] == LV
        SegmentEditor(session.nodes).paint("LV", mask)
        session.propagation.propagate()
        fake.job.events.append(Finished(an_outcome(cine, labels)))
        desktop.wait(lambda: not session.busy)
    desktop.pass_time()
    desktop.dialogs.folder = str(folder)
    (button,) = (each for each in desktop.ui.exportButtons.children() if getattr(each, "text", "") == label)
    desktop.click(button)
    desktop.wait(lambda: not desktop.ui.busyBox.visible)
