"""A clip of one slice through the front door."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from echo_files import sector_images, write_film
from medvos_command import Medvos
from PIL import Image
from tiny_network import a_cine, a_network, a_seed, store_network
from tiny_tcmn import a_clip, a_drawing, a_tcmn, store_tcmn

from medvos.cine.cine import Source
from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.progress import Progress
from medvos.propagation.clip_propagation import ClipPropagation
from medvos.propagation.propagate import propagate
from medvos.report.write_results import write_results
from medvos.structures import LV, MVO, MYO


@pytest.fixture(autouse=True)
def a_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.getbasetemp() / "tcmn_store"
    if not folder.exists():
        store_tcmn(folder, a_tcmn())
    monkeypatch.setenv("MEDVOS_MODELS", str(folder))


def run(clip, seed, **options):
    return propagate(clip, seed, model="tiny", device="cpu", **options)


@pytest.mark.parametrize("shape", [(40, 40), (40, 56), (90, 60)])
def test_every_frame_is_segmented_and_the_drawn_ones_come_back_as_drawn(shape):
    clip = a_clip(7, shape)
    seed = a_drawing(clip, 2, 5)
    result = run(clip, seed)
    assert result.labels.shape == result.uncertainty.shape == clip.shape
    assert (result.labels.dtype, result.uncertainty.dtype) == (np.uint8, np.float32)
    np.testing.assert_array_equal(result.labels[seed.drawn], seed.labels[seed.drawn])
    assert not result.uncertainty[seed.drawn].any() and not result.slice_scores[seed.drawn].any()
    others = ~seed.drawn
    assert result.labels[others].any() and set(np.unique(result.labels)) == {0, LV}
    assert 0 < result.uncertainty[others].max() <= 1 and result.slice_scores[others].min() > 0
    assert result.slice_scores.shape == result.seeds.shape == clip.shape[:2]
    assert result.provenance["model"] == "tiny" and len(result.provenance["weights_sha256"]) == 64


def test_obstruction_that_was_drawn_is_wall_and_said():
    clip = a_clip()
    drawing = a_drawing(clip, 0)
    result = run(clip, Seed(np.where(drawing.labels == LV, np.uint8(MVO), drawing.labels), drawing.drawn))
    assert "predict it again" in result.provenance["notes"][-1]
    assert set(np.unique(result.labels)) == {0, MYO}


def test_several_structures_keep_their_numbers():
    clip = a_clip()
    seed = a_drawing(clip, 0)
    seed.labels[0, 0, :8, :12] = 7
    seed.labels[0, 0, -8:, -12:] = 200
    labels = run(clip, seed).labels
    assert set(np.unique(labels)) <= {0, LV, 7, 200} and len(np.unique(labels[1:])) > 2


@pytest.mark.parametrize(
    ("drawn", "directions"),
    [
        ((0,), [range(1, 9), range(-1, -1, -1)]),
        ((3,), [range(4, 9), range(2, -1, -1)]),
        ((2, 7), [range(3, 5), range(1, -1, -1), range(8, 9), range(6, 4, -1)]),
    ],
)
def test_every_frame_is_reached_once_and_from_the_drawn_frame_nearest_in_time(drawn, directions):
    clip = a_clip(9)
    found = ClipPropagation.of(clip, a_drawing(clip, *drawn), a_tcmn(), torch.device("cpu")).directions()
    assert [list(direction) for direction in found] == [list(direction) for direction in directions]
    assert sorted([*drawn, *(phase for direction in found for phase in direction)]) == list(range(9))


def test_a_correction_changes_the_frames_beside_it():
    clip = a_clip(9)
    first = run(clip, a_drawing(clip, 0))
    seed = a_drawing(clip, 0, 6)
    seed.labels[6] = np.roll(seed.labels[6], 6, -1)
    second = run(clip, seed, previous=first)
    assert (second.labels[7] != first.labels[7]).any()
    np.testing.assert_array_equal(second.labels[6], seed.labels[6])


def test_progress_is_told_frame_by_frame():
    clip = a_clip(4)
    told: list[Progress] = []
    run(clip, a_drawing(clip, 1), progress=told.append)
    assert [(p.done, p.total) for p in told] == [(2, 4), (3, 4), (4, 4)]


def test_brightness_and_contrast_of_the_whole_clip_do_not_matter():
    clip = a_clip()
    seed = a_drawing(clip, 0)
    other = run(type(clip)(clip.array * 3 - 700, clip.affine, clip.times, clip.period), seed)
    assert (other.labels != run(clip, seed).labels).mean() < 0.01


def test_a_stack_of_slices_is_refused_and_the_right_model_named():
    stack = a_cine()
    with pytest.raises(InputError, match="one slice and this cine has 4; use --model cstm"):
        run(stack, a_seed(stack, (0, 1)))


def test_more_drawn_frames_than_there_is_room_for_are_thinned_out_in_memory_but_all_come_back():
    clip = a_clip(20)
    seed = a_drawing(clip, *range(0, 20, 2))
    made = ClipPropagation.of(clip, seed, a_tcmn(), torch.device("cpu"))
    assert made.memory.keys.shape[1] == 6 and len(made.drawn) == 10
    np.testing.assert_array_equal(run(clip, seed).labels[::2], seed.labels[::2])


def test_a_seed_of_another_size_is_refused():
    clip = a_clip()
    wrong = Seed(np.ones((7, 1, 20, 20), np.uint8), np.ones((7, 1), bool))
    with pytest.raises(InputError, match="draw it on this cine"):
        run(clip, wrong)


def test_the_command_follows_a_film(tmp_path: Path, medvos: Medvos, environment: dict[str, str]):
    from medvos.cine.write import write_nifti

    clip = a_clip(5, (48, 48))
    seed = a_drawing(clip, 0)
    write_nifti(tmp_path / "clip.nii.gz", clip.array, clip)
    write_nifti(tmp_path / "seed.nii.gz", seed.labels, clip)
    store_tcmn(tmp_path / "models", a_tcmn())
    done = medvos(
        "propagate", tmp_path / "clip.nii.gz", "--seed", tmp_path / "seed.nii.gz", "--model", "tiny",
        "--device", "cpu", "--progress", "none", "--out", tmp_path / "out",
        env={**environment, "MEDVOS_MODELS": str(tmp_path / "models")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in ("segmentation.nii.gz", "uncertainty.nii.gz", "report.json", "report.html"):
        assert (tmp_path / "out" / name).is_file()


def test_the_command_says_that_a_network_for_mri_is_not_for_echo(
    tmp_path: Path, medvos: Medvos, environment: dict[str, str]
):
    film = write_film(tmp_path / "clip.avi", sector_images(4))
    mask = np.zeros((120, 160), np.uint8)
    mask[50:70, 70:90] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    store_network(tmp_path / "models", a_network())
    done = medvos(
        "propagate", film, "--seed", tmp_path / "mask.png", "--phase", 0, "--model", "tiny",
        "--device", "cpu", "--out", tmp_path / "out",
        env={**environment, "MEDVOS_MODELS": str(tmp_path / "models")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "tiny was trained on cine MRI; --model tcmn segments echo clips better." in done.stdout


def test_a_clip_is_propagated_by_the_network_for_clips_where_none_is_named(
    tmp_path: Path, medvos: Medvos, environment: dict[str, str]
):
    film = write_film(tmp_path / "clip.avi", sector_images(4))
    mask = np.zeros((120, 160), np.uint8)
    mask[50:70, 70:90] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    store_network(tmp_path / "models", a_network(), "cstm")
    store_tcmn(tmp_path / "models", a_tcmn(), "tcmn")
    done = medvos(
        "propagate", film, "--seed", tmp_path / "mask.png", "--phase", 0, "--device", "cpu", "--out", tmp_path / "out",
        env={**environment, "MEDVOS_MODELS": str(tmp_path / "models")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Weights tcmn" in done.stdout and "segments echo clips better" not in done.stdout


def test_the_default_model_suits_the_cine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    store_network(tmp_path, a_network(), "cstm")
    store_tcmn(tmp_path, a_tcmn(), "tcmn")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    still = a_clip(3)
    echo = replace(still, source=Source(kind="video"))
    for cine, model in ((still, "cstm"), (echo, "tcmn")):
        assert propagate(cine, a_drawing(cine, 0), device="cpu").provenance["model"] == model


def test_what_was_lost_is_a_doubt_of_the_result(monkeypatch: pytest.MonkeyPatch):
    clip = a_clip()
    monkeypatch.setattr(ClipPropagation, "on_the_grid", lambda self, *_: np.zeros((2, *self.frames.shape[1:])))
    result = run(clip, a_drawing(clip, 0))
    assert result.provenance["doubts"][-1].startswith("LV was drawn but is lost in ")


def test_a_structure_that_the_network_does_not_know_is_carried_by_motion_and_said():
    """The tiny network has random weights and follows nothing; the images stand still."""
    still = a_clip(1).array[:, 0]
    clip = a_clip(9)
    clip = type(clip)(np.repeat(still[:, None], 9, 0), clip.affine, clip.times, clip.period)
    seed = a_drawing(clip, 4)
    result = run(clip, seed)
    assert result.provenance["followed"]["LV"] < 0.1
    assert "The network does not know LV as it was drawn" in result.provenance["doubts"][0]
    same = (result.labels == seed.labels[4]).mean((1, 2, 3))
    assert (same > 0.99).all()


@pytest.mark.parametrize(
    ("shape", "drawn", "own", "place"),
    [
        (
            (40, 40),
            range(9),
            1,
            (slice(2, 8), slice(2, 8)),
        ),  # six of nine are remembered, this one is not
        ((200, 200), [3], 3, (slice(0, 1), slice(0, 3))),  # less than half a pixel of the network
    ],
)
def test_a_structure_that_the_network_does_not_see_is_not_followed_and_said(shape, drawn, own, place, tmp_path: Path):
    clip = a_clip(10, shape)
    seed = a_drawing(clip, *drawn)
    seed.labels[(own, 0, *place)] = 9
    result = run(clip, seed)
    assert result.provenance["followed"]["structure 9"] == 0
    assert any("does not know structure 9" in doubt for doubt in result.provenance["doubts"])
    write_results(result, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["provenance"]["followed"]["structure 9"] == 0
