"""Weights, manifest entry and card of a released network."""

from __future__ import annotations

import json

import pytest
from jinja2 import UndefinedError
from tiny_tcmn import a_tcmn

from medvos.models.store import available
from medvos.uncertainty.calibration import Calibration
from medvos_lab.card import constants, release, render
from medvos_lab.tcmn.finish import COUNTS

FIGURES = dict.fromkeys(COUNTS, 7.0) | {"Dice, ED to ES": 0.87654}
WORDS = {
    "described": {"model": "tcmn", "contrastive": True, "step": 12, "batch": 3, "device": "1 GPU"},
    "command": "medvos train tcmn",
    "contrastive_weight": 0.05,
}


def test_a_release_is_weights_entry_and_card(tmp_path):
    card = release(
        a_tcmn(),
        "tcmn",
        tmp_path,
        "for anyone",
        "a summary",
        {"network": "tcmn", "validation_dice": 0.8765},
        FIGURES,
        COUNTS,
        "medvos_lab.tcmn",
        **WORDS,
    )
    (info,) = available(tmp_path)
    assert (info.name, info.network, info.terms, info.validation_dice) == ("tcmn", "tcmn", "for anyone", 0.8765)
    assert card == info.card_path
    text = card.read_text()
    assert "| Dice, ED to ES | 0.877 |" in text
    assert info.sha256 in text
    # Counts of cases are told in words, not as figures.
    assert not any(f"| {name} |" in text for name in COUNTS)


def test_a_card_that_lacks_a_word_is_not_written():
    with pytest.raises(UndefinedError):
        render("medvos_lab.tcmn", **WORDS)


def test_constants_are_short_numbers_that_json_keeps():
    calibration = Calibration(voxel=(1.0000001, 2.0, 0.123456789), slice=(0.1, 0.9))
    assert json.loads(json.dumps(constants(calibration))) == {"voxel": [1.0, 2.0, 0.12346], "slice": [0.1, 0.9]}
