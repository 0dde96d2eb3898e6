from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medvos.errors import InputError
from medvos.evaluate.metrics import NOT_LABELLED
from medvos.structures import LV, MYO, RV
from medvos_lab.datasets.sunnybrook import (
    LabelledFrames,
    labels_from_contours,
    read_frames,
    sunnybrook_4d,
    sunnybrook_edes,
    two_phase_cine,
)


@pytest.fixture
def some_contours() -> tuple[np.ndarray, np.ndarray]:
    """One phase, three slices: both contours, the endocardium alone, none."""
    endo = np.full((1, 3, 20, 20), NOT_LABELLED, np.uint8)
    epi = endo.copy()
    endo[0, :2] = 0
    endo[0, :2, 8:12, 8:12] = 1
    epi[0, 0] = 0
    epi[0, 0, 6:14, 6:14] = 1
    return endo, epi


@pytest.fixture
def some_frames() -> LabelledFrames:
    """Slices 3 to 5 at ED (phase 18), 3 and 4 at ES (phase 7), not in order."""
    slices, phases = np.array([4, 3, 5, 3, 4]), np.array([7, 18, 18, 7, 18])
    images = (slices * 20 + phases).astype(np.uint8)[:, None, None] * np.ones((1, 16, 16), np.uint8)
    cavity = np.zeros((5, 16, 16), bool)
    for i, phase in enumerate(phases):
        cavity[i, 4 : 8 if phase == 7 else 12, 4:10] = True
    return LabelledFrames("made", images, cavity, slices, phases, "N")


def test_the_wall_is_between_the_contours(some_contours: tuple[np.ndarray, np.ndarray]):
    labels, drawn = labels_from_contours(*some_contours)
    assert (labels[0, 0] == LV).sum() == 16
    assert (labels[0, 0] == MYO).sum() == 64 - 16
    assert drawn[0, 0].tolist() == [False, False, True, True]


def test_a_cavity_alone_leaves_the_wall_unknown_but_the_cavity_known(some_contours: tuple[np.ndarray, np.ndarray]):
    labels, drawn = labels_from_contours(*some_contours)
    assert set(np.unique(labels[0, 1])) == {LV, NOT_LABELLED}
    assert drawn[0, 1, LV] and not drawn[0, 1, MYO]


def test_no_voxel_is_called_background(some_contours: tuple[np.ndarray, np.ndarray]):
    labels, drawn = labels_from_contours(*some_contours)
    assert (labels != 0).all()
    assert (labels[0, 2] == NOT_LABELLED).all()
    assert not drawn[0, 2].any() and not drawn[..., RV].any()


def test_the_instance_number_tells_slice_and_phase(tmp_path: Path):
    path = tmp_path / "SC-HF-NI-07.npz"
    image = np.zeros((3, 8, 8), np.uint8)
    np.savez(path, image=image, endo=image > 0, instance=np.array([1, 20, 48]))
    frames = read_frames(path)
    assert frames.slices.tolist() == [0, 0, 2]
    assert frames.phases.tolist() == [0, 19, 7]
    assert frames.group == "HF-NI"


def test_two_phases_hold_the_slices_drawn_at_both(some_frames: LabelledFrames):
    case = two_phase_cine(some_frames)
    assert case.cine.shape == (2, 2, 16, 16)
    assert case.cine.array[:, :, 0, 0].tolist() == [[3 * 20 + 18, 4 * 20 + 18], [3 * 20 + 7, 4 * 20 + 7]]
    assert (case.labels == LV).sum(axis=(2, 3)).tolist() == [[48, 48], [24, 24]]
    assert case.known(LV).all() and not case.known(MYO).any()


def test_frames_of_one_phase_make_no_cine(some_frames: LabelledFrames):
    at_ed = some_frames.phases == 18
    lone = LabelledFrames(
        "made", some_frames.images[at_ed], some_frames.cavity[at_ed], some_frames.slices[at_ed], np.full(3, 18), "N"
    )
    with pytest.raises(InputError, match="both ED and ES"):
        two_phase_cine(lone)


def test_missing_folders_are_refused_before_the_first_case(tmp_path: Path):
    for load in (sunnybrook_4d, sunnybrook_edes):
        with pytest.raises(InputError, match="MEDVOS_DATA"):
            load(tmp_path)


def test_the_40_real_patients_all_make_a_two_phase_cine(data_folder: Path):
    cases = [two_phase_cine(frames) for frames in sunnybrook_edes(data_folder)]
    assert len(cases) == 40
    assert {c.group for c in cases} == {"HF-I", "HF-NI", "HYP", "N"}
    assert all((c.labels[0] == LV).sum() > (c.labels[1] == LV).sum() for c in cases)


def test_the_real_4d_labels_lie_on_the_blood_of_the_images(data_folder: Path):
    cases = list(sunnybrook_4d(data_folder))
    assert [c.cine.shape for c in cases] == [(20, 12, 256, 256), (20, 10, 256, 256)]
    for case in cases:
        assert np.flatnonzero(case.known(LV).any(axis=1)).tolist() in ([7, 18], [6, 19])
        for t, z in np.argwhere(case.known(MYO)):
            image = case.cine.array[t, z]
            blood, wall = (np.median(image[case.labels[t, z] == s]) for s in (LV, MYO))
            assert blood > 1.5 * wall
