from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from a_beat import a_beat
from a_camus_study import a_camus_study
from tiny_tcmn import a_tcmn, store_tcmn
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos.evaluate.metrics import dice
from medvos.structures import LA
from medvos_lab.bench.drawn import Drawn
from medvos_lab.bench.methods import method
from medvos_lab.tcmn import structures
from medvos_lab.tcmn.unseen import run, unseen_structures


@pytest.fixture
def little_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """One study, one beat, and a folder of models."""
    monkeypatch.setattr(structures, "camus_studies", lambda root: iter([a_camus_study()]))
    monkeypatch.setattr(structures, "acdc_beats", lambda root: iter([a_beat()]))
    models = tmp_path / "models"
    store_tcmn(models, a_tcmn(), "tcmn")
    monkeypatch.setenv("MEDVOS_MODELS", str(models))
    return models


def test_a_structure_is_drawn_at_ed_and_judged_at_es(little_data):
    found = structures.score(Drawn(method("copy")), structures.validation_structures(None))
    study = a_camus_study()
    assert found["CAMUS LV"]["Dice"] == pytest.approx(dice(study.labels[0] == 3, study.labels[1] == 3))
    assert found["CAMUS LA"] == {"Dice": 1.0, "J": 1.0, "F": 1.0, "masks": 1.0}  # it does not move
    assert found["ACDC Myo"]["masks"] == 3


def test_a_beat_is_followed_through_systole():
    beat = a_beat()
    each = next(structures.structures_of_beat(beat))
    np.testing.assert_array_equal(each.frames, beat.frames[beat.ed : beat.es + 1, 0])
    assert each.masks.sum((1, 2))[0] > each.masks.sum((1, 2))[1] > 0


def test_networks_are_judged_by_what_they_have_not_seen_and_baselines_by_the_same(little_data, tmp_path: Path):
    store_tcmn(little_data, a_tcmn(), "tcmn-without-atrium")
    rows = run(None, tmp_path / "out", unseen=True, device="cpu")
    assert list(rows) == ["copy", "flow", "tcmn", "tcmn-without-atrium"]
    assert all(list(row) == ["CAMUS LA"] for row in rows.values())
    assert rows["copy"]["CAMUS LA"]["Dice"] == 1.0
    text = (tmp_path / "out" / "tcmn.md").read_text(encoding="utf-8")
    assert "CAMUS LA, 1 masks." in text and "| copy | 1.000 | 1.000 | 1.000 |" in text
    with (tmp_path / "out" / "tcmn.csv").open() as file:
        assert [row["structure"] for row in csv.DictReader(file)] == ["CAMUS LA"] * 4


def test_names_say_what_is_unseen():
    names = ["CAMUS LV", "CAMUS LA", "ACDC LV"]
    assert unseen_structures("tcmn-without-atrium-without-mri", names) == ["CAMUS LA", "ACDC LV"]
    assert unseen_structures("tcmn-plain-without-camus", names) == ["CAMUS LV", "CAMUS LA"]
    assert unseen_structures("tcmn", names) == []


def test_without_weights_that_left_anything_out_the_command_says_how_to_train_them(little_data, tmp_path: Path):
    with pytest.raises(InputError, match="medvos train tcmn --leave-out atrium"):
        run(None, tmp_path / "out", unseen=True, device="cpu")


def test_the_command_scores_all_structures_where_none_has_to_be_unseen(little_data, tmp_path: Path):
    arguments = ["bench", "tcmn", "--out", str(tmp_path / "out"), "--model", "copy", "--device", "cpu"]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 0, answer.output
    for name in ("CAMUS LV", "CAMUS Myo", "CAMUS LA", "ACDC LV", "ACDC Myo"):
        assert f"{name}, " in answer.output


def test_a_structure_keeps_its_label(little_data):
    """A network with a slot of its own for a structure is told which one it is."""
    seen = []
    structure = next(each for each in structures.structures_of_study(a_camus_study()) if each.label == LA)

    def follow(cine, seed):
        seen.append((seed.labels.max(), cine.spacing[1:]))
        return type("Found", (), {"labels": np.repeat(seed.labels[:1], 2, 0)})

    structures.score(Drawn(follow), [structure])
    assert seen == [(LA, pytest.approx((0.6, 0.6)))]
