"""The seed that nobody drew beside the expert's."""

from __future__ import annotations

import json

import numpy as np
import pytest
from test_segmentation_short_axis import INFO, a_network_that_reads  # noqa: F401
from tiny_vivim import a_case_that_is_its_own_truth

from medvos.errors import InputError
from medvos.propagation import propagate
from medvos.result import Result
from medvos_lab.vivim import bench as bench_vivim


@pytest.fixture
def a_propagation_as_good_as_its_seed(monkeypatch: pytest.MonkeyPatch):
    """Copies the seed to every slice of every phase."""
    case = a_case_that_is_its_own_truth()

    def copied(cine, seed, **_):
        phase, z = np.argwhere(seed.drawn)[0]
        labels = np.broadcast_to(seed.labels[phase, z], cine.shape)
        return Result(cine, labels, np.zeros(cine.shape), np.zeros(cine.shape[:2]), seed.drawn)

    monkeypatch.setattr(propagate, "propagate", copied)
    monkeypatch.setattr(bench_vivim, "acdc_cases", lambda *_: [case])
    monkeypatch.setattr(bench_vivim, "resolve", lambda *_: INFO)


@pytest.mark.usefixtures("a_propagation_as_good_as_its_seed")
def test_both_seeds_are_scored_on_the_slices_that_neither_shows():
    ((name, expert, proposed),) = bench_vivim.seeds_compared(None, "vivim", "cstm", "cpu")
    assert name == "patient004"
    assert 0.5 < expert < 0.95  # a copy is right at ED and too large at ES
    assert proposed == pytest.approx(expert, abs=0.02)


def test_without_weights_it_says_how_to_get_them(tmp_path, monkeypatch):
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {}, "aliases": {}}))
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    with pytest.raises(InputError, match="medvos train vivim"):
        bench_vivim.run(None, tmp_path)
