from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Medvos

from medvos.measure.measure import measure
from medvos.synth.heart import SyntheticHeart


def test_measures_of_a_segmentation_on_disk_are_those_of_its_labels(
    medvos: Medvos, a_truth_file: Path, a_heart: SyntheticHeart
):
    answer = medvos("measure", a_truth_file, "--json")
    assert answer.returncode == 0, answer.stderr
    found = {name: one["value"] for name, one in json.loads(answer.stdout)["measures"].items()}
    assert found.pop("MVO") is None
    expected = measure(a_heart.labels, a_heart.cine)
    assert found == pytest.approx({name: expected[name].value for name in found}, rel=1e-3)


def test_the_table_shows_the_measures_and_the_phases(medvos: Medvos, a_truth_file: Path):
    answer = medvos("measure", a_truth_file)
    assert "LVEF" in answer.stdout
    assert "ED is phase 0" in answer.stdout


def test_pictures_are_no_segmentation(medvos: Medvos, a_cine_file: Path):
    answer = medvos("measure", a_cine_file)
    assert answer.returncode == 2
    assert "labels" in answer.stderr
    assert answer.stderr.count("\n") == 1
