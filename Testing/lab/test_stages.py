"""What a training may go on from."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from tiny_network import TINY, a_network

from medvos.errors import InputError
from medvos_lab.stages import before, described_again

BEGUN = {"model": "cstm", "release": "research", "batch": 8, "device": "1 GPU", "config": asdict(TINY)}


def a_run(folder: Path, **changes: object) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({**BEGUN, **changes}))
    torch.save({"average": a_network().state_dict(), "step": 12}, folder / "last.ckpt")
    return folder


def test_a_start_brings_its_weights_and_what_was_done_before(tmp_path: Path):
    stages, weights = before(a_run(tmp_path / "first", before=["the very first"]), "research")
    assert stages == ["the very first", "12 steps (research release), decoder widths 16, 8, 8, 8, 8"]
    torch.testing.assert_close(weights["decoder.presence.bias"], a_network().decoder.presence.bias)


def test_weights_that_have_seen_research_data_never_become_free_ones(tmp_path: Path):
    with pytest.raises(InputError, match="learnt from acdc, which the release 'open' must not"):
        before(a_run(tmp_path / "first"), "open")
    before(a_run(tmp_path / "open", release="open"), "open")
    before(a_run(tmp_path / "other", release="open"), "research")


@pytest.mark.parametrize("damaged", ["config.json", "last.ckpt"])
def test_a_start_that_is_no_run_is_refused(tmp_path: Path, damaged: str):
    with pytest.raises(InputError, match="no run to start from"):
        before(tmp_path / "nowhere", "research")
    (a_run(tmp_path / "run") / damaged).write_bytes(b"{}")
    with pytest.raises(InputError, match="no run to start from"):
        before(tmp_path / "run", "research")


def test_a_run_that_goes_on_elsewhere_keeps_its_history(tmp_path: Path):
    folder = a_run(tmp_path / "run", before=["as it was"])
    now = {**BEGUN, "device": "2 CPU threads", "before": ["as it would be said now"]}
    assert described_again(folder, now) == {**now, "before": ["as it was"]}


@pytest.mark.parametrize(
    "change",
    [
        {"release": "open"},
        {"model": "cstm-paper"},
        {"config": asdict(replace(TINY, matching="dense"))},
        {"before": ["another run"]},
    ],
)
def test_a_run_goes_on_only_as_it_was_begun(tmp_path: Path, change: dict):
    folder = a_run(tmp_path / "run")
    with pytest.raises(InputError, match="go on as it was begun"):
        described_again(folder, {**BEGUN, **change})


def test_a_checkpoint_of_which_nobody_knows_what_it_learnt_from_is_refused(tmp_path: Path):
    (a_run(tmp_path / "run") / "config.json").unlink()
    with pytest.raises(InputError, match=r"without a readable config\.json"):
        described_again(tmp_path / "run", dict(BEGUN))
