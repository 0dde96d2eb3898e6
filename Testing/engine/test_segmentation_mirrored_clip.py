"""Clips that show the LV on the other side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from echo_files import sector_images, store_echo_network, write_film

from medvos.cine.read import open_clip
from medvos.errors import InputError
from medvos.models.networks import load_echo
from medvos.models.store import resolve
from medvos.segmentation.clip_scan import scan_clip
from medvos.segmentation.echo_clip import MIRRORED, EchoInference
from medvos.segmentation.mirrored_clip import EVERY, FRAMES, certainty_of_both, is_mirrored
from medvos_lab.datasets.echonet import echonet_clips

CPU = torch.device("cpu")


def test_what_is_shown_the_other_way_round_is_told_from_what_is_not(data_folder: Path):
    try:
        clips = [clip for split in ("training", "validation") for clip in echonet_clips(data_folder, split)]
    except InputError:
        pytest.skip("no echo clips on this machine")
    network = load_echo(resolve("echo-lv", "echo"), CPU)
    for clip in clips:
        seen = torch.from_numpy(clip.frames[: FRAMES * EVERY : EVERY]).float() / 255
        assert not is_mirrored(certainty_of_both(network, seen))
        assert is_mirrored(certainty_of_both(network, seen.flip(-1)))


def test_a_mirrored_clip_has_the_labels_of_the_clip_the_other_way_round(tmp_path, monkeypatch):
    store_echo_network(tmp_path / "models")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))
    images = sector_images(12)[:, 4:116, 24:136]

    def run_of(name: str, shown: np.ndarray) -> EchoInference:
        clip = open_clip(write_film(tmp_path / name, np.ascontiguousarray(shown)))
        return EchoInference.of(clip, scan_clip(clip), resolve("echo-lv", "echo"), CPU)

    there = replace(run_of("there.avi", images), mirrored=False)
    back = replace(run_of("back.avi", images[:, :, ::-1]), mirrored=True)
    for one, other in zip(there.frames(), back.frames(), strict=True):
        np.testing.assert_allclose(one.uncertainty, other.uncertainty[:, ::-1], atol=1e-5)
        assert (one.labels != other.labels[:, ::-1]).mean() < 0.01
    assert MIRRORED in back.provenance["notes"] and MIRRORED not in there.provenance["notes"]
