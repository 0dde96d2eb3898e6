"""EF of hearts whose seed was drawn in another style."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from a_beat import ED, ES, a_beat
from tiny_network import TINY, a_network
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.propagation.settings import PropagationSettings
from medvos.structures import LV, MYO
from medvos_lab.cstm_beats import style_bench
from medvos_lab.cstm_beats.bench import propagated
from medvos_lab.cstm_beats.style_bench import AS_DRAWN, STYLES, measure, moved_endocardium, summary
from medvos_lab.datasets.labelled import LabelledCine

OUT, IN = "endocardium further out", "endocardium further in"


def the_truth(case: LabelledCine) -> np.ndarray:
    return case.labels


def one_habit(case: LabelledCine) -> np.ndarray:
    """The heart as first drawn, whatever the style of the seed."""
    return a_beat().cropped().labels


def test_a_moved_endocardium_changes_the_cavity_at_labelled_phases_and_keeps_the_epicardium():
    case = a_beat().cropped()
    wider, narrower = (moved_endocardium(case, pixels) for pixels in (1, -1))
    for phase in (ED, ES):
        sizes = [(found.labels[phase] == LV).sum() for found in (narrower, case, wider)]
        assert sizes[0] < sizes[1] < sizes[2]
        hearts = [np.isin(found.labels[phase], (LV, MYO)) for found in (case, wider, narrower)]
        np.testing.assert_array_equal(hearts[0], hearts[1])
        np.testing.assert_array_equal(hearts[0], hearts[2])
    np.testing.assert_array_equal(wider.labels[1], case.labels[1])


def test_the_truth_has_no_bias_in_any_style_and_the_styles_differ():
    scores = measure(the_truth, [a_beat().cropped()])
    rows = {style: summary(found, scores[AS_DRAWN]) for style, found in scores.items() if found}
    assert {OUT, IN, AS_DRAWN} <= set(rows)
    for row in rows.values():
        assert row.bias == 0 and row.error == 0 and row.dice == 1
        assert row.difference == row.true_difference
    assert rows[IN].true_ef > rows[AS_DRAWN].true_ef > rows[OUT].true_ef


def test_a_network_with_a_habit_has_a_bias_and_no_difference_between_styles():
    scores = measure(one_habit, [a_beat().cropped()])
    row = summary(scores[OUT], scores[AS_DRAWN])
    assert row.bias > 0 and row.difference == 0 and row.true_difference < 0


def test_the_seed_has_the_style():
    seeds = []
    segment = propagated(
        a_network(replace(TINY, motion=False)), PropagationSettings(mirrored=False), torch.device("cpu")
    )

    def noted(case: LabelledCine) -> np.ndarray:
        seeds.append((case.labels[ED] == LV).sum())
        return segment(case)

    measure(noted, [a_beat().cropped()])
    as_drawn, _, wider, narrower = seeds  # no muscle is seen in this cavity
    assert narrower < as_drawn < wider


def test_the_table_has_a_row_for_each_style(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(style_bench, "acdc_beats", lambda *_: iter([a_beat()]))
    monkeypatch.setattr(style_bench, "chosen_network", lambda *_: a_network(replace(TINY, motion=True)))
    answer = CliRunner().invoke(
        app, ["bench", "style", "--out", str(tmp_path), "--device", "cpu"], catch_exceptions=False
    )
    assert answer.exit_code == 0
    text = (tmp_path / "style.md").read_text()
    assert text in answer.output
    styles = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")][2:]
    assert styles[0] == AS_DRAWN and set(styles) <= set(STYLES)
    assert (tmp_path / "style.csv").read_text().startswith("style,patient,EF found,EF true,LV")
