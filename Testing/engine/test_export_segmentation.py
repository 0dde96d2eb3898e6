"""DICOM Segmentation: its voxels, its references and its identifiers."""

from __future__ import annotations

from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from export_case import (
    NOTICE,
    SHA,
    a_patient,
    a_patient_in_series,
    a_result_of,
    an_enhanced_patient,
    dicom_faults,
    labels_on,
    obstructed,
)

from medvos.cine.read import read
from medvos.export.images import positions, source_images
from medvos.export.segmentation import write_segmentations
from medvos.export.structured_report import write_report
from medvos.result import Result

KINDS = {
    "single images": (a_patient, "patient"),
    "a series a slice": (a_patient_in_series, "patient"),
    "enhanced": (an_enhanced_patient, "cine.dcm"),
}


def exported(path: Path, out: Path, labels: np.ndarray | None = None) -> tuple[Result, list[Path]]:
    cine = read(path)
    result = a_result_of(cine, labels)
    out.mkdir()
    write_segmentations(result, source_images(cine), out)
    return result, sorted(out.iterdir())


def read_by_highdicom(path: Path, result: Result) -> np.ndarray:
    """(Z, Y, X) labels of a file by the library's own reader; slices without a segment may be left out of it."""
    segmentation = highdicom.seg.segread(path)
    volume = segmentation.get_volume(combine_segments=True)
    labels = np.zeros(result.cine.shape[1:], np.uint8)
    numbers = [
        0,
        *(
            ("RV", "Myo", "LV").index(segmentation.get_segment_description(n).segment_label) + 1
            for n in segmentation.segment_numbers
        ),
    ]
    for k in range(volume.spatial_shape[0]):
        place = volume.map_indices_to_reference(np.array([[k, 0, 0]]))[0]
        z = int(np.argmin(np.linalg.norm(positions(result.cine) - place, axis=1)))
        labels[z] = np.array(numbers, np.uint8)[volume.array[k]]
    return labels


def source_of(group: pydicom.Dataset) -> pydicom.Dataset | None:
    items = group.DerivationImageSequence
    return items[0].SourceImageSequence[0] if items else None


@pytest.mark.parametrize("kind", KINDS)
def test_every_voxel_is_read_by_another_program(kind: str, tmp_path: Path):
    write, name = KINDS[kind]
    result, files = exported(write(tmp_path / name), tmp_path / "out")
    assert [file.name for file in files] == [f"segmentation-phase-{t:02d}.dcm" for t in range(result.cine.shape[0])]
    for t, file in enumerate(files):
        np.testing.assert_array_equal(read_by_highdicom(file, result), result.labels[t])


@pytest.mark.parametrize("kind", KINDS)
def test_each_frame_states_the_image_that_shows_its_slice_at_its_phase(kind: str, tmp_path: Path):
    """As viewers do it that lay a frame over the image that it names, without a look at positions."""
    write, name = KINDS[kind]
    result, files = exported(write(tmp_path / name), tmp_path / "out")
    uids = {file: pydicom.dcmread(file).SOPInstanceUID for phase in result.cine.source.files for file in phase}
    for t, file in enumerate(files):
        data = pydicom.dcmread(file)
        found = np.zeros(result.cine.shape[1:], np.uint8)
        for frame, group in zip(data.pixel_array, data.PerFrameFunctionalGroupsSequence, strict=True):
            source = source_of(group)
            z = next(
                z
                for z in range(result.cine.shape[1])
                if uids[result.cine.source.files[t][z]] == source.ReferencedSOPInstanceUID
                and source.get("ReferencedFrameNumber", 1) == result.cine.source.frames[t][z] + 1
            )
            found[z][frame > 0] = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        np.testing.assert_array_equal(found, result.labels[t])
        stated = {item.ReferencedSOPInstanceUID for item in data.SourceImageSequence}
        by_series = [
            one.ReferencedSOPInstanceUID for s in data.ReferencedSeriesSequence for one in s.ReferencedInstanceSequence
        ]
        assert stated == set(by_series) and len(by_series) == len(stated) <= result.cine.shape[1]


@pytest.mark.parametrize("kind", KINDS)
def test_the_standard_is_kept(kind: str, tmp_path: Path):
    write, name = KINDS[kind]
    _, files = exported(write(tmp_path / name), tmp_path / "out")
    assert dicom_faults(files[0]) == []


def test_a_slice_that_was_resampled_says_that_its_pixels_are_not_those_of_its_image(tmp_path: Path):
    result, files = exported(a_patient_in_series(tmp_path / "patient"), tmp_path / "out")
    data = pydicom.dcmread(files[0])
    for group in data.PerFrameFunctionalGroupsSequence:
        source = source_of(group)
        image = next(
            pydicom.dcmread(file)
            for file in result.cine.source.files[0]
            if pydicom.dcmread(file).SOPInstanceUID == source.ReferencedSOPInstanceUID
        )
        own = group.PlanePositionSequence[0].ImagePositionPatient
        moved = image.SeriesNumber == 3
        assert source.SpatialLocationsPreserved == ("NO" if moved else "YES")
        assert (own == image.ImagePositionPatient) is not moved


def test_a_slice_that_was_interpolated_has_no_source(tmp_path: Path):
    a_patient_in_series(tmp_path / "patient", slices=5)
    for file in (tmp_path / "patient" / "Se2").iterdir():
        file.unlink()
    result, files = exported(tmp_path / "patient", tmp_path / "out")
    data = pydicom.dcmread(files[0])
    middle = positions(result.cine)[2]
    without = [group for group in data.PerFrameFunctionalGroupsSequence if source_of(group) is None]
    assert without
    for group in without:
        np.testing.assert_allclose(group.PlanePositionSequence[0].ImagePositionPatient, middle, atol=1e-3)


def test_a_resampled_phase_names_the_picture_nearest_to_it_in_time(tmp_path: Path):
    path = a_patient(tmp_path / "patient", phases=10, skip=((4, 1),))
    result, files = exported(path, tmp_path / "out")
    assert "phase 5 is missing" in result.cine.source.notes[0]
    near = {pydicom.dcmread(path / f"IM{10 + number:04d}").SOPInstanceUID for number in (4, 6)}
    own = {pydicom.dcmread(path / f"IM{10 + 4:04d}").SOPInstanceUID, pydicom.dcmread(path / "IM0016").SOPInstanceUID}
    stated = {item.ReferencedSOPInstanceUID for item in pydicom.dcmread(files[4]).SourceImageSequence}
    assert len(stated) == 3 and len(stated & (near | own)) == 1


def test_a_second_export_is_the_same_to_the_byte(tmp_path: Path):
    path = a_patient(tmp_path / "patient")
    _, first = exported(path, tmp_path / "a")
    _, second = exported(path, tmp_path / "b")
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_other_labels_are_other_objects(tmp_path: Path):
    path = a_patient(tmp_path / "patient")
    labels = labels_on(read(path))
    labels[4, 0, 0, 0] = 3
    _, first = exported(path, tmp_path / "a")
    _, second = exported(path, tmp_path / "b", labels)
    uids = [pydicom.dcmread(file).SOPInstanceUID for file in (*first, *second)]
    series = {pydicom.dcmread(file).SeriesInstanceUID for file in (*first, *second)}
    assert len(set(uids)) == 10 and len(series) == 2


def test_a_segment_says_what_it_is_and_how_it_was_made(tmp_path: Path):
    _, files = exported(a_patient(tmp_path / "patient"), tmp_path / "out")
    segments = pydicom.dcmread(files[0]).SegmentSequence
    codes = [(one.SegmentLabel, one.SegmentedPropertyTypeCodeSequence[0].CodeValue) for one in segments]
    assert codes == [("RV", "53085002"), ("Myo", "49848007"), ("LV", "87878005")]
    assert {one.SegmentedPropertyCategoryCodeSequence[0].CodeValue for one in segments} == {"123037004"}
    assert {one.SegmentAlgorithmType for one in segments} == {"SEMIAUTOMATIC"}
    for one in segments:
        algorithm = one.SegmentationAlgorithmIdentificationSequence[0]
        assert algorithm.AlgorithmName == "cstm-research" and SHA in algorithm.AlgorithmParameters


def test_masks_without_lv_and_a_phase_without_any_label(tmp_path: Path):
    path = a_patient(tmp_path / "patient")
    labels = labels_on(read(path))
    labels[labels == 3] = 0
    labels[labels == 2] = 7
    labels[2] = 0
    result, files = exported(path, tmp_path / "out", labels)
    assert [int(file.stem[-2:]) for file in files] == [0, 1, 3, 4]
    data = pydicom.dcmread(files[0])
    assert [one.SegmentLabel for one in data.SegmentSequence] == ["RV", "structure 7"]
    assert data.pixel_array.sum() == (result.labels[0] > 0).sum()


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 144", "Иванова^Анна"),
        ("ISO_IR 192", "王^小東"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    ],
)
def test_patient_and_study_are_those_of_the_images(charset: str | list[str], name: str, tmp_path: Path):
    path = a_patient(tmp_path / "patient", phases=2, SpecificCharacterSet=charset, PatientName=name)
    result, (file, _) = exported(path, tmp_path / "out")
    write_report(result, source_images(result.cine), tmp_path)
    for written in (file, tmp_path / "measurements.dcm"):
        data = pydicom.dcmread(written)
        assert data.SpecificCharacterSet == charset and str(data.PatientName) == name
        assert (data.PatientID, data.StudyInstanceUID) == ("P1", "1.2.840.99.3")
        assert dicom_faults(written) == []
    assert pydicom.dcmread(file).FrameOfReferenceUID == "1.2.840.99.7"


def test_a_folder_that_also_holds_segmentations_is_read_as_the_cine(tmp_path: Path):
    path = a_patient(tmp_path / "patient")
    before = read(path)
    exported(path, path / "out")
    after = read(path)
    assert after.source.digest == before.source.digest and after.source.notes == before.source.notes


# The archives' own values; `medvos export` silences these warnings because they quote names.
@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning", "ignore:The string .* person name:UserWarning")
@pytest.mark.parametrize("patient", ["sunnybrook_4d/SCD0000101/dicom", "cine_multi_series/patient1"])
def test_a_real_patient_of_each_scanner(patient: str, data_folder: Path, tmp_path: Path):
    cine = read(data_folder / patient)
    y, x = np.mgrid[: cine.shape[2], : cine.shape[3]]
    labels = np.zeros(cine.shape, np.uint8)
    for t, z in np.ndindex(2, cine.shape[1]):
        away = np.hypot(y - cine.shape[2] / 2, x - cine.shape[3] / 2)
        labels[t, z][away < 30 - t - z] = 2
        labels[t, z][away < 20 - t - z] = 3
    result = a_result_of(cine, labels)
    (tmp_path / "out").mkdir()
    write_segmentations(result, source_images(cine), tmp_path / "out")
    for t, file in enumerate(sorted((tmp_path / "out").iterdir())):
        data = pydicom.dcmread(file)
        assert dicom_faults(file) == []
        assert {source_of(group).SpatialLocationsPreserved for group in data.PerFrameFunctionalGroupsSequence} == {
            "YES"
        }
        assert data.pixel_array.sum() == (labels[t] > 0).sum()
        stated = {item.ReferencedSOPInstanceUID for item in data.SourceImageSequence}
        assert stated == {pydicom.dcmread(one, stop_before_pixels=True).SOPInstanceUID for one in cine.source.files[t]}


def test_a_predicted_obstruction_says_what_it_is_worth(tmp_path: Path):
    cine = read(a_patient(tmp_path / "patient"))
    write_segmentations(obstructed(a_result_of(cine)), source_images(cine), tmp_path)
    data = pydicom.dcmread(tmp_path / "segmentation-phase-01.dcm")
    assert data.ContentDescription == "Phase 1 of 5; MVO not validated, research only"
    assert "research only" in data.SeriesDescription
    by_name = {segment.SegmentLabel: segment for segment in data.SegmentSequence}
    assert by_name["MVO"].SegmentDescription == NOTICE and "SegmentDescription" not in by_name["Myo"]
    assert by_name["MVO"].SegmentedPropertyCategoryCodeSequence[0].CodeMeaning == "Morphologically Altered Structure"
    assert not dicom_faults(tmp_path / "segmentation-phase-01.dcm")
