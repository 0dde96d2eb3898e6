"""Scores of whole beats."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from a_beat import ED, ES, a_beat, smaller
from tiny_network import TINY, a_network, heart_slice
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.propagation.settings import PropagationSettings
from medvos.structures import LV, MYO
from medvos_lab.cstm_beats import bench
from medvos_lab.cstm_beats.bench import in_papillary_style, measure, propagated, run, score_beat, summaries
from medvos_lab.datasets.labelled import LabelledCine

CPU = torch.device("cpu")


def the_truth(case: LabelledCine) -> np.ndarray:
    """The drawn labels; at phases between the heart of `a_beat` at half of its contraction."""
    labels = case.labels.copy()
    if len(labels) > 2:
        between = smaller(heart_slice(72), 0.5)[4:-4, 4:-4]
        for phase in set(range(len(labels))) - {ED, ES}:
            labels[phase] = between
    return labels


def test_the_truth_is_without_error():
    scores = measure(the_truth, [a_beat()])
    rows = summaries(scores)
    for variant in ("leap", "beat"):
        assert [rows[variant][name] for name in ("LV", "Myo", "RV", "EF error")] == [1, 1, 1, 0]
    assert rows["beat"]["ES phases off"] == 0 and 0.3 < rows["beat"]["jump"] < 1
    assert "jump" not in rows["leap"]


def test_a_cavity_that_does_not_shrink_has_an_ef_of_0_and_the_truth_its_own():
    case = a_beat().cropped()
    labels = np.repeat(case.labels[ED][None], len(case.labels), 0)
    score = score_beat(case, labels)
    assert score.ef[0] == 0 and score.ef[1] > 30 and score.dice["RV"] == 1 and score.dice["LV"] < 1
    assert score.jump == score.roughness == 0


def test_a_phase_that_leaves_the_curve_is_rough_and_a_steady_fall_is_not():
    case = a_beat().cropped()
    steps = [0, 1, 2, 3, 4, 4, 3, 2, 1, 0]
    smooth = np.stack([smaller(heart_slice(72), 0.25 * step)[4:-4, 4:-4] for step in steps])
    labels = np.repeat(smooth[:, None], case.labels.shape[1], 1)
    rough = labels.copy()
    rough[2] = labels[4]
    assert score_beat(case, rough).roughness > 3 * score_beat(case, labels).roughness
    assert score_beat(case, labels).jump > 0.1


def test_papillary_style_gives_dark_parts_of_the_cavity_to_the_wall_at_ed_and_es():
    beat = a_beat()
    frames = beat.frames.copy()
    rows, columns = np.argwhere(beat.labels[1, 2, 4:-4, 4:-4] == LV).mean(0).astype(int)
    frames[:, :, rows - 1 : rows + 2, columns - 1 : columns + 2] = 60
    case = replace(beat, frames=frames).cropped()
    styled = in_papillary_style(case)
    assert styled is not None
    assert (styled.labels[[ED, ES], :, rows, columns] == MYO).all()
    assert (styled.labels[[ED, ES]] == LV).sum() < (case.labels[[ED, ES]] == LV).sum()
    np.testing.assert_array_equal(styled.labels[1], case.labels[1])


@pytest.mark.parametrize("motion", [False, True])
def test_a_network_segments_every_phase(motion: bool):
    case = a_beat().cropped()
    labels = propagated(a_network(replace(TINY, motion=motion)), PropagationSettings(mirrored=False), CPU)(case)
    assert labels.shape == case.labels.shape


@pytest.fixture
def tiny_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """One hand-made patient and a tiny network of any name."""
    monkeypatch.setattr(bench, "acdc_beats", lambda *_: iter([a_beat()]))
    monkeypatch.setattr(bench, "load_cstm", lambda *_: a_network(replace(TINY, motion=True)))


@pytest.mark.usefixtures("tiny_world")
def test_the_tables_have_a_row_for_each_variant_and_patient(tmp_path):
    arguments = ["bench", "beats", "--out", str(tmp_path), "--variant", "beat", "--variant", "whole", "--device", "cpu"]
    answer = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert answer.exit_code == 0
    text = (tmp_path / "beats.md").read_text()
    assert text in answer.output
    assert [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")][2:] == ["beat", "whole"]
    rows = (tmp_path / "beats.csv").read_text().splitlines()
    assert rows[0].startswith("variant,patient,LV Dice") and len(rows) == 3
    assert rows[2].startswith("whole,patient001") and rows[2].endswith(",,,") and not rows[1].endswith(",,,")


@pytest.mark.usefixtures("tiny_world")
def test_without_motion_the_network_gets_no_carried_masks(tmp_path, monkeypatch):
    carried: list[bool] = []
    segment = bench.Cstm.segment

    def noted(self, *inputs):
        carried.append(len(inputs) > 3)
        return segment(self, *inputs)

    monkeypatch.setattr(bench.Cstm, "segment", noted)
    for motion in (True, False):
        carried.clear()
        run(None, tmp_path, variants=["beat"], motion=motion, device="cpu")
        assert any(carried) == motion


def test_an_unknown_variant_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no variant 'jump'.*leap, beat"):
        run(None, tmp_path, variants=["jump"])


def test_the_averaged_weights_of_a_training_are_taken_by_its_folder(tmp_path):
    network = a_network(replace(TINY, motion=True))
    torch.save({"average": network.state_dict(), "step": 1}, tmp_path / "last.ckpt")
    (tmp_path / "config.json").write_text(json.dumps({"config": asdict(network.config)}))
    found = bench.chosen_network(str(tmp_path), CPU)
    assert found.config == network.config and not found.training
    torch.testing.assert_close(found.decoder.logits.weight, network.decoder.logits.weight)
