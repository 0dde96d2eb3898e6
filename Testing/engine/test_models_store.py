"""The store of weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tiny_network import TINY, a_network, store_network

from medvos.errors import InputError
from medvos.models import networks, store
from medvos.models.cstm.network import Cstm, Entry, Memory

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network() -> Cstm:
    return a_network()


@pytest.fixture
def folder(tmp_path: Path, network: Cstm, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with the models ``small`` and ``tiny``."""
    store_network(tmp_path, network, "tiny")
    store_network(tmp_path, network, "small")
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    return tmp_path


def change_manifest(folder: Path, **entries: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def test_models_are_listed_by_name(folder):
    small, tiny = store.available()
    assert (small.name, tiny.name) == ("small", "tiny")
    assert tiny.path == folder / "tiny.safetensors"
    assert tiny.card_path == folder / "tiny.md"
    assert tiny.size_mb == pytest.approx(tiny.path.stat().st_size / 1e6)
    assert tiny.terms == "for tests"


def test_an_alias_stands_for_a_model(folder):
    change_manifest(folder, aliases={"cstm": "tiny"})
    assert store.resolve("cstm") == store.resolve("tiny")


def test_a_model_of_no_such_name_is_refused_and_the_known_ones_are_named(folder):
    change_manifest(folder, aliases={"cstm": "tiny"})
    with pytest.raises(InputError, match="model 'large' here; choose from cstm, small, tiny"):
        store.resolve("large")


@pytest.mark.usefixtures("single_precision")
def test_released_weights_load_as_the_same_network_up_to_their_rounding(folder, network):
    loaded = networks.load_cstm(store.resolve("tiny"), CPU)
    assert loaded.config == TINY
    assert not loaded.training
    assert {parameter.dtype for parameter in loaded.parameters()} == {torch.float32}
    image, masks = torch.rand(2, 3, 64, 64), torch.rand(2, 3, 64, 64).round()
    results = []
    with torch.no_grad():
        for given in (network, loaded):
            frame = given.encode_frame(image)
            memory = Memory.of([Entry.of(frame, given.encode_masks(frame, masks))])
            results.append(given.segment(frame, memory, torch.ones(2, 3, dtype=torch.bool)).logits)
    assert (results[0] - results[1]).std() < 0.1 * results[0].std()


def test_changed_weights_are_refused(folder):
    path = folder / "tiny.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"tiny\.safetensors do not have the checksum"):
        networks.load_cstm(store.resolve("tiny"), CPU)


def test_missing_weights_are_refused(folder):
    (folder / "tiny.safetensors").unlink()
    with pytest.raises(InputError, match=r"tiny\.safetensors cannot be read"):
        networks.load_cstm(store.resolve("tiny"), CPU)
    with pytest.raises(InputError, match=r"tiny\.safetensors cannot be read"):
        _ = store.resolve("tiny").size_mb


@pytest.mark.parametrize("change", [{"local_memory": False}, {"of_a_later_version": 1}])
def test_weights_of_another_architecture_are_refused(folder, change):
    entry = json.loads((folder / "manifest.json").read_text())["models"]["tiny"]
    entry["config"] |= change
    change_manifest(folder, models={"tiny": entry})
    with pytest.raises(InputError, match="do not fit this version"):
        networks.load_cstm(store.resolve("tiny"), CPU)


def test_a_folder_without_models_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    with pytest.raises(InputError, match="set MEDVOS_MODELS"):
        store.available()


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"models": {"tiny": {}}}'])
def test_a_damaged_list_of_models_is_refused(folder, content):
    (folder / "manifest.json").write_text(content)
    with pytest.raises(InputError, match=r"manifest\.json cannot be read"):
        store.available()
