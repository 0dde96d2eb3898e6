from __future__ import annotations

import numpy as np
import pytest

from medvos_lab.bench import measures as bench_measures
from medvos_lab.bench import slice_errors
from medvos_lab.bench.measures import rate_errors, run


def test_the_benchmark_writes_its_tables_and_pictures(data_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(slice_errors, "DISTANCES_MM", (4.0, 12.0))
    monkeypatch.setattr(slice_errors, "KINDS", ("healthy",))
    monkeypatch.setattr(slice_errors, "PIXEL_MM", 3.0)
    monkeypatch.setattr(bench_measures, "DISTANCES_MM", (4.0, 12.0))
    monkeypatch.setattr(bench_measures, "acdc_cases", lambda data, split: few(data))
    monkeypatch.setattr(bench_measures, "echo_agreement", lambda data: {"clips": 0})
    monkeypatch.setattr(bench_measures, "RATE_HEARTS", 10)
    found = run(data_folder, tmp_path / "out")
    assert found["acdc"]["largest mL"] < 1e-6
    edv = {e["distance_mm"]: e["mean"] for e in found["slices"] if e["name"] == "LVEDV"}
    assert edv[4.0] < edv[12.0] < 20
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"measures.md", "measures.json", "slices.png", "segments-acdc.png", "segments-synthetic.png"}


def few(data):
    from medvos_lab.datasets.acdc import acdc_cases

    return [case for case in acdc_cases(data, "all") if case.name in ("patient001", "patient024")]


def test_filling_rates_have_no_bias(monkeypatch):
    monkeypatch.setattr(bench_measures, "RATE_HEARTS", 60)
    errors = rate_errors()
    assert errors["PFR"]["bias"] == pytest.approx(0, abs=5)
    assert errors["PER"]["bias"] == pytest.approx(-15, abs=7)
    assert np.isfinite([e["spread"] for e in errors.values()]).all()
