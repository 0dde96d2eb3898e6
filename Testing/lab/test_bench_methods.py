from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from labelled_heart import a_labelled_heart
from safetensors.torch import save_file

from medvos.errors import InputError
from medvos.models.cstm.config import CstmConfig
from medvos.models.cstm.network import Cstm
from medvos_lab.bench.methods import all_methods, method
from medvos_lab.bench.protocol import Trial, prepare


@pytest.fixture
def a_trial() -> Trial:
    return prepare(a_labelled_heart())


@pytest.fixture
def an_untrained_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The only model at hand, with random weights."""
    config = CstmConfig()
    weights = {k: v.contiguous() for k, v in Cstm(config).state_dict().items() if v.is_floating_point()}
    file = tmp_path / "untrained.safetensors"
    save_file(weights, file)
    entry = {
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "terms": "none",
        "summary": "random weights",
        "config": asdict(config),
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {"untrained": entry}}))
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    return "untrained"


def test_a_baseline_gives_labels_and_its_time_alone(a_trial: Trial):
    prediction = method("copy")(a_trial.case.cine, a_trial.seed)
    assert prediction.labels.shape == a_trial.case.cine.shape
    assert prediction.slice_scores is None and prediction.uncertainty is None
    assert prediction.seconds > 0


def test_a_network_is_run_by_its_name_and_gives_its_uncertainty(a_trial: Trial, an_untrained_network: str):
    prediction = method(an_untrained_network, "cpu")(a_trial.case.cine, a_trial.seed)
    drawn = a_trial.phase, a_trial.slice
    assert (prediction.labels[drawn] == a_trial.case.labels[drawn]).all()
    assert prediction.uncertainty is not None and prediction.uncertainty.shape == a_trial.case.cine.shape
    assert prediction.slice_scores is not None and prediction.slice_scores.shape == a_trial.case.cine.shape[:2]
    assert prediction.slice_scores[drawn] == 0 and np.delete(prediction.slice_scores.ravel(), 16).min() > 0


def test_all_methods_are_the_baselines_and_the_networks_at_hand(an_untrained_network: str):
    assert all_methods() == ("copy", "flow", an_untrained_network + "+dense", an_untrained_network)


def test_an_unknown_method_is_refused(a_trial: Trial, an_untrained_network: str):
    with pytest.raises(InputError, match="model 'stnc' here"):
        method("stnc")(a_trial.case.cine, a_trial.seed)


def test_a_switch_changes_the_network_s_result(a_trial: Trial, an_untrained_network: str):
    plain, dense = (
        method(name, "cpu")(a_trial.case.cine, a_trial.seed)
        for name in (an_untrained_network, an_untrained_network + "+dense")
    )
    assert plain.uncertainty is not None and dense.uncertainty is not None
    assert not np.array_equal(plain.uncertainty, dense.uncertainty)


def test_an_unknown_switch_is_refused(an_untrained_network: str):
    with pytest.raises(InputError, match="no switch 'dens'; choose from dense"):
        method(an_untrained_network + "+dens")
