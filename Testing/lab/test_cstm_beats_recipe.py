"""CSTM's training through real beats, on a tiny network and a hand-made beat."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
import torch
from a_beat import a_beat
from small_worlds import cstm_beats_world, train
from tiny_network import TINY, a_network
from training_studies import a_cavity_study, a_study

from medvos.errors import InputError
from medvos.models.cstm.config import CSTM_COMPACT, CstmConfig
from medvos.models.cstm.network import Cstm
from medvos.models.networks import load_cstm
from medvos.models.store import resolve, verified_weights
from medvos.structures import LV, MYO, RV
from medvos_lab import studies
from medvos_lab.cstm.validate import COLUMNS, card_words
from medvos_lab.cstm_beats.recipe import CstmBeatsRecipe
from medvos_lab.pretrained import load_released
from medvos_lab.recipe_types import Folders, Validation
from medvos_lab.recipes import RECIPES
from medvos_lab.release import averaged_weights, release, update_manifest, write_weights

CPU = torch.device("cpu")


@pytest.fixture
def a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    cstm_beats_world(monkeypatch)


@pytest.mark.usefixtures("a_small_world")
def test_it_learns_and_continues_where_it_stopped(tmp_path):
    out = tmp_path / "run"
    first = train("cstm-beats", out, steps=2)
    second = train("cstm-beats", out, steps=4)
    assert (first["step"], second["step"]) == (2, 4)
    assert second["network"]["decoder.motion.out.0.weight"].abs().sum() > 0
    weights, described = averaged_weights(out)
    config = CstmConfig.of(described["config"])
    Cstm(config).load_state_dict(weights)
    assert config.motion
    assert (described["model"], described["release"], described["start"]) == (
        "cstm-beats",
        "research",
        "cstm-beats-research",
    )


@pytest.mark.usefixtures("a_small_world")
def test_released_statistics_are_kept(tmp_path):
    state = train("cstm-beats", tmp_path / "run", steps=2)["network"]
    before = a_network(replace(TINY, motion=True)).state_dict()
    for name in (name for name in before if name.endswith(("running_mean", "running_var"))):
        torch.testing.assert_close(state[name], before[name])


@pytest.mark.usefixtures("a_small_world")
def test_the_decoder_alone_learns_and_the_encoders_stay_as_released(tmp_path):
    out = tmp_path / "run"
    state = train("cstm-beats", out, steps=4, learning="decoder")
    before = a_network(replace(TINY, motion=True)).state_dict()
    learnt = {name for name, value in state["network"].items() if not torch.equal(value, before[name])}
    assert {name.partition(".")[0] for name in learnt} == {"decoder"}
    assert {"decoder.logits.weight", "decoder.presence.weight", "decoder.motion.out.0.weight"} <= learnt
    assert all(torch.equal(v, before[k]) for k, v in state["average"].items() if not k.startswith("decoder."))
    with pytest.raises(InputError, match="begun with another decoder_only"):
        train("cstm-beats", out, steps=6)


@pytest.mark.usefixtures("a_small_world")
def test_pseudo_labels_are_learnt_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "load_studies", lambda *_: [a_study(), a_cavity_study()])
    out, seen = tmp_path / "run", []

    def of_lv_alone(given, info, cache):
        seen.append((info.name, cache, [study.structures for study in given]))
        return [replace(study, structures=(RV, MYO, LV)) for study in given]

    monkeypatch.setattr("medvos_lab.cstm_beats.pseudo_labels.pseudo_labelled", of_lv_alone)
    train("cstm-beats", out, steps=2, pseudo_labels=True)
    assert seen == [("vivim", tmp_path / "cache", [(RV, MYO, LV), (LV,)])]
    sha256 = resolve("vivim", "vivim").sha256
    assert json.loads((out / "config.json").read_text())["pseudo_labels"] == sha256
    with pytest.raises(InputError, match="begun with another pseudo_labels"):
        train("cstm-beats", out, steps=4)
    train("cstm-beats", tmp_path / "plain", steps=2)
    assert len(seen) == 1
    sentences = RECIPES["cstm-beats"].configured(pseudo_labels=True).card().words["release"].data
    assert f"`vivim` (SHA-256 `{sha256}`) has a Dice of at least 0.9" in sentences[-1]
    assert "Pseudo-labels" not in " ".join(RECIPES["cstm-beats"].card().words["release"].data)


@pytest.mark.usefixtures("a_small_world")
def test_the_metrics_of_each_checkpoint_are_in_the_log(tmp_path, monkeypatch):
    def metrics(self, network, folders, device):
        assert not network.training
        return {"beat": {"LV": 0.5, "cases": self.validate_on}}

    monkeypatch.setattr(CstmBeatsRecipe, "checkpoint_metrics", metrics)
    train("cstm-beats", tmp_path / "run", steps=4, validate_on=3)
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows if "validation" in row] == [2, 4]
    assert rows[0]["validation"]["beat"] == {"LV": 0.5, "cases": 3}


@pytest.mark.usefixtures("a_small_world")
def test_a_run_from_other_weights_does_not_continue(tmp_path, monkeypatch):
    train("cstm-beats", tmp_path / "run", steps=2)
    monkeypatch.setitem(RECIPES, "cstm-beats", replace(RECIPES["cstm-beats"], weights="cstm-open"))
    with pytest.raises(InputError, match="begun with another start"):
        train("cstm-beats", tmp_path / "run", steps=4)


@pytest.mark.parametrize(("count", "names"), [(0, []), (2, ["0", "2"]), (3, ["0", "1", "2"])])
def test_so_many_validation_patients_are_scored(count, names, tmp_path, monkeypatch):
    from medvos_lab.datasets import acdc_beats

    splits: list[str] = []

    def four(_data, split):
        splits.append(split)
        return iter([replace(a_beat(), name=f"patient10{number}") for number in range(4)])

    scored: list[str] = []

    def measure(_segment, beats):
        scored.extend(beat.name[-1] for beat in beats)
        return {}

    monkeypatch.setattr(acdc_beats, "acdc_beats", four)
    monkeypatch.setattr("medvos_lab.cstm_beats.bench.measure", measure)
    recipe = replace(RECIPES["cstm-beats"], validate_on=count)
    assert recipe.checkpoint_metrics(a_network(), Folders(None, tmp_path), CPU) == {}
    assert scored == names and set(splits) <= {"validation"}


def test_the_released_network_is_unchanged_at_the_start():
    recipe = RECIPES["cstm-beats"].configured(weights="cstm-open")
    network = recipe.network()
    parts = recipe.initialise(network)
    assert list(parts.pretrained) == [network.key_encoder.backbone] and list(parts.frozen) == [network]
    released = verified_weights(resolve("cstm-open"))
    state = network.state_dict()
    assert all(torch.equal(state[name], value.float()) for name, value in released.items())
    new = [name for name in state if name not in released and "num_batches" not in name]
    assert new and all(name.startswith("decoder.motion.") for name in new)
    assert all(not state[name].any() for name in new if ".out." in name)


def test_other_weights_bring_their_configuration():
    recipe = RECIPES["cstm-beats"].configured(weights="cstm")
    assert recipe.weights in ("cstm-open", "cstm-beats-research")
    assert recipe.config == replace(CSTM_COMPACT, motion=True)
    with pytest.raises(InputError, match="no weights of a model 'nobody'"):
        RECIPES["cstm-beats"].configured(weights="nobody")


@pytest.mark.parametrize("config", [TINY, replace(CSTM_COMPACT, local_memory=False)])
def test_weights_of_another_network_are_refused(config):
    with pytest.raises(InputError, match="do not fit this network"):
        load_released(Cstm(config), resolve("cstm-open"), added="decoder.motion.")


def test_a_run_is_released_with_a_card_that_states_its_start_and_data(tmp_path, monkeypatch):
    config = replace(TINY, motion=True)
    rows = {"acdc": dict.fromkeys((*COLUMNS, "cases"), 0.5), "sunnybrook_4d": dict.fromkeys((*COLUMNS, "cases"), 0.5)}
    validation = Validation({}, {"validation_dice": 0.5}, card_words(rows, {}))
    monkeypatch.setattr("medvos_lab.cstm.validate.validate", lambda *_: validation)
    (tmp_path / "run").mkdir()
    torch.save({"average": a_network(config).state_dict(), "step": 12}, tmp_path / "run" / "last.ckpt")
    # A folder in which the training was begun as "cstm" can be released too.
    described = {"model": "cstm", "batch": 4, "device": "1 CPU thread", "config": asdict(config)}
    (tmp_path / "run" / "config.json").write_text(json.dumps(described))
    recipe = replace(RECIPES["cstm-beats"], config=config)
    text = release(recipe, tmp_path / "run", tmp_path / "models", device="cpu").read_text()
    assert (
        "12 steps of 4 rollouts through real beats or 6 triplets of frames, from the weights `cstm-beats-research`"
        in text
    )
    assert "ACDC's 4D images" in text and "Bernard" in text
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))
    info = resolve("cstm")
    assert info.name == "cstm-beats-research" and load_cstm(info, CPU).config == config
    assert info.companion == "vivim" and resolve("vivim", "vivim").path.is_file()  # it came along


def test_the_mean_of_start_and_end_is_released_of_a_run_from_this_start_only(tmp_path, monkeypatch):
    config = replace(TINY, motion=True)
    write_weights(a_network(config), "cstm-beats-research", tmp_path, "terms", "summary")
    update_manifest(tmp_path, "cstm-beats-research", {"network": "cstm"})
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    recipe = replace(RECIPES["cstm-beats"], config=config, mean_with_start=True)
    weights = {name: value + 1 for name, value in a_network(config).state_dict().items()}
    described = {"before": recipe.earlier_stages()}
    found = recipe.released(weights, described)
    assert found.keys() == weights.keys()
    for name, value in found.items():
        if value.is_floating_point():
            torch.testing.assert_close(value, weights[name] - 0.5, atol=0.01, rtol=0)
    assert replace(recipe, mean_with_start=False).released(weights, described) is weights
    with pytest.raises(InputError, match="did not start from the cstm-beats-research at hand"):
        recipe.released(weights, {"before": ["`cstm-beats-research` with SHA-256 `0`"]})
    assert "mean of those before and after" in recipe.card().words["samples"]
