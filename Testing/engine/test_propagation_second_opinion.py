"""A network that sees no drawing has a say as far as it agrees with the drawing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_network import TINY, a_cine, a_network, a_seed, heart_slice, store_network
from tiny_vivim import TINY_VIVIM, Reader, a_case_that_is_its_own_truth, a_vivim, store_vivim

from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.evaluate.metrics import dice
from medvos.models.store import resolve
from medvos.models.vivim.network import Prediction
from medvos.propagation import second_opinion
from medvos.propagation.correction_plan import CorrectionPlan
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.propagate import propagate
from medvos.propagation.second_opinion import (
    CLASSES,
    WEIGHT,
    Opinion,
    SecondOpinion,
    blend,
    second_opinion_of,
    stated,
    trust,
)
from medvos.propagation.settings import PropagationSettings
from medvos.propagation.slice_result import SliceResult
from medvos.structures import LV, MYO, RV
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.release import update_manifest

CPU = torch.device("cpu")
ALONE = PropagationSettings(second_opinion=False)


def inputs_of(mask: np.ndarray | None = None) -> PropagationInputs:
    cine = a_cine()
    return PropagationInputs.of(cine, a_seed(cine, (1, 2), mask=mask), TINY)


def opinion_of(inputs: PropagationInputs, moved: int = 0) -> torch.Tensor:
    """(4, H, W): the drawing itself, its LV moved by so many pixels."""
    masks = inputs.masks[inputs.start].clone()
    lv = masks[2].roll(moved, 1)
    masks[1] = (masks[1] + masks[2] - lv).clamp(0, 1)
    masks[2] = lv
    return torch.cat([1 - masks.sum(0, keepdim=True), masks])


def test_whom_the_drawing_confirms_is_trusted_in_full():
    inputs = inputs_of()
    assert trust(inputs, opinion_of(inputs)).tolist() == pytest.approx([WEIGHT[label] for label in CLASSES])


def test_another_style_of_one_structure_loses_the_say_on_it_alone():
    inputs = inputs_of()
    slightly, much = (trust(inputs, opinion_of(inputs, moved)) for moved in (1, 4))
    assert 0 < slightly[2] < WEIGHT[LV] and much[2] == 0
    assert slightly[0] > 0


def test_what_is_not_drawn_is_not_added():
    lv_alone = np.where(heart_slice() == LV, LV, 0)
    inputs = inputs_of(lv_alone)
    opinion = opinion_of(inputs)
    opinion[:, :8, :8], opinion[1, :8, :8] = 0, 1  # an RV that the reader did not draw
    weights = trust(inputs, opinion)
    assert weights.tolist() == pytest.approx([0, 0, WEIGHT[LV]])


def a_slice(probabilities: torch.Tensor) -> SliceResult:
    return SliceResult(0, probabilities, torch.zeros(len(probabilities), *probabilities.shape[2:]), torch.ones(2, 3))


def test_two_networks_that_agree_change_nothing_and_two_that_differ_are_less_certain():
    torch.manual_seed(0)
    mine, other = (torch.randn(2, 4, 5, 5).mul(3).softmax(1) for _ in range(2))
    weights = torch.tensor([0.2, 0.35, 0.35])
    same = blend(a_slice(mine), mine, weights)
    assert torch.allclose(same.probabilities, mine, atol=1e-6)
    mixed = blend(a_slice(mine), other, weights)
    assert torch.allclose(mixed.probabilities.sum(1), torch.ones(2, 5, 5)) and mixed.probabilities.min() >= 0
    differ = mine.argmax(1) != other.argmax(1)
    assert (mixed.probabilities.amax(1) < torch.maximum(mine.amax(1), other.amax(1)))[differ].all()


def test_structures_of_different_weights_stay_probabilities():
    sure = torch.eye(4)[[3, 1]].T.reshape(1, 4, 2, 1)  # LV, RV
    other = torch.eye(4)[[1, 3]].T.reshape(1, 4, 2, 1)  # RV, LV
    mixed = blend(a_slice(sure), other, torch.tensor([0.0, 0.0, 1.0]))
    assert mixed.probabilities.min() >= 0
    assert torch.allclose(mixed.probabilities.sum(1), torch.ones(1, 2, 1))


def test_a_slice_is_seen_between_the_slices_below_and_above_it():
    seen = []

    def network(clips: torch.Tensor) -> Prediction:
        seen.append(clips)
        return Prediction(torch.zeros(*clips.shape[:2], 4, *clips.shape[-2:]), torch.zeros(*clips.shape[:2], 8, 8))

    frames = torch.arange(5.0).view(1, 5, 1, 1).expand(2, 5, 8, 8)  # each slice shows its number
    SecondOpinion(network).predict(frames, [0, 3])
    assert seen[0].shape == (2, 2, 3, 8, 8)
    assert seen[0][:, 0, :, 0, 0].tolist() == [[0, 0, 1], [2, 3, 4]]


@pytest.mark.parametrize(("sha256", "is_kept"), [("", True), ("of other weights", False)])
def test_areas_of_other_weights_do_not_stand_for_slices_that_were_kept(store: Path, sha256: str, is_kept: bool):
    corrected = replace(inputs_of(), plan=CorrectionPlan((1, 2), {}, {}))
    heard = np.full(a_cine().shape[:2], 5, np.float32)
    heard[:, 0] = np.nan  # not asked again
    own = resolve("other", "vivim").sha256
    earlier = {"second_opinion": {"weights_sha256": sha256 or own, "lv_mm2": np.full(heard.shape, 7).tolist()}}
    opinion = Opinion(torch.tensor([0.2, 0.3, 0.3]), heard)
    found = stated(resolve("tiny"), opinion, corrected, a_cine(), earlier)["second_opinion"]
    assert ("lv_mm2" in found) is is_kept
    if is_kept:
        assert {row[0] for row in found["lv_mm2"]} == {7}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Holds the model ``tiny``, whose companion ``other`` looks at the same region."""
    store_network(tmp_path, a_network())
    store_vivim(tmp_path, a_vivim(replace(TINY_VIVIM, side=TINY.region, pixel_mm=TINY.pixel_mm)), "other")
    update_manifest(tmp_path, "tiny", {"companion": "other"})
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    return tmp_path


def test_a_result_states_whose_opinion_was_heard_and_with_what_weight(store: Path):
    cine = a_cine()
    told = []
    result = propagate(cine, a_seed(cine, (1, 2)), model="tiny", device="cpu", progress=told.append)
    assert [one.done for one in told] == sorted(one.done for one in told) and told[-1].done == told[-1].total
    stated = result.provenance["second_opinion"]
    assert stated["model"] == "other" and stated["weights_sha256"] == resolve("other", "vivim").sha256
    assert set(stated["weight"]) == {"RV", "Myo", "LV"}
    alone = propagate(cine, a_seed(cine, (1, 2)), model="tiny", device="cpu", settings=ALONE)
    assert "second_opinion" not in alone.provenance
    # Random weights do not agree with the drawing: nothing changes.
    assert not any(stated["weight"].values())
    np.testing.assert_array_equal(result.labels, alone.labels)
    np.testing.assert_array_equal(result.uncertainty, alone.uncertainty)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_opinion_is_of_its_own_slice_and_phase(store: Path, monkeypatch: pytest.MonkeyPatch, threads: int):
    case = a_case_that_is_its_own_truth()
    config = replace(TINY, region=128, pixel_mm=1.3)
    store_network(store, a_network(config))
    update_manifest(store, "other", {"config": {**resolve("other", "vivim").config, "side": 128, "pixel_mm": 1.3}})
    monkeypatch.setattr(second_opinion, "load_vivim", lambda *_: Reader())
    monkeypatch.setattr(second_opinion, "WEIGHT", {RV: 1.0, MYO: 1.0, LV: 1.0})  # the network that reads decides alone
    labels = np.zeros_like(case.labels)
    labels[2, 1] = case.labels[2, 1]  # at ES, where the heart is smaller than at the first phase
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        result = propagate(case.cine, Seed(labels, labels.any((2, 3))), model="tiny", device="cpu")
    finally:
        torch.set_num_threads(before)
    assert min(result.provenance["second_opinion"]["weight"].values()) == 1
    for label in CLASSES:
        assert dice(result.labels == label, case.labels == label) > 0.97
    areas = np.array(result.provenance["second_opinion"]["lv_mm2"])
    assert areas == pytest.approx((case.labels == LV).sum((2, 3)) * 1.5 * 1.5, rel=0.05)
    corrected = propagate(case.cine, _with(case, labels, (0, 4)), model="tiny", device="cpu", previous=result)
    assert np.shape(corrected.provenance["second_opinion"]["lv_mm2"]) == case.labels.shape[:2]
    update_manifest(store, "tiny", {"companion": ""})
    alone = propagate(case.cine, _with(case, labels, (0, 4)), model="tiny", device="cpu", previous=result)
    assert alone.provenance["second_opinion"]["model"] == "other"  # in the slices that were kept


def _with(case: LabelledCine, labels: np.ndarray, place: tuple[int, int]) -> Seed:
    more = labels.copy()
    more[place] = case.labels[place]
    return Seed(more, more.any((2, 3)))


def test_a_model_without_a_companion_asks_nobody(store: Path):
    update_manifest(store, "tiny", {"companion": ""})
    assert second_opinion_of(resolve("tiny"), CPU) is None


def test_a_companion_that_looks_at_another_region_is_refused(store: Path):
    update_manifest(store, "other", {"config": {**resolve("other", "vivim").config, "pixel_mm": 2.0}})
    with pytest.raises(InputError, match=r"do not fit those of tiny"):
        second_opinion_of(resolve("tiny"), CPU)


def test_without_the_companion_s_weights_the_sentence_says_who_asks_for_it(store: Path):
    update_manifest(store, "tiny", {"companion": "gone"})
    with pytest.raises(InputError, match="tiny asks gone for a second opinion, which is not here"):
        second_opinion_of(resolve("tiny"), CPU)
