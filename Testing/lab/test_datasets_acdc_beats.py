"""ACDC with all phases: a patient made in memory, and the real ones where they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medvos.errors import InputError
from medvos.evaluate.metrics import NOT_LABELLED
from medvos_lab.datasets.acdc_beats import Beat, acdc_beats


def a_beat() -> Beat:
    """Ten phases, ED at 1 and ES at 5; the crop is one slice smaller than the images at each end."""
    rng = np.random.default_rng(0)
    images = rng.integers(20, 120, (2, 5, 40, 44)).astype(np.uint8)
    frames = rng.integers(20, 120, (10, 3, 20, 24)).astype(np.uint8)
    beat = Beat("patient001", frames, (1, 8, 10), images, np.zeros(images.shape, np.uint8), 1, 5, (10.0, 1.5, 1.4))
    frames[[1, 5]] = images[:, *beat.box] // 2  # the video has another grey scale than the images
    beat.labels[:, 2, 15, 15] = 3
    return beat


def test_whole_images_are_those_of_the_files_at_ed_and_es():
    beat = a_beat()
    np.testing.assert_array_equal(beat.whole(1, 2), beat.images[0, 2])
    np.testing.assert_array_equal(beat.whole(5, 0), beat.images[1, 0])


def test_other_phases_show_the_crop_in_the_images_intensities_and_a_mixture_around_it():
    beat = a_beat()
    image = beat.whole(3, 2).astype(float)
    inside = image[beat.box[1:]]
    assert np.abs(inside - 2 * beat.frames[3, 1].astype(float)).max() < 4
    mixture = beat.images[:, 2].astype(float).mean(0)
    assert abs(image[0, 0] - mixture[0, 0]) <= 0.5


@pytest.mark.parametrize(("phase", "fraction"), [(1, 0.0), (3, 0.5), (5, 1.0), (8, 0.5), (0, 1 / 6)])
def test_the_fraction_of_es_rises_to_es_and_falls_back_to_ed(phase: int, fraction: float):
    assert a_beat().fraction_of_es(phase) == pytest.approx(fraction)


def test_the_crop_is_labelled_at_ed_and_es_alone():
    case = a_beat().cropped()
    assert case.cine.shape == (10, 3, 20, 24)
    assert case.known(3)[[1, 5]].all() and not case.known(3)[[0, 2, 9]].any()
    assert case.labels[1, 1, 7, 5] == 3 and case.labels[0, 1, 7, 5] == NOT_LABELLED
    assert case.cine.spacing == pytest.approx((10.0, 1.5, 1.4))


def test_the_two_ends_of_the_crop_have_its_frames_and_labels():
    beat = a_beat()
    ends, whole = beat.cropped_ends(), beat.cropped()
    np.testing.assert_array_equal(ends.cine.array, whole.cine.array[[1, 5]])
    np.testing.assert_array_equal(ends.labels, whole.labels[[1, 5]])


def test_an_unknown_split_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="split"):
        acdc_beats(tmp_path, "test")  # type: ignore[arg-type]


def test_real_validation_patients_are_never_training_patients(data_folder: Path):
    if not (data_folder / "acdc_4d").is_dir():
        pytest.skip("no acdc_4d")
    first = next(acdc_beats(data_folder, "validation"))
    assert first.name == "patient004"
    second = [beat.name for _, beat in zip(range(4), acdc_beats(data_folder, "training"), strict=False)]
    assert second == ["patient001", "patient002", "patient003", "patient005"]


def test_a_real_patient_s_crop_has_the_intensities_of_its_images(data_folder: Path):
    if not (data_folder / "acdc_4d").is_dir():
        pytest.skip("no acdc_4d")
    beat = next(acdc_beats(data_folder, "validation"))
    assert beat.frames.shape == (28, 7, 95, 100) and (beat.ed, beat.es) == (0, 14)
    gain, offset = beat.grey
    for phase, image in ((beat.ed, beat.images[0]), (beat.es, beat.images[1])):
        crop = beat.frames[phase] * gain + offset
        unclipped = image[beat.box] < 255
        assert np.abs(crop - image[beat.box])[unclipped].mean() < 3
