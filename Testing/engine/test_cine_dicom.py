"""DICOM folders to a cine, made here and as scanned."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from cine_files import FOUR_CHAMBER, SHORT_AXIS, image, normal, write_clip, write_dicom, write_enhanced, write_stack

from medvos.cine import read
from medvos.errors import InputError


def expected(phases: int, slices: int) -> np.ndarray:
    return np.array([[image(t, z) for z in range(slices)] for t in range(phases)], float)


def test_a_stack_becomes_phases_by_slices_with_its_geometry(tmp_path):
    cine = read(write_stack(tmp_path))
    np.testing.assert_array_equal(cine.array, expected(5, 3))
    np.testing.assert_allclose(cine.spacing, (8.0, 1.5, 1.25), atol=1e-4)
    np.testing.assert_allclose(cine.affine[:3, 3], (100.0, 50.0, 20.0), atol=1e-4)
    np.testing.assert_allclose(cine.affine[:3, 0], np.array(SHORT_AXIS[:3]) * (-1.25, -1.25, 1.25), atol=1e-4)
    np.testing.assert_allclose(cine.affine[:3, 2], 8 * normal() * (-1, -1, 1), atol=1e-4)
    np.testing.assert_allclose(cine.times, np.arange(5) * 160.0)
    assert cine.period == 800.0 and cine.source.heart_rate == 75.0
    assert cine.source.kind == "dicom" and cine.source.notes == ()


def test_files_behind_each_phase_and_slice_are_named(tmp_path):
    cine = read(write_stack(tmp_path))
    assert cine.source.files[2][1] == str(tmp_path / "IM0008")


def test_nesting_other_files_and_duplicates_do_not_matter(tmp_path):
    folder = write_stack(tmp_path / "study")
    (folder / "a" / "b").mkdir(parents=True)
    shutil.move(folder / "IM0003", folder / "a" / "b" / "x.dcm")
    shutil.copy(folder / "IM0004", folder / "a" / "copy of it")
    (folder / "notes.txt").write_text("no image")
    (folder / ".DS_Store").write_bytes(b"\0" * 300)
    cine = read(folder)
    np.testing.assert_array_equal(cine.array, expected(5, 3))
    assert cine.source.notes == ("1 of 16 files is a copy of another and was passed over.",)


def test_slices_follow_the_normal_whatever_order_they_were_acquired_in(tmp_path):
    cine = read(write_stack(tmp_path, spacing=-8.0))
    np.testing.assert_array_equal(cine.array, expected(5, 3)[:, ::-1])
    assert np.linalg.det(cine.affine[:3, :3]) > 0


def test_one_series_a_slice_with_other_heart_rates_keeps_phases_by_number(tmp_path):
    for z, interval in enumerate((700.0, 800.0, 960.0)):
        position = list(z * 10.0 * normal())
        write_stack(tmp_path / str(z), slices=1, series=z + 1, interval=interval, origin=position)
    cine = read(tmp_path)
    assert cine.shape[:2] == (5, 3)
    assert cine.period == 800.0 and cine.source.notes == ()
    for z in range(3):
        np.testing.assert_array_equal(cine.array[:, z], expected(5, 1)[:, 0])


def test_other_views_localisers_and_velocity_maps_are_left_out_by_name(tmp_path):
    write_stack(tmp_path / "sax")
    write_stack(tmp_path / "lax", slices=1, series=9, orientation=FOUR_CHAMBER, SeriesDescription="4CH")
    write_stack(tmp_path / "loc", phases=1, slices=2, series=1, SeriesDescription="localiser")
    write_stack(tmp_path / "flow", slices=1, series=7, ImageType=["ORIGINAL", "PRIMARY", "P"])
    notes = read(tmp_path).source.notes
    assert any("series 9 '4CH'" in note and "orientation" in note for note in notes)
    assert any("series 1 'localiser'" in note and "one phase" in note for note in notes)
    assert any("series 7" in note and "it shows the phase" in note for note in notes)


def test_phases_without_trigger_times_follow_the_instance_number(tmp_path):
    cine = read(write_stack(tmp_path, triggers=False))
    np.testing.assert_array_equal(cine.array, expected(5, 3))
    assert cine.period == 800.0


def test_a_beat_of_unknown_length_is_said(tmp_path):
    cine = read(write_stack(tmp_path, triggers=False, interval=None))
    assert cine.source.heart_rate is None and "1000 ms was assumed" in cine.source.notes[0]


def test_two_phases_are_a_cine(tmp_path):
    cine = read(write_stack(tmp_path, phases=2))
    np.testing.assert_allclose(cine.times, (0, 400))
    assert cine.period == 800.0


def test_a_missing_phase_is_filled_over_the_heart_cycle_and_named(tmp_path):
    cine = read(write_stack(tmp_path, phases=10, skip=((4, 1),)))
    np.testing.assert_allclose(cine.array, expected(10, 3), atol=1e-3)
    assert "Slice 2 (counted from 1) has 9 phases (phase 5 is missing)" in cine.source.notes[0]


def test_a_missing_first_phase_does_not_shift_the_others(tmp_path):
    cine = read(write_stack(tmp_path, phases=10, skip=((0, 1),)))
    np.testing.assert_allclose(cine.array[1:], expected(10, 3)[1:], atol=1e-3)


def test_too_few_phases_in_a_slice_are_refused_by_its_number(tmp_path):
    folder = write_stack(tmp_path, phases=10, skip=tuple((t, 1) for t in range(3, 9)))
    with pytest.raises(InputError, match=r"Slice 2 \(counted from 1\) has 4 of 10 phases"):
        read(folder)


def test_phases_in_an_order_that_nothing_tells_are_refused(tmp_path):
    for z in range(3):
        skip = ((3, 0),) if z == 1 else ()
        folder = tmp_path / str(z)
        origin = list(z * 8 * normal())
        write_stack(folder, slices=1, series=z, triggers=False, skip=skip, origin=origin, InstanceNumber=1)
    with pytest.raises(InputError, match="Nothing tells the order of the 5 phases"):
        read(tmp_path)


def test_rescale_slope_and_intercept_are_applied(tmp_path):
    cine = read(write_stack(tmp_path, RescaleSlope=0.5, RescaleIntercept=-7))
    np.testing.assert_allclose(cine.array, expected(5, 3) * 0.5 - 7)


def test_enhanced_multi_frame_is_one_stack(tmp_path):
    cine = read(write_enhanced(tmp_path / "one"))
    np.testing.assert_allclose(cine.array, expected(4, 3) * 2 + 10)
    np.testing.assert_allclose(cine.spacing, (9.0, 1.5, 1.25), atol=1e-4)
    assert cine.period == 800.0


def test_an_ultrasound_clip_is_one_grey_slice(tmp_path):
    write_clip(tmp_path / "clip.dcm")
    cine = read(tmp_path)
    assert cine.shape == (6, 1, 20, 24)
    np.testing.assert_allclose(cine.spacing[1:], (0.5, 0.4))
    assert cine.times[1] == 25.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PatientID": "P2"}, "images of 2 patients"),
        ({"phases": 1}, "one phase only"),
    ],
)
def test_what_is_not_one_cine_is_refused(tmp_path, change, message):
    if "PatientID" in change:
        write_stack(tmp_path / "a")
    write_stack(tmp_path / "b", **change)
    with pytest.raises(InputError, match=message) as refusal:
        read(tmp_path)
    assert "Jane" not in str(refusal.value)


def test_two_examinations_of_one_patient_are_refused(tmp_path):
    write_stack(tmp_path / "a", StudyDate="20200101")
    write_stack(tmp_path / "b", series=5, StudyInstanceUID="1.2.9", StudyDate="20210101")
    with pytest.raises(InputError, match="2 examinations"):
        read(tmp_path)


def test_the_patient_is_named_neither_in_notes_nor_in_refusals(tmp_path):
    write_stack(tmp_path / "sax", SeriesDescription="sax DOE Jane")
    for series, name in ((8, "jane_doe_4ch"), (9, "Plain")):
        write_stack(tmp_path / name, slices=1, series=series, orientation=FOUR_CHAMBER, SeriesDescription="JANE 4ch")
    source = read(tmp_path).source
    assert "Left out series 8 and 9 '*** 4ch' in ***_***_4ch and Plain: another orientation" in " ".join(source.notes)
    assert source.description["series"] == "4 'sax *** ***'"
    shutil.rmtree(tmp_path / "sax")
    write_stack(tmp_path / "doe", series=4, slices=1, phases=4, PixelSpacing=[0, 0])
    with pytest.raises(InputError, match=r"^\*\*\*/IM0001 cannot be read"):
        read(tmp_path)


def test_a_localiser_alone_is_refused(tmp_path):
    write_stack(tmp_path / "a", phases=1, slices=1, series=1)
    write_stack(tmp_path / "b", phases=1, slices=1, series=2, orientation=FOUR_CHAMBER)
    with pytest.raises(InputError, match="localiser"):
        read(tmp_path)


def test_a_single_image_is_refused(tmp_path):
    with pytest.raises(InputError, match="one phase only"):
        read(write_stack(tmp_path, phases=1, slices=1) / "IM0001")


def test_stills_without_a_place_are_refused(tmp_path):
    with pytest.raises(InputError, match="no image with a place"):
        read(write_dicom(tmp_path / "x", image(0, 0)))


def test_several_clips_are_refused_by_name(tmp_path):
    write_clip(tmp_path / "a.dcm")
    write_clip(tmp_path / "b.dcm")
    with pytest.raises(InputError, match=r"2 clips \(a.dcm, b.dcm\)"):
        read(tmp_path)


def test_the_scanned_multi_series_patient_is_one_stack_of_its_real_spacing(data_folder):
    cine = read(data_folder / "cine_multi_series" / "patient1")
    assert cine.shape == (25, 6, 208, 256)
    np.testing.assert_allclose(cine.spacing, (17.7, 1.40625, 1.40625), atol=0.01)
    left_out = " ".join(cine.source.notes)
    assert all(f"in {folder}:" in left_out for folder in ("Se6", "Se8", "Se10"))
    assert len(cine.source.notes) == 3
    assert {Path(name).parent.name for name in cine.source.files[0]} == {"Se1", "Se2", "Se3", "Se4", "Se5", "Se11"}
    np.testing.assert_allclose(cine.times, np.arange(25) * cine.period / 25, atol=0.5)
    np.testing.assert_allclose(cine.period, np.median([776, 814, 829, 831, 860, 863]))


@pytest.mark.parametrize("case", ["SCD0000101", "SCD0000301"])
def test_scanned_slices_and_phases_are_in_the_order_of_the_expert_contours(case, data_folder):
    cine = read(data_folder / "sunnybrook_4d" / case / "dicom")
    labels = np.load(data_folder / "sunnybrook_4d" / case / "labels.npz")
    assert cine.shape == labels["endo"].shape
    assert cine.source.notes == ()
    contrasts = []
    for t, z in np.argwhere((labels["endo"] == 1).any(axis=(2, 3))):
        cavity, epi = labels["endo"][t, z] == 1, labels["epi"][t, z]
        if (epi == 1).any() and (epi != 255).all():
            wall = (epi == 1) & ~cavity
            contrasts.append(cine.array[t, z][cavity].mean() / cine.array[t, z][wall].mean())
    # Blood is far brighter than muscle only where contour and image belong together.
    assert len(contrasts) > 5 and np.median(contrasts) > 1.8
