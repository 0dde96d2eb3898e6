"""Training on simulated infarcts: the world, its batches, the loss, and a run from data to card."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_worlds import mvo_world, some_slices
from tiny_mvo import CONTRACTION, a_core, a_heart_slice
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.models.networks import load_mvo
from medvos.models.store import available
from medvos.mvo_notice import NOTICE
from medvos.segmentation.wall_region import WALL_PART
from medvos.synth.infarct_slice import InfarctSlice
from medvos_lab.motion.flow import identity
from medvos_lab.mvo import batches
from medvos_lab.mvo.batches import MvoBatches, healthy
from medvos_lab.mvo.beat import beating, phases
from medvos_lab.mvo.heart_slices import NETWORK_SIDE, SIDE, load_slices, with_septum
from medvos_lab.mvo.losses import doubt_of, mvo_loss
from medvos_lab.mvo.patients import by_patient, unharmed
from medvos_lab.mvo.predictions import PatientPrediction
from medvos_lab.mvo.validate import LARGE, overlap
from medvos_lab.recipes import RECIPES

CPU = torch.device("cpu")
WHOLE = identity(SIDE)
BEAT = torch.tensor([0.0, 0.5, 1.0])


def motionless(heart) -> InfarctSlice:
    """All of the heart stands still."""
    return replace(healthy(heart), lost=np.ones_like(healthy(heart).lost))


def cavity(frame: torch.Tensor) -> float:
    """Radius in pixels of what is bright in the middle."""
    middle = frame[SIDE // 4 : 3 * SIDE // 4, SIDE // 2 :]
    row = middle[SIDE // 4]
    return float((row > 0.55).float().cumprod(0).sum())


def test_a_healthy_heart_goes_from_ed_to_es():
    frames, maps = beating(a_heart_slice(), healthy(a_heart_slice()), BEAT, WHOLE)
    radii = [cavity(frame) for frame in frames]
    assert radii[0] == pytest.approx(24, abs=1.5)
    assert radii[2] == pytest.approx(24 * np.exp(-CONTRACTION), abs=1.5)
    assert radii[2] < radii[1] < radii[0]
    assert not maps[1:3].any() and maps[0].sum() > 1000


def test_an_infarct_of_all_of_the_wall_does_not_move():
    heart = a_heart_slice()
    frames, _ = beating(heart, motionless(heart), BEAT, WHOLE)
    assert [cavity(frame) for frame in frames] == pytest.approx([24, 24, 24], abs=2)


def test_grey_goes_with_the_tissue():
    heart = a_heart_slice()
    dark = healthy(heart)
    dark = replace(dark, gain=np.where(heart.ring.wall, 0.5, 1).astype(np.float32))
    (before, _), (after, _) = (beating(heart, infarct, BEAT, WHOLE) for infarct in (healthy(heart), dark))
    at_es = torch.from_numpy(heart.labels[1] == 2)
    inner = at_es & (before[2] < 0.4)
    assert after[2][inner].mean() < 0.75 * before[2][inner].mean()


def test_frames_start_at_ed_and_pass_es():
    for frames in (5, 10, 15, 30):
        fractions = phases(frames, np.random.default_rng(0))
        assert len(fractions) == frames and fractions[0] == 0 and fractions.max() > 0.85 and fractions.min() >= 0


def test_batches_repeat_themselves_and_hold_as_many_frames_as_were_asked_for():
    make = MvoBatches(some_slices(), [a_core()], 20)
    batch, same = make(3), make(3)
    torch.testing.assert_close(batch.frames, same.frames)
    assert batch.frames.shape[0] == max(20 // batch.frames.shape[1], 1)
    assert batch.frames.shape[2:] == (96, 96) and batch.frames.abs().max() <= 2
    assert not (batch.core & ~batch.wall).any()


def test_some_samples_are_obstructed_and_some_are_not():
    make = MvoBatches(some_slices(), [a_core()], 5, 5)
    obstructed = [bool(make(step).core.any()) for step in range(24)]
    assert 5 < sum(obstructed) < 23


def test_infarcts_may_have_no_contrast_and_the_usual_batches_stay_as_they_are():
    usual, none, plain = (MvoBatches(some_slices(), [a_core()], 5, 5, without_contrast=w) for w in (0.0, 0.0, 1.0))
    torch.testing.assert_close(usual(4).frames, none(4).frames)
    greys = []
    for make in (usual, plain):
        infarcts = [make._infarct(make.real[0], np.random.default_rng(seed)) for seed in range(12)]
        greys.append(max(float(np.abs(infarct.gain - 1).max()) for infarct in infarcts))
        assert any(infarct.core.any() for infarct in infarcts) and any(infarct.lost.any() for infarct in infarcts)
    assert greys[0] > 0.05 and greys[1] == 0


def test_training_validation_and_inference_judge_the_same_wall(monkeypatch):
    heart = a_heart_slice()
    where = identity(NETWORK_SIDE) * (NETWORK_SIDE / SIDE)
    _, maps = beating(heart, healthy(heart), BEAT, where)
    assert torch.equal(unharmed([heart], 5).wall[0], maps[0] > 0.25)
    monkeypatch.setattr(batches, "_placement", lambda _: where)
    assert torch.equal(MvoBatches([heart], [], 5, 5)(0).wall[0], maps[0] > 0.25)
    assert WALL_PART == 0.25  # that of the released weights' inference


def test_loss_falls_with_overlap_and_has_a_slope_where_all_is_sure():
    wall = torch.ones(1, 8, 8, dtype=torch.bool)
    core = torch.zeros_like(wall)
    core[:, :4] = True
    right = torch.where(core, 9.0, -9.0).requires_grad_()
    assert mvo_loss(right, core, wall) < mvo_loss(torch.zeros(1, 8, 8), core, wall) < mvo_loss(-right, core, wall)
    mvo_loss(100 * right, core, wall).backward()
    assert right.grad.isfinite().all()
    assert doubt_of(torch.tensor([0.0, -30.0])).tolist() == [1.0, 0.0]


def test_what_lies_outside_the_wall_is_not_judged():
    wall = torch.zeros(1, 8, 8, dtype=torch.bool)
    wall[:, :4] = True
    core = wall.clone()
    odds = torch.randn(1, 8, 8)
    assert mvo_loss(odds, core, wall) == mvo_loss(torch.where(wall, odds, -20.0), core, wall)


def test_overlap_is_of_whole_hearts():
    core = np.zeros((2, 8, 8), bool)
    core[0, :4] = True
    wall = np.ones_like(core)
    exact = PatientPrediction(core.astype(np.float32), np.zeros(core.shape, np.float32), core, wall, 4)
    none = replace(exact, raw_probability=np.zeros(core.shape, np.float32))
    assert overlap([exact])["Dice"] == overlap([exact])["recall"] == 1
    half = overlap([exact, none])
    assert half["Dice"] == 0.5 and half["precision"] == 1 and half["patients in whom any was found in %"] == 50
    assert half["error of the volume in % of the wall"] == 12.5
    small = replace(exact, core=np.zeros_like(core))
    small.core[0, 0, 0] = True
    assert overlap([exact, none, small])[LARGE] == 0.5


@pytest.fixture
def a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    mvo_world(monkeypatch)


@pytest.mark.parametrize("model", ["mvo", "mvo-unet"])
def test_one_command_goes_from_data_to_a_card_that_says_what_it_is(a_small_world, tmp_path, model):
    out = tmp_path / "run"
    done = CliRunner().invoke(app, ["train", model, "--steps", "2", "--out", str(out), "--device", "cpu"])
    assert done.exit_code == 0, done.output
    (info,) = available(out / "Models")
    text = info.card_path.read_text(encoding="utf-8")
    assert NOTICE in text and "--steps 2" in text and "Dice" in text and "Emidec" in text
    assert info.network == "mvo" and set(info.calibration) == {
        "probability",
        "threshold",
        "component_fraction",
        "slice",
    }
    assert load_mvo(info, CPU).config == RECIPES[model].config


def test_an_ablation_is_named_for_what_it_lacks():
    names = {
        "mvo": {},
        "mvo-no-motion": {"without": ["motion"]},
        "mvo-5-frames": {"frames": 5},
        "mvo-gain-8": {"motion_gain": 8.0},
        "mvo-50-percent-plain": {"without_contrast": 0.5},
    }
    for name, options in names.items():
        assert RECIPES["mvo"].configured(**options).card().name == name
    assert RECIPES["mvo-paper"].configured(without=["convolved"]).card().name == "mvo-paper"  # it never has that part


@pytest.mark.parametrize("options", [{"motion_gain": 0.0}, {"motion_gain": float("nan")}, {"without_contrast": 1.5}])
def test_numbers_that_mean_nothing_are_refused(options):
    with pytest.raises(InputError, match="--"):
        RECIPES["mvo"].configured(**options)


def test_a_slice_without_an_rv_has_the_septum_of_the_slice_beside_it():
    heart = [a_heart_slice(base_to_apex=place) for place in (0.0, 0.5, 1.0)]
    apex = heart[2].labels.copy()
    apex[apex == 1] = 0
    base, middle, bare = with_septum([*heart[:2], replace(heart[2], labels=apex)])
    assert base.septum == middle.septum == bare.septum == pytest.approx(np.pi, abs=0.1)
    np.testing.assert_allclose(bare.ring.angle[bare.ring.wall], middle.ring.angle[middle.ring.wall], atol=1e-5)


def test_slices_are_loaded_from_a_cache_that_is_there(tmp_path):
    parts = [a_heart_slice(base_to_apex=place) for place in (0.25, 0.75)]
    np.savez(
        tmp_path / "mvo-validation.npz",
        names=[part.patient for part in parts],
        levels=[part.base_to_apex for part in parts],
        **{key: [getattr(part, key) for part in parts] for key in ("images", "labels")},
        velocities=[part.velocity for part in parts],
    )
    found = load_slices(tmp_path / "no data", tmp_path, "validation")
    assert [(part.patient, part.base_to_apex) for part in found] == [("patient001", 0.25), ("patient001", 0.75)]
    np.testing.assert_array_equal(found[1].labels, parts[1].labels)


def test_without_data_no_cache_is_made(tmp_path):
    with pytest.raises(InputError, match="no data set"):
        load_slices(tmp_path / "no data", tmp_path / "cache", "validation")
    assert not (tmp_path / "cache").exists()


def test_real_hearts_are_split_by_patient(data_folder, tmp_path, monkeypatch):
    from medvos_lab.mvo import heart_slices

    monkeypatch.setattr(heart_slices, "SYNTHETIC", 0)
    monkeypatch.setattr(heart_slices, "register", lambda pairs: np.zeros((len(pairs.images), 2, 14, 14), np.float16))
    found = {split: by_patient(load_slices(data_folder, tmp_path, split)) for split in ("training", "validation")}
    names = {split: {heart[0].patient for heart in split_hearts} for split, split_hearts in found.items()}
    assert len(names["training"]) == 64 and len(names["validation"]) == 16
    assert all(name[-1] in "49" for name in names["validation"])
    assert not any(name[-1] in "49" or 41 <= int(name[-3:]) <= 60 for name in names["training"])
    places = [part.base_to_apex for part in found["validation"][0]]
    assert places == sorted(places) and places[0] >= 0 and places[-1] <= 1
