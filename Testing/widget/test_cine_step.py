"""Opening a folder in which more than one stack could be meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from engine.cine_files import write_enhanced
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from widget import patient
from widget.conftest import Desktop
from widget.standins.pythonqt import unwrap

from MedVOSSegmentLib.scene.cine_nodes import show_cine

MR = "1.2.840.10008.5.1.4.1.1.4"


def write_stack(folder: Path, number: int, description: str, phases: int = 4) -> None:
    """Three slices of a cine, whose images tell the series."""
    folder.mkdir(exist_ok=True)
    for z in range(3):
        for t in range(phases):
            data, data.file_meta = Dataset(), FileMetaDataset()
            data.file_meta.TransferSyntaxUID, data.file_meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, MR
            data.SOPClassUID, data.SOPInstanceUID = MR, generate_uid()
            data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
            data.Modality, data.PatientID, data.StudyInstanceUID = "MR", "P1", "1.2.3"
            data.SeriesInstanceUID, data.SeriesNumber, data.SeriesDescription = f"1.2.3.{number}", number, description
            data.InstanceNumber, data.TriggerTime, data.NominalInterval = z * phases + t + 1, 200.0 * t, 800
            data.ImagePositionPatient, data.ImageOrientationPatient = [0, 0, 8.0 * z], [1, 0, 0, 0, 1, 0]
            data.PixelSpacing, data.Rows, data.Columns = [1.5, 1.5], 24, 24
            data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
            data.BitsAllocated = data.BitsStored = 16
            data.HighBit, data.PixelRepresentation = 15, 0
            data.PixelData = (100 * number + t + np.arange(576).reshape(24, 24)).astype(np.uint16).tobytes()
            data.save_as(folder / f"{number}-{z}-{t}.dcm", enforce_file_format=True)


@pytest.fixture
def two_stacks(tmp_path: Path) -> Path:
    write_stack(tmp_path / "study", 5, "SAX rest")
    write_stack(tmp_path / "study", 9, "SAX stress")
    return tmp_path / "study"


def first_voxel(desktop: Desktop) -> float:
    cine = desktop.session.cine
    return float(cine.array[0, 0, 0, 0])


def test_of_several_stacks_the_user_can_choose_another(desktop: Desktop, two_stacks: Path):
    desktop.dialogs.folder = str(two_stacks)
    desktop.click(desktop.ui.openFolderButton)
    box = desktop.ui.stackBox
    assert [box.itemText(row) for row in range(box.count)] == ["Series 5  SAX rest", "Series 9  SAX stress"]
    assert not box.isHidden() and first_voxel(desktop) == 500
    box.activated.emit(1)
    desktop.pass_time()
    assert first_voxel(desktop) == 900 and not desktop.dialogs.messages
    assert not desktop.ui.cineStep.collapsed
    box.activated.emit(0)
    desktop.pass_time()
    assert first_voxel(desktop) == 500


def test_stacks_of_a_folder_are_not_offered_beside_another_cine(desktop: Desktop, two_stacks: Path):
    desktop.dialogs.folder = str(two_stacks)
    desktop.click(desktop.ui.openFolderButton)
    assert desktop.ui.stackBox.count == 2
    desktop.click(desktop.ui.sampleButton)
    desktop.pass_time()
    assert desktop.ui.stackBox.isHidden() and desktop.ui.stackBox.count == 0


def test_a_single_stack_leaves_no_choice(desktop: Desktop, tmp_path: Path):
    write_stack(tmp_path / "study", 5, "SAX")
    desktop.dialogs.folder = str(tmp_path / "study")
    desktop.click(desktop.ui.openFolderButton)
    desktop.ui.cineStep.collapsed = False
    assert desktop.ui.stackBox.isHidden()


def test_what_was_left_out_or_assumed_is_said_where_the_cine_is_described(desktop: Desktop, two_stacks: Path):
    desktop.dialogs.folder = str(two_stacks)
    desktop.click(desktop.ui.openFolderButton)
    desktop.pass_time()
    notes = desktop.session.cine.source.notes
    assert any("series 9" in note for note in notes) and not desktop.ui.cineStep.collapsed
    for note in notes[:3]:
        assert note in desktop.ui.cineLabel.text
    assert desktop.ui.cineLabel.toolTip == "\n".join(notes)


def test_a_second_cine_at_the_view_of_the_first_has_a_place_at_once(desktop: Desktop):
    desktop.click(desktop.ui.sampleButton)
    desktop.pass_time()
    assert desktop.session.place is not None
    desktop.click(desktop.ui.sampleButton)
    desktop.pass_time()
    assert desktop.session.place is not None


def test_after_a_reload_the_folder_opened_again_is_the_cine_of_the_scene(
    desktop: Desktop, two_stacks: Path, tmp_path: Path, logics
):
    desktop.dialogs.folder = str(two_stacks)
    desktop.click(desktop.ui.openFolderButton)
    desktop.click(desktop.ui.findPlaceButton)
    assert desktop.session.cines.dicom is not None
    assert logics.scene.WriteToMRB(str(tmp_path / "scene.mrb"))
    logics.scene.Clear(0)
    logics.scene.ReadFromMRB(str(tmp_path / "scene.mrb"), False)
    desktop.widget.enter()
    desktop.pass_time()
    assert desktop.session.nodes is not None and desktop.session.cines.dicom is None
    desktop.click(desktop.ui.openFolderButton)
    assert logics.scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode") == 1
    assert desktop.session.nodes is not None and desktop.session.cines.dicom is not None


def test_in_mid_run_no_other_cine_is_read_and_it_is_said_once(opened: Desktop, two_stacks: Path, small_patient, logics):
    patient.draw(opened.session, small_patient.labels)
    opened.pass_time()
    opened.click(opened.ui.propagateButton)
    assert opened.session.progress is not None
    opened.dialogs.folder = str(two_stacks)
    before = logics.scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode")
    for tries, button in enumerate((opened.ui.openFolderButton, opened.ui.sampleButton), start=1):
        opened.click(button)
        assert len(opened.dialogs.messages) == tries and "is running" in opened.dialogs.messages[-1]
    assert not drop(opened, *two_stacks.glob("9-*")) or "is running" in opened.dialogs.messages[-1]
    assert logics.scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode") == before
    assert opened.session.progress is not None


def test_a_cine_chosen_in_mid_run_is_refused_once(opened: Desktop, small_patient, logics):
    other, first = show_cine(logics, small_patient.cine, "Another"), opened.session.browser
    patient.draw(opened.session, small_patient.labels)
    opened.pass_time()
    opened.click(opened.ui.propagateButton)
    opened.widget.choose(other)
    opened.pass_time()
    assert len(opened.dialogs.messages) == 1
    assert opened.session.browser is first and opened.ui.cineSelector.currentNode() is first


def drop(desktop: Desktop, *paths: Path | str, over: str = "MedVOSSegment") -> bool:
    """Drag files over a part of the panel and let them fall; return whether they were accepted."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) if isinstance(path, Path) else QUrl(path) for path in paths])
    target = unwrap(getattr(desktop.ui, over))
    accepted = []
    for kind in (QDragEnterEvent, QDropEvent):
        place = QPointF(5, 5) if kind is QDropEvent else QPoint(5, 5)
        event = kind(place, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(target, event)
        accepted.append(event.isAccepted())
    desktop.pass_time()
    return all(accepted)


@pytest.mark.parametrize("name", ["5-0-0.dcm", "IM0001"])
def test_open_file_shows_dicom_files_with_and_without_an_extension(desktop: Desktop, tmp_path: Path, name: str):
    write_enhanced(tmp_path / name, phases=10, slices=4)
    desktop.dialogs.file = str(tmp_path / name)
    desktop.click(desktop.ui.openFileButton)
    assert desktop.session.cine.shape[:2] == (10, 4) and not desktop.dialogs.messages


def test_a_folder_that_is_dropped_is_opened_with_its_stacks(desktop: Desktop, two_stacks: Path):
    assert drop(desktop, two_stacks)
    assert first_voxel(desktop) == 500 and desktop.ui.stackBox.count == 2


def test_a_file_that_is_dropped_is_opened(desktop: Desktop, tmp_path: Path):
    write_enhanced(tmp_path / "IM0001", phases=10, slices=4)
    assert drop(desktop, tmp_path / "IM0001")
    assert desktop.session.cine.shape[:2] == (10, 4)


def test_several_dicom_files_that_are_dropped_are_one_cine(desktop: Desktop, two_stacks: Path):
    assert drop(desktop, *sorted(two_stacks.glob("9-*")))
    assert first_voxel(desktop) == 900 and desktop.ui.stackBox.isHidden()


def test_several_folders_and_what_is_no_cine_are_sentences(desktop: Desktop, two_stacks: Path, tmp_path: Path):
    assert drop(desktop, two_stacks, tmp_path)
    assert "one examination" in desktop.dialogs.messages[-1]
    (tmp_path / "notes.txt").write_text("no cine")
    assert drop(desktop, tmp_path / "notes.txt")
    assert "notes.txt" in desktop.dialogs.messages[-1] and desktop.session.cine is None


def test_what_is_no_local_file_is_not_accepted(desktop: Desktop):
    assert not drop(desktop, "https://example.org/cine.nii")
    assert desktop.session.cine is None and not desktop.dialogs.messages
