"""The reader's style is kept: what the drawing loses on its way back is made up for elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage
from tiny_network import TINY, a_cine, a_network, a_seed, store_network

from medvos.cine.seed import Seed
from medvos.propagation.border_shift import MOST_OF_RADIUS, moved, offset
from medvos.propagation.correction_plan import CorrectionPlan
from medvos.propagation.drawing_back import Back, predict_back
from medvos.propagation.grey_style import BY_BRIGHTNESS, Grey, fit_grey
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.propagate import propagate
from medvos.propagation.settings import PropagationSettings
from medvos.propagation.slice_result import SliceResult
from medvos.propagation.style import ELSEWHERE, LEAST_DICE, MOST_PIXELS, SAME_SLICE, Drift, drift_of, in_style
from medvos.report.provenance_rows import provenance_rows
from medvos.result import Result
from medvos.structures import LV, MYO, RV
from medvos.synth.heart import SyntheticHeart, synthetic_heart
from medvos_lab.style import redrawn

SIDE = 64
YX = np.mgrid[:SIDE, :SIDE] - SIDE / 2
RADIUS = np.hypot(*YX)


def rings(phases: int = 2, cavity: float = 14, wall: float = 20, softness: float = 1.0) -> torch.Tensor:
    """(T, 4, H, W): a round LV in its wall, with soft borders, and no RV."""
    radius = torch.from_numpy(RADIUS).float()
    lv = torch.sigmoid((cavity - radius) / softness)
    heart = torch.sigmoid((wall - radius) / softness)
    return torch.stack([1 - heart, torch.zeros_like(lv), heart - lv, lv]).expand(phases, -1, -1, -1).clone()


def radius_of(area: float) -> float:
    return math.sqrt(area / math.pi)


def test_the_offset_is_the_distance_of_the_borders_of_two_discs():
    assert offset(math.pi * 20**2, math.pi * 19**2) == pytest.approx(1.0, abs=0.01)
    assert offset(math.pi * 19**2, math.pi * 20**2) == pytest.approx(-1.0, abs=0.01)


@pytest.mark.parametrize("pixels", [1.0, -1.5])
def test_a_border_moves_by_so_many_pixels_and_the_other_one_stays(pixels):
    before = rings()
    after = moved(before, 3, 2, torch.tensor([pixels, 0.0]))
    found, was = (radius_of(float(maps[0, 3].sum())) for maps in (after, before))
    assert found - was == pytest.approx(pixels, abs=0.1)
    torch.testing.assert_close(after[1], before[1])
    torch.testing.assert_close(after[0, 2] + after[0, 3], before[0, 2] + before[0, 3])
    torch.testing.assert_close(after[0, :2], before[0, :2])


def test_a_small_cavity_moves_by_a_fifth_of_its_radius_at_most():
    before = rings(1, cavity=5)
    after = moved(before, 3, 2, torch.tensor([-3.0]))
    found, was = (radius_of(float(maps[0, 3].sum())) for maps in (after, before))
    assert 0 < was - found < 1.2 * MOST_OF_RADIUS * was


def test_a_scrap_and_a_frame_without_the_structure_stay():
    scrap = rings(1, cavity=-3)
    torch.testing.assert_close(moved(scrap, 3, 2, torch.tensor([2.0])), scrap)
    nothing = torch.zeros(1, 4, SIDE, SIDE)
    nothing[:, 0] = 1
    torch.testing.assert_close(moved(nothing, 3, 2, torch.tensor([2.0])), nothing)


def muscles() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(image, cavity, wall, muscles): two dark papillary muscles in a bright cavity."""
    cavity, wall = RADIUS < 14, (RADIUS >= 14) & (RADIUS < 20)
    muscle = (np.hypot(YX[0] - 6, YX[1]) < 3.5) | (np.hypot(YX[0] + 6, YX[1]) < 3.5)
    image = np.where(cavity & ~muscle, 1.5, np.where(cavity | wall, -0.5, -1.5)).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.2, image.shape).astype(np.float32)
    return image + noise, cavity, wall, muscle


def predicted_back() -> tuple[np.ndarray, np.ndarray]:
    """Cavity and wall of a network to which papillary muscles are cavity."""
    maps = rings(1)[0].numpy()
    return maps[3], maps[2]


def test_a_reader_who_draws_muscles_as_wall_differs_from_one_who_draws_a_wider_cavity():
    image, cavity, wall, muscle = muscles()
    as_wall = fit_grey(image, cavity & ~muscle, wall | muscle, [predicted_back()])
    wider = RADIUS < 15.5
    further_out = fit_grey(image, wider, wall & ~wider, [predicted_back()])
    assert as_wall is not None and as_wall.share == 1
    assert further_out is not None and further_out.share == 0 and further_out.slope < BY_BRIGHTNESS[0]


def test_without_contrast_or_wall_nothing_is_said_of_brightness():
    image, cavity, wall, _ = muscles()
    assert fit_grey(np.zeros_like(image), cavity, wall, [predicted_back()]) is None
    assert fit_grey(image, cavity, np.zeros_like(wall), [predicted_back()]) is None
    assert fit_grey(image, np.zeros_like(cavity), wall, [predicted_back()]) is None


def a_case() -> tuple[PropagationInputs, SliceResult]:
    """Inputs drawn in slice 2, and a slice beside it."""
    cine = a_cine()
    inputs = PropagationInputs.of(cine, a_seed(cine, (1, 2)), TINY)
    return inputs, SliceResult(1, rings(4), torch.zeros(4, SIDE, SIDE), torch.ones(4, 3))


def test_muscles_go_to_the_wall_where_the_reader_goes_by_brightness():
    inputs, result = a_case()
    image, _, _, muscle = muscles()
    result.probabilities[:, 2] += 0.2 * result.probabilities[:, 3]  # the network is not certain of the cavity
    result.probabilities[:, 3] *= 0.8
    drift = Drift({LV: -1.0}, Grey(-2.0, 8.0, 0.5, 2.0))
    found = in_style(result, drift, inputs, torch.from_numpy(image).expand(4, -1, -1)).probabilities.argmax(1)
    inside = ndimage.binary_erosion(muscle)
    blood = (RADIUS < 12) & ~ndimage.binary_dilation(muscle)
    assert (found[0].numpy()[inside] == 2).mean() > 0.95
    assert (found[0].numpy()[blood] == 3).mean() > 0.95


def test_the_drawn_slice_follows_less_and_drawn_phases_not_at_all():
    inputs, result = a_case()
    drift = Drift({LV: 1.0})
    beside, same = (in_style(replace(result, z=z), drift, inputs, inputs.frames[:, z]) for z in (1, 2))
    area = result.probabilities[0, 3].sum()
    grown = [offset(float(found.probabilities[0, 3].sum()), float(area)) for found in (beside, same)]
    assert grown == pytest.approx([ELSEWHERE[LV], SAME_SLICE[LV]], abs=0.06)
    torch.testing.assert_close(same.probabilities[1], result.probabilities[1])  # drawn


@pytest.mark.parametrize("pixels", [1.0, -1.0])
def test_the_rv_moves_against_the_background_with_its_own_share(pixels):
    inputs, result = a_case()
    result.probabilities[:, [1, 3]] = result.probabilities[:, [3, 1]]  # a round RV
    result.probabilities[:, [0, 2]] = result.probabilities[:, [2, 0]]  # in the background
    area = float(result.probabilities[0, 1].sum())
    found = in_style(result, Drift({RV: pixels}), inputs, inputs.frames[:, 1]).probabilities
    assert offset(float(found[0, 1].sum()), area) == pytest.approx(ELSEWHERE[RV] * pixels, abs=0.06)
    torch.testing.assert_close(found[:, 2:], result.probabilities[:, 2:])


def test_by_brightness_too_drawn_phases_stay():
    inputs, result = a_case()
    same = replace(result, z=2)
    drift = Drift({LV: -1.0}, Grey(-2.0, 8.0, 0.5, 2.0))
    found = in_style(same, drift, inputs, inputs.frames[:, 2]).probabilities
    torch.testing.assert_close(found[1], same.probabilities[1])  # drawn
    assert not torch.allclose(found[0], same.probabilities[0])


def test_a_frame_as_dark_as_the_wall_keeps_its_cavity():
    inputs, result = a_case()
    drift = Drift({LV: -1.0}, Grey(-2.0, 8.0, 0.5, 2.0))
    dark = torch.full((4, SIDE, SIDE), -0.5)
    uncertain = result.probabilities.clone()
    uncertain[:, 2] += 0.2 * uncertain[:, 3]
    uncertain[:, 3] *= 0.8
    found = in_style(replace(result, probabilities=uncertain), drift, inputs, dark).probabilities
    torch.testing.assert_close(found, uncertain)


def a_back(cavity: float, drawn: float = 14) -> Back:
    """The drawing of a round LV with this radius, as one with another radius comes back."""
    masks = (rings(1, drawn, drawn + 6)[0, 1:] > 0.5).float()
    return Back(masks, rings(1, cavity, drawn + 6)[0])


def test_the_drift_is_the_mean_of_what_comes_back_and_limited():
    inputs, _ = a_case()
    backs = [a_back(cavity) for cavity in (13, 12)]
    assert drift_of(inputs, backs).pixels == {LV: pytest.approx(1.5, abs=0.1)}
    far = [a_back(22 - 1.1 * MOST_PIXELS, drawn=22)]
    assert far[0].dice(3) > LEAST_DICE
    assert drift_of(inputs, far).pixels == {LV: MOST_PIXELS}


def test_without_a_drawn_wall_the_cavity_grows_into_the_background():
    cine = a_cine()
    seed = a_seed(cine, (1, 2))
    seed.labels[seed.labels != LV] = 0
    inputs = PropagationInputs.of(cine, seed, TINY)
    alone = rings(4)
    alone[:, 0] += alone[:, 2]
    alone[:, 2] = 0
    result = SliceResult(1, alone, torch.zeros(4, SIDE, SIDE), torch.ones(4, 3))
    found = in_style(result, Drift({LV: 1.0}), inputs, inputs.frames[:, 1]).probabilities
    assert found[0, 3].sum() > alone[0, 3].sum() and not found[:, 2].any()


def test_a_correction_without_a_wall_moves_the_cavity_against_the_wall_of_the_other_drawings():
    cine = a_cine()
    seed = a_seed(cine, (0, 0), (1, 2))
    seed.labels[1, 2][seed.labels[1, 2] != LV] = 0
    inputs = replace(PropagationInputs.of(cine, seed, TINY), plan=CorrectionPlan((0, 0), {(1, 2): 1}, {}))
    result = SliceResult(1, rings(4), torch.zeros(4, SIDE, SIDE), torch.ones(4, 3))
    found = in_style(result, Drift({LV: 1.0}), inputs, inputs.frames[:, 1]).probabilities
    assert found[0, 3].sum() > result.probabilities[0, 3].sum()
    torch.testing.assert_close(found[:, 0], result.probabilities[:, 0])


def test_what_comes_back_as_something_else_says_nothing_about_style():
    """Random weights predict something else than the drawing."""
    cine = a_cine()
    network = a_network()
    inputs = PropagationInputs.of(cine, a_seed(cine, (1, 2)), TINY)
    results = [SliceResult(z, rings(4), torch.zeros(4, SIDE, SIDE), torch.ones(4, 3)) for z in range(4)]
    assert drift_of(inputs, predict_back(network, inputs, results, inputs.frames, 8)) == Drift()


@pytest.mark.parametrize(("phases", "slices", "count"), [(8, 3, 2), (2, 3, 1), (2, 1, 1), (8, 1, 1)])
def test_a_drawing_is_predicted_back_through_slices_and_through_near_phases(phases, slices, count):
    cine = a_cine(phases, slices)
    inputs = PropagationInputs.of(cine, a_seed(cine, (0, slices // 2)), TINY)
    results = [
        SliceResult(z, rings(phases), torch.zeros(phases, SIDE, SIDE), torch.ones(phases, 3)) for z in range(slices)
    ]
    backs = predict_back(a_network(), inputs, results, inputs.frames, 8)
    assert len(backs) == count
    torch.testing.assert_close(backs[0].drawn, inputs.masks[inputs.start])


@pytest.fixture(scope="module")
def heart() -> SyntheticHeart:
    return synthetic_heart(3, shape=(8, 5, 96, 96), spacing=(12.0, 1.8, 1.8), kind="healthy")


def drawn_out(heart: SyntheticHeart, pixels: float) -> np.ndarray:
    """The labels of a reader who draws the endocardium further out."""
    frames = heart.labels.reshape(-1, *heart.labels.shape[2:])
    return np.stack([redrawn(frame, (RV, MYO, LV), pixels, 0, 0) for frame in frames]).reshape(heart.labels.shape)


def propagated(heart: SyntheticHeart, truth: np.ndarray, keep: bool) -> Result:
    drawn = np.zeros(truth.shape[:2], bool)
    drawn[0, 2] = True
    seed = Seed(np.where(drawn[..., None, None], truth, 0).astype(np.uint8), drawn)
    settings = PropagationSettings(keep_style=keep, mirrored=False, second_opinion=False)
    return propagate(heart.cine, seed, device="cpu", settings=settings)


def test_the_released_network_keeps_styles_that_it_did_not_learn(heart):
    others = [0, 1, 3, 4]
    true = {pixels: drawn_out(heart, pixels) for pixels in (1.5, -1.5)}
    kept, drifting = (
        {pixels: propagated(heart, truth, keep) for pixels, truth in true.items()} for keep in (True, False)
    )

    def apart(labels: Mapping[float, np.ndarray]) -> float:
        """By how many pixels the cavities of the two styles differ in slices that are not drawn."""
        wide, tight = (int((labels[pixels][:, others] == LV).sum()) for pixels in (1.5, -1.5))
        return wide - tight

    as_labels = [{pixels: result.labels for pixels, result in each.items()} for each in (kept, drifting)]
    share_kept, share_drifting = (apart(labels) / apart(true) for labels in as_labels)
    assert share_drifting + 0.15 < share_kept < 1.1
    for pixels, result in kept.items():
        assert np.sign(result.provenance["style_drift_mm"]["LV"]) == np.sign(pixels)
        (row,) = [text for name, text in provenance_rows(result) if name == "style of the drawing"]
        assert (
            f"LV {abs(result.provenance['style_drift_mm']['LV']):.1f} mm further {'out' if pixels > 0 else 'in'}" in row
        )
    assert "style_drift_mm" not in drifting[1.5].provenance


def test_a_correction_says_the_drift_of_the_main_drawing(heart, monkeypatch, tmp_path):
    store_network(tmp_path, a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    cine = a_cine(4, 8)
    first = propagate(cine, a_seed(cine, (0, 2)), model="tiny", device="cpu")
    before = replace(first, provenance={**first.provenance, "style_drift_mm": {"LV": 0.5}})
    again = propagate(cine, a_seed(cine, (0, 2), (3, 5)), model="tiny", device="cpu", previous=before)
    assert again.provenance["style_drift_mm"] == {"LV": 0.5}


def test_the_drift_is_reported_in_mm(monkeypatch, tmp_path):
    store_network(tmp_path, a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    monkeypatch.setattr("medvos.propagation.memory_fallback.drift_of", lambda *_: Drift({LV: 2.0}))
    cine = a_cine(4, 4)
    seed = a_seed(cine, (0, 2))
    region = PropagationInputs.of(cine, seed, TINY).region
    reported = propagate(cine, seed, model="tiny", device="cpu").provenance["style_drift_mm"]
    assert reported == {"LV": pytest.approx(2 * region.height / region.side * cine.spacing[1], abs=0.05)}
    assert reported["LV"] != 2.0
