"""Opening a folder in which more than one stack could be meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from widget.conftest import Desktop

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
    desktop.ui.cineStep.collapsed = False
    box = desktop.ui.stackBox
    assert [box.itemText(row) for row in range(box.count)] == ["Series 5  SAX rest", "Series 9  SAX stress"]
    assert not box.isHidden() and first_voxel(desktop) == 500
    box.activated.emit(1)
    desktop.pass_time()
    assert first_voxel(desktop) == 900 and not desktop.dialogs.messages
    box.activated.emit(0)
    desktop.pass_time()
    assert first_voxel(desktop) == 500


def test_a_single_stack_leaves_no_choice(desktop: Desktop, tmp_path: Path):
    write_stack(tmp_path / "study", 5, "SAX")
    desktop.dialogs.folder = str(tmp_path / "study")
    desktop.click(desktop.ui.openFolderButton)
    desktop.ui.cineStep.collapsed = False
    assert desktop.ui.stackBox.isHidden()


def test_what_was_left_out_or_assumed_is_said_where_the_cine_is_described(desktop: Desktop, two_stacks: Path):
    desktop.dialogs.folder = str(two_stacks)
    desktop.click(desktop.ui.openFolderButton)
    notes = desktop.session.cine.source.notes
    assert any("series 9" in note for note in notes)
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
