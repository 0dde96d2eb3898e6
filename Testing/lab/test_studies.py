"""Studies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_network import TINY, a_cine, heart_slice

from medvos.propagation.heart_region import region_of_seed
from medvos.structures import LV, MYO, RV
from medvos_lab import studies
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.datasets.sunnybrook import LabelledFrames
from medvos_lab.studies import Study, load_studies, study_of_cine, study_of_frames, synthetic_studies


@pytest.fixture
def a_case() -> LabelledCine:
    cine = a_cine(2, 3, side=72)
    labels = np.zeros(cine.shape, np.uint8)
    labels[:, :2] = heart_slice(72)
    return LabelledCine("case", cine, labels, "group")


def test_every_frame_of_a_cine_is_found_by_phase_and_slice(a_case):
    study = study_of_cine(a_case, "acdc", TINY)
    assert study.structures == (RV, MYO, LV)
    for phase in range(2):
        for z in range(3):
            index = study.frame(phase, z)
            assert index is not None
            np.testing.assert_array_equal(study.labels[index], a_case.labels[phase, z])
            grey = np.corrcoef(study.images[index].ravel(), a_case.cine.array[phase, z].ravel())[0, 1]
            assert grey > 0.95
    assert study.frame(2, 0) is None
    assert study.frame(0, 3) is None


def test_the_scale_is_that_of_the_region_at_inference(a_case):
    region = region_of_seed(a_case.labels[0, 1], a_case.cine.spacing[1:], TINY.pixel_mm, TINY.region)
    assert study_of_cine(a_case, "acdc", TINY).scale == region.height / TINY.region
    affine = np.diag([0.75, 0.75, 8.0, 1.0])
    fine = replace(a_case, cine=replace(a_case.cine, affine=affine), labels=a_case.labels.repeat(1, 2))
    scaled = study_of_cine(fine, "acdc", replace(TINY, pixel_mm=1.0))
    assert scaled.scale != 1


def test_of_single_frames_the_cavity_is_all_that_is_known():
    images = np.random.default_rng(0).integers(0, 255, (3, 72, 72)).astype(np.uint8)
    cavity = np.stack([heart_slice(72) == LV] * 3)
    frames = LabelledFrames("case", images, cavity, np.array([1, 1, 4]), np.array([0, 8, 8]), "N")
    study = study_of_frames(frames, TINY)
    assert study.structures == (LV,)
    assert set(np.unique(study.labels)) == {0, LV}
    assert (study.frame(0, 1), study.frame(1, 1), study.frame(1, 4), study.frame(0, 4)) == (0, 1, 2, None)


def test_synthetic_studies_are_made_once(a_case, tmp_path, monkeypatch):
    made: list[int] = []

    def make(number, config) -> Study:
        made.append(number)
        return study_of_cine(a_case, "synthetic", config)

    monkeypatch.setattr(studies, "_synthetic_study", make)
    first = list(synthetic_studies(tmp_path, 2, TINY))
    second = list(synthetic_studies(tmp_path, 3, TINY))
    assert made == [0, 1, 2]
    for a, b in zip(first, second, strict=False):
        np.testing.assert_array_equal(a.images, b.images)
        np.testing.assert_array_equal(a.labels, b.labels)
        assert (a.scale, a.structures, a.source) == (b.scale, b.structures, "synthetic")


def test_synthetic_studies_do_not_depend_on_the_number_of_processes(tmp_path):
    alone, others = (list(synthetic_studies(tmp_path / str(n), 2, TINY, n)) for n in (1, 2))
    for one, other in zip(alone, others, strict=True):
        np.testing.assert_array_equal(one.images, other.images)
        np.testing.assert_array_equal(one.labels, other.labels)
    assert not np.array_equal(others[0].images, others[1].images)


def test_validation_patients_are_never_trained_on(data_folder, monkeypatch, tmp_path):
    names: list[str] = []

    def note(case, source, config) -> Study:
        names.append(case.name)
        return None  # type: ignore[return-value]

    monkeypatch.setattr(studies, "study_of_cine", note)
    load_studies(("acdc",), data_folder, tmp_path, TINY)
    assert len(names) > 40
    assert not [name for name in names if name[-1] in "49"]


def test_real_cavity_frames_make_studies(data_folder, tmp_path):
    found = load_studies(("sunnybrook",), data_folder, tmp_path, TINY)
    assert len(found) == 40
    assert all(study.structures == (LV,) and study.labels.any((1, 2)).all() for study in found)
