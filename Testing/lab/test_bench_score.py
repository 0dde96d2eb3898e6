from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from labelled_heart import SPACING, a_labelled_heart

from medvos.structures import LV, MYO, RV
from medvos_lab.bench.protocol import Trial, prepare
from medvos_lab.bench.score import Prediction, score
from medvos_lab.datasets.labelled import LabelledCine


@pytest.fixture
def a_trial() -> Trial:
    return prepare(a_labelled_heart())


@pytest.fixture
def a_flawless_prediction(a_trial: Trial) -> np.ndarray:
    return np.where(a_trial.case.labels == 255, 0, a_trial.case.labels).astype(np.uint8)


def pick(scores, **wanted):
    return [s for s in scores.structures if all(getattr(s, k) == v for k, v in wanted.items())]


def test_a_flawless_prediction_is_flawless(a_trial: Trial, a_flawless_prediction: np.ndarray):
    scores = score(a_trial, Prediction(a_flawless_prediction), "truth")
    assert {s.structure for s in scores.structures} == {"LV", "Myo", "RV"}
    assert {s.phase for s in scores.structures} == {"ED", "ES"}
    assert all(s.dice == 1 and s.hd95 == 0 and s.spurious == s.missed == 0 for s in scores.structures)
    found, truth = scores.volumes["LV"]
    assert found == truth


def test_what_a_method_does_to_the_seed_slice_does_not_change_its_dice(
    a_trial: Trial, a_flawless_prediction: np.ndarray
):
    a_flawless_prediction[a_trial.phase, a_trial.slice] = 0
    scores = score(a_trial, Prediction(a_flawless_prediction), "no seed")
    assert all(s.dice == 1 and s.hd95 == 0 and s.missed == 0 for s in pick(scores, region="whole"))
    found, truth = scores.volumes["LV"]
    assert found.edv < truth.edv and found.esv == truth.esv


def test_the_seed_slice_counts_at_the_other_phase(a_trial: Trial, a_flawless_prediction: np.ndarray):
    a_flawless_prediction[a_trial.es, a_trial.slice] = 0
    scores = score(a_trial, Prediction(a_flawless_prediction), "hole")
    assert [s.missed for s in pick(scores, region="whole", phase="ES")] == [1, 1, 1]
    assert all(s.dice < 1 for s in pick(scores, region="whole", phase="ES"))
    assert all(s.dice == 1 for s in pick(scores, region="whole", phase="ED"))


def test_a_fault_is_charged_to_its_region(a_trial: Trial, a_flawless_prediction: np.ndarray):
    a_flawless_prediction[a_trial.ed, 5] = 0
    scores = score(a_trial, Prediction(a_flawless_prediction), "no apex")
    dice = {s.region: s.dice for s in pick(scores, structure="LV", phase="ED")}
    assert dice["base"] == dice["middle"] == 1
    assert dice["apex"] < 1 and dice["whole"] < 1


def test_a_structure_drawn_beyond_its_end_is_spurious(a_trial: Trial, a_flawless_prediction: np.ndarray):
    a_flawless_prediction[a_trial.es, 4:6, :5, :5] = RV
    scores = score(a_trial, Prediction(a_flawless_prediction), "endless")
    assert [s.spurious for s in pick(scores, structure="RV", phase="ES", region="whole")] == [2]
    assert [s.spurious for s in pick(scores, structure="LV", phase="ES", region="whole")] == [0]


def test_volumes_are_voxels_times_their_size(a_trial: Trial, a_flawless_prediction: np.ndarray):
    _, truth = score(a_trial, Prediction(a_flawless_prediction), "truth").volumes["LV"]
    voxel_ml = np.prod(SPACING) / 1000
    edv, esv = ((a_trial.case.labels[t] == LV).sum() * voxel_ml for t in (a_trial.ed, a_trial.es))
    assert (truth.edv, truth.esv) == pytest.approx((edv, esv))
    assert truth.ef == pytest.approx(100 * (edv - esv) / edv)


def test_what_a_reader_gets_is_at_the_phases_of_the_prediction_s_own_extremes(
    a_trial: Trial, a_flawless_prediction: np.ndarray
):
    between = next(t for t in range(len(a_flawless_prediction)) if t not in (a_trial.ed, a_trial.es))
    a_flawless_prediction[between] = a_flawless_prediction[a_trial.es]
    lv = np.argwhere(a_flawless_prediction[between] == LV)
    a_flawless_prediction[between][tuple(lv[: len(lv) // 2].T)] = 0
    scores = score(a_trial, Prediction(a_flawless_prediction), "smaller than at ES")
    found, truth = scores.volumes["LV"]
    assert found == truth and scores.reported.edv == truth.edv
    assert scores.reported.esv == pytest.approx(truth.esv * (len(lv) - len(lv) // 2) / len(lv))
    ends = np.array([a_trial.ed, a_trial.es])
    whole = a_trial.case
    cine = replace(whole.cine, array=whole.cine.array[ends], times=whole.cine.times[ends])
    drawn = None if whole.drawn is None else whole.drawn[ends]
    case = replace(whole, cine=cine, labels=whole.labels[ends], drawn=drawn)
    assert score(prepare(case), Prediction(a_flawless_prediction[ends]), "two phases").reported is None


def test_nothing_is_said_of_what_was_not_judged(a_trial: Trial, a_flawless_prediction: np.ndarray):
    case = a_trial.case
    labels = np.where(case.labels == LV, LV, 255).astype(np.uint8)
    drawn = np.zeros((*labels.shape[:2], 4), bool)
    drawn[a_trial.ed, 1:5, LV] = drawn[a_trial.es, 2:5, LV] = True
    labels[~drawn[..., LV]] = 255
    trial = prepare(LabelledCine("cavity", case.cine, labels, "made", drawn))
    a_flawless_prediction[:, 0] = LV
    a_flawless_prediction[1] = LV
    scores = score(trial, Prediction(a_flawless_prediction), "wild elsewhere")
    assert {s.structure for s in scores.structures} == {"LV"}
    assert all(s.dice == 1 and s.hd95 == 0 for s in scores.structures)
    assert list(scores.volumes) == ["LV"]
    found, truth = scores.volumes["LV"]
    assert found == truth
    voxel_ml = np.prod(SPACING) / 1000
    assert truth.edv == pytest.approx((case.labels[trial.ed, 2:5] == LV).sum() * voxel_ml)


def test_slice_dice_is_known_where_something_was_judged_and_there(a_trial: Trial, a_flawless_prediction: np.ndarray):
    a_flawless_prediction[a_trial.es, 0][a_flawless_prediction[a_trial.es, 0] == MYO] = 0
    overlap = score(a_trial, Prediction(a_flawless_prediction), "no wall").slice_dice
    assert overlap[a_trial.es, 0] == pytest.approx(2 / 3)
    assert np.isnan(overlap[1]).all() and np.isnan(overlap[a_trial.phase, a_trial.slice])
    assert np.isnan(overlap[a_trial.ed, -1])
    assert (overlap[a_trial.ed, 3:6] == 1).all()


def test_uncertainty_is_judged_near_the_heart_only(a_trial: Trial, a_flawless_prediction: np.ndarray):
    uncertainty = np.full(a_flawless_prediction.shape, 0.25, np.float32)
    diagram = score(a_trial, Prediction(a_flawless_prediction, None, uncertainty), "unsure").reliability
    assert diagram is not None
    assert diagram.ece == pytest.approx(0.25)
    labelled_slices = 2 * 6 - 1
    assert 0 < diagram.counts.sum() < labelled_slices * 48 * 48


def test_a_prediction_of_another_shape_is_a_defect_of_the_method(a_trial: Trial):
    with pytest.raises(ValueError, match="shape"):
        score(a_trial, Prediction(a_trial.case.labels[:, 1:]), "short")
