"""CSTM's model card and the metrics on it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from tiny_network import TINY, a_network

from medvos.models.store import available, resolve
from medvos.uncertainty.calibration import Calibration
from medvos_lab.bench.intervals import AT_ONCE, CROSS_FITTED, Coverage, Intervals
from medvos_lab.cstm import validate
from medvos_lab.cstm.validate import COLUMNS, card_words, interval_metrics
from medvos_lab.recipes import RECIPES
from medvos_lab.release import release, render, write_weights
from medvos_lab.terms import RELEASES

METRICS = {**dict.fromkeys(COLUMNS, 0.5), "cases": 20.0}


@pytest.mark.parametrize("terms", ["open", "research"])
def test_a_card_states_terms_data_use_metrics_and_the_command(terms, tmp_path: Path):
    card = RECIPES["cstm"].configured(release=terms).card()
    write_weights(a_network(), card.name, tmp_path, card.terms, card.summary)
    (info,) = available(tmp_path)
    rows = {"acdc": METRICS, "sunnybrook_4d": {**METRICS, "cases": 2.0}}
    words = {
        "info": info,
        "config": TINY,
        "parameters": 1.0,
        "described": {"release": terms, "step": 7, "batch": 8, "device": "2 CPU threads", "before": ["5 steps"]},
        "command": "medvos train cstm",
        **card.words,
        **card_words(rows, {"ECE, cross-fitted": 0.01234}),
    }
    text = render(card.template, **words)
    for part in (
        RELEASES[terms].terms,
        "Not a medical device",
        info.sha256,
        "`medvos train cstm`",
        "7 steps",
        "| Before that | 5 steps |",
        "the 20 validation patients",
        "| Dice mean | 0.500 | 0.500 |",
        "| ECE, cross-fitted | 0.012 |",
        *RELEASES[terms].data,
        *RELEASES[terms].citations,
        str(TINY.region),
    ):
        assert part in text
    assert ("Bernard" in text) == (terms == "research")


def test_the_card_of_a_network_that_follows_the_motion_has_a_column_for_every_phase(tmp_path: Path):
    rows = {"acdc": METRICS, "sunnybrook_4d": METRICS, "acdc_4d": {**METRICS, "Dice mean": 0.75}}
    card = RECIPES["cstm-beats"].card()
    write_weights(a_network(), card.name, tmp_path, card.terms, card.summary)
    (info,) = available(tmp_path)
    words = {
        "info": info,
        "config": TINY,
        "parameters": 1.0,
        "described": {"release": "research", "step": 7, "batch": 4, "device": "1 CPU thread"},
        "command": "medvos train cstm-beats",
        **card.words,
        **card_words(rows, {"ECE, cross-fitted": 0.01234}),
    }
    text = render(card.template, **words)
    assert "| | ACDC validation | Sunnybrook 4D | ACDC validation, every phase |\n|---|---|---|---|\n" in text
    assert "| Dice mean | 0.500 | 0.500 | 0.750 |" in text
    assert "| ECE, cross-fitted | 0.012 | | |" in text
    assert f"`medvos bench accuracy --out accuracy --model {info.name} --data-set acdc --data-set" in text


def test_the_card_has_the_coverage_and_the_width_of_the_intervals_of_ef():
    found = {"LVEF": Coverage(18, 20, 11.5, 12.0), "LVEDV": Coverage(17, 20, 15.0, 9.0)}
    assert interval_metrics(Intervals({}, {CROSS_FITTED: found})) == {
        "Fraction of 90 % intervals that hold LVEF, cross-fitted": 0.9,
        "Their mean width in points, LVEF": 11.5,
    }
    both = interval_metrics(Intervals({}, {CROSS_FITTED: found, AT_ONCE: found}))
    assert both["Their mean width in points, LVEF from ED to ES at once"] == 11.5


def test_no_text_counts_the_training_patients_of_a_data_set_that_may_grow():
    assert not any("60 patients" in sentence for release in RELEASES.values() for sentence in release.data)


def test_a_release_is_calibrated_before_it_is_scored_under_its_name(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(RECIPES, "cstm", replace(RECIPES["cstm"], config=TINY))
    constants = Calibration((0.0, 1.0, 0.0), (0.0, 1.0))
    coverage = Intervals({"LV": [1.0]}, {CROSS_FITTED: {"LVEF": Coverage(18, 20, 11.5, 12.0)}})

    def scored(
        _data: Path | None, out: Path, models: list[str], **options: object
    ) -> dict[str, dict[str, dict[str, float]]]:
        assert resolve(models[0]).calibration == {"voxel": [0.0, 1.0, 0.0], "slice": [0.0, 1.0]}
        assert (out, options["device"]) == (tmp_path / "run" / "accuracy", "cpu")
        assert options["data_sets"] == ["acdc", "sunnybrook_4d"]
        return {"acdc": {models[0]: METRICS}, "sunnybrook_4d": {models[0]: METRICS}}

    monkeypatch.setattr(validate, "calibrate", lambda *_, **__: (constants, {"ECE, cross-fitted": 0.01}))
    monkeypatch.setattr(validate.accuracy, "run", scored)
    monkeypatch.setattr(validate.intervals, "run", lambda *_, **__: coverage)
    (tmp_path / "run").mkdir()
    torch.save({"average": a_network().state_dict(), "step": 12}, tmp_path / "run" / "last.ckpt")
    described = {"release": "open", "batch": 8, "device": "1 GPU", "config": asdict(TINY)}
    (tmp_path / "run" / "config.json").write_text(json.dumps(described))
    card = release(RECIPES["cstm"], tmp_path / "run", tmp_path / "models", device="cpu")
    assert "12 steps of 8 triplets" in card.read_text()
    assert "Fraction of 90 % intervals that hold LVEF, cross-fitted | 0.900" in card.read_text()
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))
    info = resolve("cstm")
    assert (info.name, info.validation_dice, info.intervals) == ("cstm-open", 0.5, {"LV": [1.0]})
    assert info.calibration == {"voxel": [0.0, 1.0, 0.0], "slice": [0.0, 1.0]}
