"""Model cards."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_network import TINY, a_network

from medvos.models.store import available
from medvos_lab.bench.intervals import CROSS_FITTED, Coverage, Intervals
from medvos_lab.cstm.finish import CARD_COLUMNS, card, interval_figures
from medvos_lab.release import choose_default, update_manifest, write_weights
from medvos_lab.terms import RELEASES

FIGURES = {**dict.fromkeys(CARD_COLUMNS, 0.5), "cases": 20.0}


@pytest.mark.parametrize("release", ["open", "research"])
def test_a_card_states_terms_data_use_figures_and_how_to_make_it_again(release, tmp_path: Path, monkeypatch):
    write_weights(a_network(), f"cstm-{release}", tmp_path, RELEASES[release].terms, "A tiny network.")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    described = {"release": release, "step": 7, "batch": 8, "device": "2 CPU threads"}
    rows = {"acdc": FIGURES, "sunnybrook_4d": {**FIGURES, "cases": 2.0}}
    text = card(available()[0], described, a_network(), rows, {"ECE, cross-fitted": 0.01234}, "medvos train cstm")
    for part in (
        RELEASES[release].terms,
        "Not a medical device",
        available()[0].sha256,
        "`medvos train cstm`",
        "7 steps",
        "the 20 validation patients",
        "| Dice mean | 0.500 | 0.500 |",
        "| ECE, cross-fitted | 0.012 |",
        *RELEASES[release].data,
        *RELEASES[release].citations,
        str(TINY.region),
    ):
        assert part in text
    assert ("Bernard" in text) == (release == "research")


def test_the_card_says_how_often_intervals_of_ef_hold_the_truth_and_how_wide_they_are():
    found = {"LVEF": Coverage(18, 20, 11.5, 12.0), "LVEDV": Coverage(17, 20, 15.0, 9.0)}
    assert interval_figures(Intervals({}, {CROSS_FITTED: found})) == {
        "Share of 90 % intervals that hold LVEF, cross-fitted": 0.9,
        "Their mean width in points, LVEF": 11.5,
    }


@pytest.mark.parametrize(
    ("dice", "chosen"),
    [
        ({"open": 0.905, "research": 0.92}, "cstm-open"),
        ({"open": 0.89, "research": 0.92}, "cstm-research"),
        ({"open": 0.5}, "cstm-open"),
        ({"research": 0.5}, "cstm-research"),
    ],
)
def test_the_free_weights_are_the_default_unless_they_cost_too_much_dice(dice, chosen, tmp_path: Path, monkeypatch):
    for release, value in dice.items():
        write_weights(a_network(), f"cstm-{release}", tmp_path, "terms", "summary")
        update_manifest(tmp_path, f"cstm-{release}", {"validation_dice": value})
    assert choose_default(tmp_path, "cstm") == chosen
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    from medvos.models.store import resolve

    assert resolve("cstm").name == chosen
