"""From checkpoints to shipped weights."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from jinja2 import UndefinedError
from tiny_network import TINY, a_network

from medvos.models.eight_bit import FEWEST, SCALE
from medvos.uncertainty.calibration import Calibration
from medvos_lab.recipe_types import constants
from medvos_lab.recipes import RECIPES
from medvos_lab.release import averaged_weights, choose_default, render, update_manifest, write_weights


def test_weights_have_eight_bits_and_vectors_half_precision_with_checksum_terms_and_configuration(tmp_path):
    from safetensors.torch import load_file

    network = a_network()
    write_weights(network, "tiny", tmp_path, "for anyone", "a summary")
    path = tmp_path / "tiny.safetensors"
    tensors = load_file(path)
    kernels = {name for name, tensor in tensors.items() if tensor.dtype == torch.int8}
    assert {"key_encoder.project16.weight", "decoder.logits.weight"} <= kernels
    single = {name for name, tensor in tensors.items() if tensor.dtype == torch.float32}
    assert single == {name + SCALE for name in kernels} | {
        name for name in tensors if name.endswith(("running_mean", "running_var"))
    }
    others = {name: tensor for name, tensor in tensors.items() if name not in kernels | single}
    assert {tensor.dtype for tensor in others.values()} == {torch.float16}
    assert all(tensor.ndim < 2 or tensor[0].numel() < FEWEST for tensor in others.values())
    assert not any(name.endswith("num_batches_tracked") for name in tensors)
    entry = json.loads((tmp_path / "manifest.json").read_text())["models"]["tiny"]
    assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (entry["file"], entry["terms"], entry["summary"]) == ("tiny.safetensors", "for anyone", "a summary")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["manifest.json", "tiny.safetensors"]


def test_a_new_release_keeps_the_calibration_and_the_other_models(tmp_path):
    network = a_network()
    write_weights(network, "tiny", tmp_path, "old terms", "")
    update_manifest(tmp_path, "tiny", {"calibration": {"slice": [0.1, 0.9]}})
    update_manifest(tmp_path, "other", {"file": "other.safetensors"})
    write_weights(network, "tiny", tmp_path, "new terms", "")
    models = json.loads((tmp_path / "manifest.json").read_text())["models"]
    assert models["tiny"]["calibration"] == {"slice": [0.1, 0.9]}
    assert models["tiny"]["terms"] == "new terms"
    assert models["other"] == {"file": "other.safetensors"}


def test_the_same_weights_give_the_same_file(tmp_path):
    for name in ("a", "b"):
        write_weights(a_network(), name, tmp_path, "", "")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_weights_beyond_half_precision_are_not_shipped(tmp_path):
    network = a_network()
    with torch.no_grad():
        network.decoder.logits.bias.fill_(1e6)
    with pytest.raises(ValueError, match="half precision"):
        write_weights(network, "tiny", tmp_path, "", "")
    assert not list(tmp_path.iterdir())


def test_statistics_of_batches_beyond_half_precision_are_shipped_as_they_are(tmp_path):
    from safetensors.torch import load_file

    network = a_network()
    name, statistics = next(pair for pair in network.named_buffers() if pair[0].endswith("running_var"))
    statistics.fill_(2e5)
    write_weights(network, "tiny", tmp_path, "", "")
    torch.testing.assert_close(load_file(tmp_path / "tiny.safetensors")[name], statistics)


def test_the_moving_average_of_a_run_is_what_is_released(tmp_path):
    trained, average = a_network(), a_network(presence=-1.0)
    state = {"network": trained.state_dict(), "average": average.state_dict(), "step": 12}
    torch.save(state, tmp_path / "last.ckpt")
    (tmp_path / "config.json").write_text(json.dumps({"release": "open", "config": asdict(TINY)}))
    weights, described = averaged_weights(tmp_path)
    torch.testing.assert_close(weights["decoder.presence.bias"], average.decoder.presence.bias)
    assert described["step"] == 12
    assert described["release"] == "open"


def test_a_card_that_lacks_a_word_is_not_written():
    with pytest.raises(UndefinedError):
        render(RECIPES["tcmn"].card().template, command="medvos train tcmn")


def test_constants_are_short_numbers_that_json_keeps():
    calibration = Calibration(voxel=(1.0000001, 2.0, 0.123456789), slice=(0.1, 0.9))
    assert json.loads(json.dumps(constants(calibration))) == {"voxel": [1.0, 2.0, 0.12346], "slice": [0.1, 0.9]}


@pytest.mark.parametrize(
    ("dice", "chosen"),
    [
        ({"open": 0.905, "research": 0.92}, "cstm-open"),
        ({"open": 0.89, "research": 0.92}, "cstm-research"),
        ({"open": 0.5}, "cstm-open"),
        ({"research": 0.5}, "cstm-research"),
        ({"open": 0.89, "research": 0.9, "beats-research": 0.92}, "cstm-beats-research"),
        ({"research": 0.93, "beats-research": 0.92}, "cstm-research"),
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
