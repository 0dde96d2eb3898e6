from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from echo_files import sector_images, store_echo_network, write_film

from medvos.cine.read import open_clip
from medvos.models.store import resolve
from medvos.segmentation.clip_scan import scan_clip
from medvos.segmentation.echo_clip import EchoInference
from medvos.segmentation.sector_region import is_whole_view
from medvos.structures import MYO


@pytest.fixture
def run_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An `EchoInference` of frames (T, Y, X), and the scan before it."""
    store_echo_network(tmp_path / "models")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))

    def made(images: np.ndarray):
        clip = open_clip(write_film(tmp_path / "x.avi", images))
        seen = scan_clip(clip)
        return EchoInference.of(clip, seen, resolve("echo-lv", "echo"), torch.device("cpu")), seen

    return made


def test_every_frame_has_a_result_on_the_grid_of_the_clip(run_of):
    run, _ = run_of(sector_images(20))
    results = list(run.frames())
    assert len(results) == 20
    for result in results:
        assert result.labels.shape == result.uncertainty.shape == run.clip.shape
        assert 0 <= result.fraction <= 1 and 0 <= result.score <= 1


def test_wall_and_atrium_are_labelled_beside_the_lv(run_of):
    run, _ = run_of(sector_images(12))
    with torch.no_grad():
        head = run.network.decoder.logits
        head.weight.zero_()
        for structure, bias in zip(run.network.config.structures, (1.0, 3.0, -9.0), strict=True):
            head.bias[run.network.config.structures.index(structure)] = bias
    for result in run.frames():
        assert set(np.unique(result.labels)) == {0, MYO}
        assert result.fraction == 1  # of the LV alone, which lies under the wall here


def test_what_is_burnt_in_outside_the_sector_is_not_seen_and_the_dim_edge_is(run_of):
    run, seen = run_of(sector_images())
    assert not run.scan.sector[5:15, 5:40].any()
    assert (run.scan.sector & seen.sector).sum() == seen.sector.sum() < run.scan.sector.sum()


def test_a_picture_that_was_cut_to_its_sector_is_seen_whole(run_of):
    run, seen = run_of(sector_images()[:, 4:116, 24:136])
    assert is_whole_view(run.region, run.clip.shape) and run.scan.sector.all() and not seen.sector.all()
