"""The intervals benchmark over hand-made patients and a network with random weights."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled_heart import a_labelled_heart
from medvos_command import Medvos
from tiny_network import TINY, a_network, store_network
from tiny_vivim import a_vivim, store_vivim

from medvos.measure import intervals
from medvos.models.store import resolve
from medvos.result import Result
from medvos.structures import MYO, RV
from medvos_lab.bench import intervals as module
from medvos_lab.bench.fit_borders import Outcome, outcomes
from medvos_lab.bench.intervals import AT_ONCE, CROSS_FITTED, FOUND, OTHER, SAFE_DEFAULTS, coverage, run


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    store_network(tmp_path / "store", a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def patients(monkeypatch: pytest.MonkeyPatch) -> None:
    """One patient in each half of ACDC's validation split, one of Sunnybrook."""

    def cases(*names: str) -> Callable[[Any], list]:
        return lambda root: [replace(a_labelled_heart(), name=name) for name in names]

    monkeypatch.setattr(intervals, "SAMPLES", 100)
    monkeypatch.setitem(module.DATA_SETS, "acdc", cases("patient004", "patient009"))
    monkeypatch.setitem(module.DATA_SETS, "sunnybrook_4d", cases("SCD1"))


@pytest.mark.usefixtures("patients", "store")
def test_every_patient_is_judged_once_by_constants_fitted_on_others(tmp_path: Path):
    found = run(None, tmp_path / "out", "tiny", device="cpu")
    assert resolve("tiny").intervals == {}
    assert found.constants["fitted_on"] == "2 ACDC validation patients"
    assert len(found.constants["LV"]) == 3
    assert [found.tables[table]["LVEF"].cases for table in (CROSS_FITTED, SAFE_DEFAULTS, OTHER)] == [2, 2, 1]
    with (tmp_path / "out" / "intervals.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["measure"] == "LVEF"]
    assert [(row["table"], row["case"]) for row in rows] == [
        (CROSS_FITTED, "patient004"),
        (CROSS_FITTED, "patient009"),
        (SAFE_DEFAULTS, "patient004"),
        (SAFE_DEFAULTS, "patient009"),
        (OTHER, "SCD1"),
    ]
    text = (tmp_path / "out" / "intervals.md").read_text(encoding="utf-8")
    assert "| LVEF |" in text and "| widening |" in text


@pytest.mark.usefixtures("patients")
def test_constants_that_are_kept_are_those_of_results_to_come(store: Path, tmp_path: Path):
    from medvos.cli.main import main

    arguments = ["bench", "intervals", "--out", str(tmp_path / "out"), "--model", "tiny", "--device", "cpu"]
    assert main([*arguments, "--keep"]) == 0
    assert resolve("tiny").intervals["fitted_on"] == "2 ACDC validation patients"
    assert json.loads((store / "manifest.json").read_text())["models"]["tiny"]["terms"] == "for tests"


@pytest.mark.usefixtures("patients")
def test_a_network_that_follows_the_motion_is_fitted_on_every_phase_and_judged_at_once_too(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    store_network(store, a_network(replace(TINY, motion=True)), "mover")
    beats = [replace(a_labelled_heart(), name=name) for name in ("patient014", "patient019")]
    monkeypatch.setitem(module.DATA_SETS, "acdc_4d", lambda root: beats)
    trial = module.prepare(beats[0])
    monkeypatch.setattr(module, "find_ed_and_es", lambda curve: (trial.es, trial.ed))
    found = run(None, tmp_path / "out", "mover", device="cpu")
    assert found.constants["fitted_on"] == "2 ACDC validation patients, every phase"
    with (tmp_path / "out" / "intervals.csv").open() as file:
        rows = {(row["table"], row["case"]): row for row in csv.DictReader(file) if row["measure"] == "LVEF"}
    assert next(iter(rows)) == (CROSS_FITTED, "patient014")
    assert (AT_ONCE, "patient009") in rows and (OTHER, "SCD1") in rows
    at_expert, at_found = (rows[table, "patient014"] for table in (CROSS_FITTED, FOUND))
    assert float(at_found["stated"]) < 0 < float(at_expert["stated"])  # found the wrong way round
    assert at_found["truth"] == at_expert["truth"]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("kept", "measures"), [((), set()), ((MYO,), set()), ((MYO, RV), {"LVM", "RVEDV"})])
def test_a_result_without_an_lv_has_the_phases_of_its_rv_or_none(kept, measures, monkeypatch: pytest.MonkeyPatch):
    heart = a_labelled_heart()
    labels = np.where(np.isin(heart.labels, kept), heart.labels, 0).astype(np.uint8)
    labels[0][labels[0] == RV] = 0  # the expert's ES
    labels[1] = labels[2] * (np.arange(heart.labels.shape[1]) < 2)[:, None, None]
    certain, seeds = np.ones(labels.shape[:2], np.float32), np.zeros(labels.shape[:2], bool)
    result = Result(heart.cine, labels, np.full(labels.shape, 0.1, np.float32), certain, seeds)
    monkeypatch.setattr(module, "propagate", lambda *_, **__: result)
    _, at_found = module._seen(heart, "tiny", "cpu")
    found = outcomes(at_found, {})
    assert (found.keys() & {"LVM", "RVEDV"}) == measures
    if measures:
        assert found["RVESV"].stated > 0  # of the phase that was found


def test_coverage_counts_and_compares_with_one_width_for_all():
    patients = [
        {"LVEF": Outcome(50, 45, 55, 54)},
        {"LVEF": Outcome(60, 58, 62, 61)},
        {"LVEF": Outcome(40, 39, 41, 30)},
    ]
    found = coverage(patients)
    assert set(found) == {"LVEF"}
    assert (found["LVEF"].covered, found["LVEF"].cases) == (2, 3)
    assert found["LVEF"].width == pytest.approx((10 + 4 + 2) / 3)
    assert found["LVEF"].fixed_width == 8  # holds the two smaller errors, of 1 and 4 points


def test_intervals_that_hold_nothing_have_no_fixed_width_to_compare_with():
    assert np.isnan(coverage([{"LVEF": Outcome(50, 49, 51, 60)}])["LVEF"].fixed_width)


def test_a_folder_without_data_is_the_users_to_mend(medvos: Medvos, tmp_path: Path):
    answer = medvos("bench", "intervals", "--out", tmp_path / "out", "--data", tmp_path)
    assert answer.returncode == 2
    assert "MEDVOS_DATA" in answer.stderr


@pytest.mark.usefixtures("patients")
def test_a_network_that_needs_no_seed_is_calibrated_without_one(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    store_vivim(store, a_vivim(), "unaided")
    asked = []

    def segmented(cine, info, device):
        asked.append(info.name)
        return module.propagate(cine, module.prepare(a_labelled_heart()).seed, model="tiny", device=device)

    monkeypatch.setattr(module, "segment_heart", segmented)
    found = run(None, tmp_path / "out", "unaided", device="cpu")
    assert asked == ["unaided"] * 3
    assert found.tables[CROSS_FITTED]["LVEDV"].cases == 2 and len(found.constants["LV"]) == 3
