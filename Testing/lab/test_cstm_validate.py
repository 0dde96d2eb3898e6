"""CSTM's model card and the metrics on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_network import TINY, a_network

from medvos.models.store import available
from medvos_lab.bench.intervals import CROSS_FITTED, Coverage, Intervals
from medvos_lab.cstm.validate import COLUMNS, card_words, interval_metrics
from medvos_lab.recipes import RECIPES
from medvos_lab.release import render, write_weights
from medvos_lab.terms import RELEASES

METRICS = {**dict.fromkeys(COLUMNS, 0.5), "cases": 20.0}


@pytest.mark.parametrize("release", ["open", "research"])
def test_a_card_states_terms_data_use_metrics_and_the_command(release, tmp_path: Path):
    card = RECIPES["cstm"].configured(release=release).card()
    write_weights(a_network(), card.name, tmp_path, card.terms, card.summary)
    (info,) = available(tmp_path)
    rows = {"acdc": METRICS, "sunnybrook_4d": {**METRICS, "cases": 2.0}}
    words = {
        "info": info,
        "config": TINY,
        "parameters": 1.0,
        "described": {"release": release, "step": 7, "batch": 8, "device": "2 CPU threads", "before": ["5 steps"]},
        "command": "medvos train cstm",
        **card.words,
        **card_words(rows, {"ECE, cross-fitted": 0.01234}),
    }
    text = render(card.template, **words)
    for part in (
        RELEASES[release].terms,
        "Not a medical device",
        info.sha256,
        "`medvos train cstm`",
        "7 steps",
        "| Before that | 5 steps |",
        "the 20 validation patients",
        "| Dice mean | 0.500 | 0.500 |",
        "| ECE, cross-fitted | 0.012 |",
        *RELEASES[release].data,
        *RELEASES[release].citations,
        str(TINY.region),
    ):
        assert part in text
    assert ("Bernard" in text) == (release == "research")


def test_the_card_has_the_coverage_and_the_width_of_the_intervals_of_ef():
    found = {"LVEF": Coverage(18, 20, 11.5, 12.0), "LVEDV": Coverage(17, 20, 15.0, 9.0)}
    assert interval_metrics(Intervals({}, {CROSS_FITTED: found})) == {
        "Fraction of 90 % intervals that hold LVEF, cross-fitted": 0.9,
        "Their mean width in points, LVEF": 11.5,
    }


def test_no_text_counts_the_training_patients_of_a_data_set_that_may_grow():
    assert not any("60 patients" in sentence for release in RELEASES.values() for sentence in release.data)
