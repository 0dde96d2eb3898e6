"""Segments of 3D Slicer: their names decide, else the drawing, else the user is asked."""

from __future__ import annotations

import numpy as np
import pytest
from label_drawings import HOUSE, a_cine, drawing, save_nifti, save_segments
from labelled_heart import disk

from medvos.cine import read_seed
from medvos.cine.nrrd import load_with_header
from medvos.errors import InputError

CINE = a_cine()
CODES = "Segmentation category and type~SCT^123037004^Anatomical Structure~SCT^1^{}~^^~Anatomic codes~^^~^^"


def seed_of(path, **how):
    seed = read_seed(path, CINE, 1, **how)
    return seed.labels[1], seed.notes


def named(*names):
    return [{"Name": name} for name in names]


@pytest.mark.parametrize(
    "names",
    [("LV", "Myocardium", "RV"), ("linker Ventrikel", "Myokard", "rechter Ventrikel"), ("LV endo", "LV epi", "RV endo"),
     ("ventricule gauche", "myocarde", "ventricule droit"), ("blood pool", "wall", "right ventricle")],
)  # fmt: skip
def test_names_decide_whatever_the_numbers(tmp_path, names):
    labels, notes = seed_of(save_segments(tmp_path / "s.seg.nrrd", drawing(1, 2, 3), named(*names)))
    np.testing.assert_array_equal(labels, HOUSE)
    assert not notes


@pytest.mark.parametrize(("name", "label"), [("left ventricle", 3), ("RV", 1)])
def test_a_single_named_segment_is_what_it_is_called(tmp_path, name, label):
    stored = drawing(1, 0, 0) if label == 3 else drawing(0, 0, 1)
    labels, _ = seed_of(save_segments(tmp_path / "s.seg.nrrd", stored, named(name)))
    np.testing.assert_array_equal(labels, np.where(label == HOUSE, HOUSE, 0))


def test_terminology_and_identifiers_tell_what_names_do_not(tmp_path):
    words = ("Left ventricle", "Left Ventricle Myocardium", "Right ventricle")
    tags = [{"Name": "Segment_1", "Tags": f"TerminologyEntry:{CODES.format(text)}|"} for text in words]
    np.testing.assert_array_equal(seed_of(save_segments(tmp_path / "t.seg.nrrd", drawing(1, 2, 3), tags))[0], HOUSE)
    ids = [{"Name": f"Segment_{n}", "ID": text} for n, text in ((1, "LV"), (2, "Myo"), (3, "RV"))]
    np.testing.assert_array_equal(seed_of(save_segments(tmp_path / "i.seg.nrrd", drawing(1, 2, 3), ids))[0], HOUSE)


def test_a_name_that_its_terminology_contradicts_is_refused(tmp_path):
    one = [{"Name": "LV", "Tags": f"TerminologyEntry:{CODES.format('Right ventricle')}|"}]
    with pytest.raises(InputError, match="'LV' is marked as the right ventricle"):
        seed_of(save_segments(tmp_path / "s.seg.nrrd", drawing(1, 0, 0), one))
    assert seed_of(tmp_path / "s.seg.nrrd", labels="lv=1")[0].max() == 3


def test_names_that_mean_nothing_leave_it_to_the_drawing(tmp_path):
    labels, notes = seed_of(
        save_segments(tmp_path / "s.seg.nrrd", drawing(1, 2, 3), named("Segment_1", "Segment_2", "Segment_3"))
    )
    np.testing.assert_array_equal(labels, HOUSE)
    assert "label 2 encloses label 1" in notes[0]
    path = save_segments(tmp_path / "one.seg.nrrd", drawing(3, 0, 0), [{"Name": "Segment_3", "LabelValue": 3}])
    with pytest.raises(InputError, match=r"3 'Segment_3'.*--labels lv=3"):
        seed_of(path)
    assert seed_of(path, labels="rv=Segment_3")[0].max() == 1


@pytest.mark.parametrize(
    ("names", "words"),
    [(("Myocardium", "LV", "RV"), "'LV' encloses 'Myocardium'"), (("RV", "Myo", "LV"), "contradicts itself"),
     (("LV", "RV", "Myo"), "contradicts itself"), (("RV", "LV", "Segment_3"), "contradicts itself")],
)  # fmt: skip
def test_names_that_the_drawing_contradicts_are_refused(tmp_path, names, words):
    path = save_segments(tmp_path / "s.seg.nrrd", drawing(1, 2, 3), named(*names))
    with pytest.raises(InputError, match=words) as refusal:
        seed_of(path)
    assert "--labels" in str(refusal.value) and "\n" not in str(refusal.value)
    np.testing.assert_array_equal(seed_of(path, labels="lv=1,myo=2,rv=3")[0], HOUSE)


def test_of_two_left_ventricles_the_outer_one_is_the_wall(tmp_path):
    labels, _ = seed_of(
        save_segments(tmp_path / "s.seg.nrrd", drawing(1, 2, 3), named("LV cavity", "left ventricle", "RV"))
    )
    np.testing.assert_array_equal(labels, HOUSE)
    with pytest.raises(InputError, match="'LV' and 'left ventricle', which both seem to be the left ventricle"):
        seed_of(save_segments(tmp_path / "t.seg.nrrd", drawing(1, 0, 3), named("LV", "", "left ventricle")))


def test_structures_beside_the_heart_are_kept_with_a_note(tmp_path):
    stored = drawing(1, 2, 3)
    stored[2][disk(3, (42, 42))] = 4
    labels, notes = seed_of(save_segments(tmp_path / "s.seg.nrrd", stored, named("LV", "Myo", "RV", "Segment_4")))
    np.testing.assert_array_equal(labels == 4, stored == 4)
    assert "'Segment_4' as structure 4" in notes[0]


def test_layers_of_a_filled_epicardium_and_an_endocardium_are_wall_and_cavity(tmp_path):
    inner, outer = HOUSE == 3, HOUSE >= 2
    for names in (("endo", "epi"), ("LV", "Myocardium"), ("LV cavity", "epicardium")):
        segments = [{"Name": names[0], "LabelValue": 1}, {"Name": names[1], "LabelValue": 1, "Layer": 1}]
        labels, _ = seed_of(save_segments(tmp_path / "s.seg.nrrd", np.stack([inner, outer]), segments))
        np.testing.assert_array_equal(labels, np.where(HOUSE == 1, 0, HOUSE))


def test_layers_that_cannot_be_told_apart_are_refused(tmp_path):
    inner, outer = HOUSE == 3, HOUSE >= 2
    segments = [{"Name": "Segment_1"}, {"Name": "Segment_2", "LabelValue": 1, "Layer": 1}]
    path = save_segments(tmp_path / "s.seg.nrrd", np.stack([inner, outer]), segments)
    with pytest.raises(InputError, match=r"overlapping segments \('Segment_1' and 'Segment_2'\)"):
        seed_of(path)
    labels, _ = seed_of(path, labels="lv=Segment_1,myo=Segment_2")
    np.testing.assert_array_equal(labels, np.where(HOUSE == 1, 0, HOUSE))


def test_an_epicardium_without_a_cavity_is_no_wall(tmp_path):
    with pytest.raises(InputError, match="'epicardium' without the cavity"):
        seed_of(save_segments(tmp_path / "s.seg.nrrd", (HOUSE >= 2).astype(np.uint8), named("epicardium")))


def test_names_beside_an_image_of_itk_snap_are_used(tmp_path):
    save_nifti(tmp_path / "seed.nii.gz", drawing(1, 2, 3))
    lines = ["# ITK-SnAP Label Description File", '    0     0    0    0        0  0  0    "Clear Label"']
    for n, name in enumerate(("LV", "Myocardium", "RV"), 1):
        lines.append(f'    {n}   255    0    0        1  1  1    "{name}"')
    (tmp_path / "seed.label").write_text("\n".join(lines))
    labels, notes = seed_of(tmp_path / "seed.nii.gz")
    np.testing.assert_array_equal(labels, HOUSE)
    assert not notes


def test_labels_that_the_user_leaves_out_are_asked_for(tmp_path):
    path = save_nifti(tmp_path / "s.nii.gz", drawing(1, 2, 3))
    with pytest.raises(InputError, match="label 3, which --labels does not name"):
        seed_of(path, labels="lv=1,myo=2")
    with pytest.raises(InputError, match="none of the labels"):
        seed_of(path, labels="lv=11,myo=12,rv=13")
    np.testing.assert_array_equal(seed_of(path, labels="lv=1,myo=2,none=3")[0], np.where(HOUSE == 1, 0, HOUSE))
    np.testing.assert_array_equal(seed_of(path, labels="lv=1,myo=2,other=3")[0], np.where(HOUSE == 1, 4, HOUSE))


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        *((name, "utf-8") for name in ("ventrículo izquierdo", "mięsień", "Épicarde", "левый желудочек", "左心室")),
        *((name, "latin-1") for name in ("ventrículo izquierdo", "Épicarde")),
    ],
)
def test_names_beyond_ascii_arrive(tmp_path, name, encoding):
    path = save_segments(tmp_path / "s.seg.nrrd", drawing(1, 2, 3), named("@name@", "Other", "RV"))
    path.write_bytes(path.read_bytes().replace(b"@name@", name.encode(encoding)))
    header, voxels = load_with_header(path)
    assert header["Segment0_Name"] == name and voxels.any()
