"""Pseudo-labels: taken over where the prediction agrees with the drawn LV, unknown elsewhere."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage
from tiny_network import heart_slice
from tiny_vivim import Reader
from training_studies import a_study

from medvos.evaluate.metrics import dice
from medvos.models.cstm.config import CSTM_COMPACT
from medvos.models.store import ModelInfo, resolve
from medvos.structures import LV, MYO, RV
from medvos_lab.cstm.batches import TripletBatches
from medvos_lab.cstm_beats import pseudo_labels
from medvos_lab.cstm_beats.pseudo_labels import AGREEMENT, LEAST_RV_PX, counts, labelled, merged, pseudo_labelled
from medvos_lab.datasets import sunnybrook_edes
from medvos_lab.studies import Study, study_of_frames

HEART = heart_slice(128)


def known(*labels: int) -> list[bool]:
    return [label in labels for label in range(4)]


def a_drawn_study(drawn: np.ndarray = HEART == LV) -> Study:
    """Two phases of six slices of which the LV alone is drawn; the grey values are the labels that a reader finds."""
    whole = a_study(2, 6, "sunnybrook", (LV,), 128)
    images, labels = whole.images.copy(), np.zeros_like(whole.labels)
    images[:] = HEART * 85
    labels[:] = drawn * np.uint8(LV)
    return replace(whole, images=images, labels=labels)


@pytest.fixture
def info(monkeypatch: pytest.MonkeyPatch) -> ModelInfo:
    """The released network, in whose place a reader of the grey values predicts."""
    monkeypatch.setattr(pseudo_labels, "load_vivim", lambda *_: Reader())
    return resolve("vivim", "vivim")


def test_structures_of_an_agreeing_prediction_are_taken_over():
    labels, judged = merged(HEART == LV, HEART)
    np.testing.assert_array_equal(labels, HEART)
    assert judged.tolist() == known(LV, MYO, RV)


def test_the_drawn_cavity_wins_and_the_wall_encloses_it():
    cavity = (HEART == LV) & np.roll(HEART == LV, 1, 0)
    assert (cavity != (HEART == LV)).any()
    labels, judged = merged(cavity, HEART)
    np.testing.assert_array_equal(labels == LV, cavity)
    np.testing.assert_array_equal(labels == MYO, np.isin(HEART, (MYO, LV)) & ~cavity)
    assert judged.tolist() == known(LV, MYO, RV)
    wider = (HEART == LV) | np.roll(HEART == LV, 1, 0)
    labels, judged = merged(wider, HEART)
    np.testing.assert_array_equal(labels == LV, wider)
    assert judged[MYO] and (labels == MYO).sum() < (HEART == MYO).sum()


def test_of_a_prediction_that_disagrees_or_is_open_only_the_drawing_stays():
    shifted = np.roll(HEART == LV, 4, 1)
    labels, judged = merged(shifted, HEART)
    np.testing.assert_array_equal(labels, shifted * LV)
    assert judged.tolist() == known(LV)
    y, x = (int(place) for place in ndimage.center_of_mass(HEART == LV))
    gap = HEART.copy()
    gap[: y - 3, x - 1 : x + 2][gap[: y - 3, x - 1 : x + 2] == MYO] = 0
    labels, judged = merged(HEART == LV, gap)
    np.testing.assert_array_equal(labels, (HEART == LV) * LV)
    assert judged.tolist() == known(LV)
    assert merged(np.zeros_like(HEART, bool), HEART)[1].tolist() == known(LV)


def test_a_closed_wall_around_an_lv_that_is_too_small_is_not_taken_over():
    smaller = ndimage.binary_erosion(HEART == LV)
    assert AGREEMENT - 0.01 < dice(smaller, HEART == LV) < AGREEMENT
    predicted = np.where((HEART == LV) & ~smaller, MYO, HEART).astype(np.uint8)
    assert merged(HEART == LV, predicted)[1].tolist() == known(LV)
    assert merged(smaller, predicted)[1].tolist() == known(LV, MYO, RV)


def test_a_small_rv_is_unknown_and_scraps_are_left_out():
    ventricle = np.argwhere(HEART == RV)
    small = np.where(HEART == RV, 0, HEART).astype(np.uint8)
    small[tuple(ventricle[: LEAST_RV_PX - 1].T)] = RV
    labels, judged = merged(HEART == LV, small)
    assert judged.tolist() == known(LV, MYO) and not (labels == RV).any()
    scraps = HEART.copy()
    scraps[2:6, 2:6], scraps[-6:-2, 2:6] = RV, MYO
    np.testing.assert_array_equal(merged(HEART == LV, scraps)[0], HEART)


@pytest.mark.parametrize("scale", [1.0, 0.93])
def test_what_the_network_sees_of_a_frame_is_put_back_into_it(scale):
    study = replace(a_drawn_study(), scale=scale)
    labels, judged = labelled(study, Reader())  # type: ignore[arg-type]
    assert judged[:, 1:].all()
    np.testing.assert_array_equal(labels == LV, study.labels == LV)
    assert (labels != HEART).mean() < 0.004
    assert (np.roll(labels, 1, 2) != HEART).mean() > 0.006


def test_labels_are_predicted_once_for_the_same_data(info, tmp_path, monkeypatch):
    studies = [a_study(), a_drawn_study(), a_study(source="synthetic")]
    first = pseudo_labelled(studies, info, tmp_path)
    assert first[0] is studies[0] and first[2] is studies[2]
    assert first[1].structures == (RV, MYO, LV) and studies[1].structures == (LV,)
    assert counts(first) == {"LV": (12, 1), "Myo": (12, 1), "RV": (12, 1)}
    (kept,) = tmp_path.iterdir()
    assert info.sha256[:16] in kept.name
    monkeypatch.setattr(pseudo_labels, "load_vivim", _never)
    again = pseudo_labelled(studies, info, tmp_path)
    np.testing.assert_array_equal(again[1].labels, first[1].labels)
    np.testing.assert_array_equal(again[1].known, first[1].known)
    with pytest.raises(AssertionError, match="predicts"):
        pseudo_labelled([a_drawn_study(ndimage.binary_erosion(HEART == LV))], info, tmp_path)
    with pytest.raises(AssertionError, match="predicts"):
        pseudo_labelled(studies, replace(info, sha256="0" * 64), tmp_path)


def _never(*_: object) -> None:
    raise AssertionError("predicts")


def test_a_triplet_teaches_only_what_is_known_in_all_of_its_frames():
    study = a_study()
    some = np.ones((len(study.labels), 4), bool)
    some[3, [MYO, RV]] = False
    study = replace(study, known=some)
    assert study.judged([0, 1, 2]) == (RV, MYO, LV)
    assert study.judged([0, 3, 2]) == (LV,)
    some[:, MYO] = False
    taught = set()
    for step in range(10):
        batch = TripletBatches([study], 4, 48, 3)(step)
        taught |= set(batch.targets.unique().tolist())
        for seeded, targets in zip(batch.seeded, batch.targets, strict=True):
            slots = [slot for slot in range(len(seeded)) if seeded[slot]]
            assert set(targets.unique().tolist()) <= {0, *(slot + 1 for slot in slots)}
            assert len(slots) <= 2  # never the myocardium
    assert len(taught) >= 3


def test_real_frames_keep_their_drawing_and_get_walls(data_folder, tmp_path: Path):
    patients = [study_of_frames(case, CSTM_COMPACT) for case in islice(sunnybrook_edes(data_folder), 8, 11)]
    found = pseudo_labelled(patients, resolve("vivim", "vivim"), tmp_path)
    for before, after in zip(patients, found, strict=True):
        np.testing.assert_array_equal(after.labels == LV, before.labels == LV)
        assert after.known is not None
        for labels, judged in zip(after.labels, after.known, strict=True):
            assert (labels == MYO).any() == judged[MYO]
            assert (labels == RV).any() == judged[RV]
            if judged[MYO]:
                around = ndimage.binary_dilation(labels == LV, np.ones((3, 3))) & (labels != LV)
                assert (labels[around] == MYO).all()
    frames, people = counts(found)["Myo"]
    assert frames >= 20 and people == 3
