"""Small worlds for the tests of training: tiny networks and hand-made data in place of a recipe's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from a_beat import a_beat
from a_camus_study import a_camus_study
from tiny_echo import TINY_ECHO, a_film, some_pairs
from tiny_mvo import TINY_MVO, TINY_UNET, a_core, a_heart_slice
from tiny_network import TINY, a_network
from tiny_tcmn import TINY_TCMN
from tiny_vivim import TINY_VIVIM
from training_studies import a_cavity_study, a_study

from medvos_lab import loop, pretrained, studies
from medvos_lab.cstm_beats import recipe as beats_recipe
from medvos_lab.datasets import acdc_beats, camus, echonet, emidec
from medvos_lab.echo import validate as echo_validate
from medvos_lab.motion import registration
from medvos_lab.mvo import batches as mvo_batches
from medvos_lab.mvo import heart_slices as mvo_hearts
from medvos_lab.mvo import patients
from medvos_lab.recipes import RECIPES
from medvos_lab.tcmn import validate as tcmn_validate
from medvos_lab.train import train as train_recipe
from medvos_lab.vivim import affine
from medvos_lab.vivim import heart_studies as vivim_hearts


def train(name: str, out: Path, steps: int = 4, resume: bool = True, **options: Any) -> dict[str, Any]:
    """Train a recipe with these options and return the checkpoint."""
    path = train_recipe(RECIPES[name].configured(**options), out, steps=steps, resume=resume, device="cpu")
    return torch.load(path, weights_only=True)


def shrink(patch: pytest.MonkeyPatch, name: str, schedule: dict[str, Any], **changes: Any) -> None:
    """Change a recipe's schedule and fields, and save a checkpoint every second step."""
    recipe: Any = RECIPES[name]
    patch.setitem(RECIPES, name, replace(recipe, schedule=replace(recipe.schedule, **schedule), **changes))
    patch.setattr(loop, "SAVE_EVERY", 2)


def no_motion(pairs: Any, *_: Any) -> np.ndarray:
    return np.zeros((len(pairs.images), 2, 14, 14), np.float16)


def cstm_world(patch: pytest.MonkeyPatch) -> None:
    shrink(patch, "cstm", {"batch": 2}, config=TINY)
    patch.setattr(studies, "load_studies", lambda *_: [a_study(), a_cavity_study()])


def cstm_beats_world(patch: pytest.MonkeyPatch) -> None:
    config = replace(TINY, motion=True)
    shrink(patch, "cstm-beats", {"batch": 2}, config=config, validate_on=0)
    patch.setattr(beats_recipe.CstmBeatsRecipe, "save_every", 2)
    patch.setattr(beats_recipe, "TRIPLETS_PER_ROLLOUT", 1)
    patch.setattr(pretrained, "load_released", lambda network, *_, **__: network.load_state_dict(released(config)))
    patch.setattr(acdc_beats, "acdc_beats", lambda *_: iter([a_beat()]))
    patch.setattr(studies, "load_studies", lambda *_: [a_study()])


def released(config: Any) -> dict[str, torch.Tensor]:
    """Weights that a training starts from; the random numbers of the test go on as if there had been none."""
    with torch.random.fork_rng():
        return a_network(config).state_dict()


def echo_world(patch: pytest.MonkeyPatch) -> None:
    shrink(patch, "echo-lv", {"batch": 2, "learning_rate": 0.01, "unlabelled": 1}, config=TINY_ECHO)
    for module in (echonet, echo_validate, tcmn_validate):
        patch.setattr(module, "echonet_pairs", lambda *_: some_pairs())
        patch.setattr(module, "echonet_clips", lambda *_: [a_film()])
    patch.setattr(registration, "registered", no_motion)
    patch.setattr(camus, "camus_pairs", lambda *_: some_pairs(every=True))
    patch.setattr(echo_validate, "camus_studies", lambda *_: [a_camus_study()])


def tcmn_world(patch: pytest.MonkeyPatch) -> None:
    echo_world(patch)
    shrink(patch, "tcmn", {"batch": 3}, config=TINY_TCMN)
    patch.setattr(studies, "load_studies", lambda *_: [a_study(source="synthetic")])
    patch.setattr(tcmn_validate, "camus_studies", lambda *_: [a_camus_study()])
    for module in (acdc_beats, tcmn_validate):
        patch.setattr(module, "acdc_beats", lambda *_: iter([a_beat()]))


def vivim_world(patch: pytest.MonkeyPatch) -> None:
    shrink(patch, "vivim", {"batch": 6}, config=TINY_VIVIM)
    patch.setattr(affine, "STEPS", 2)
    patch.setattr(vivim_hearts, "register", no_motion)
    patch.setattr(studies, "load_studies", lambda *_: [a_study(), a_cavity_study()])


def mvo_world(patch: pytest.MonkeyPatch) -> None:
    for name, config in (("mvo", TINY_MVO), ("mvo-unet", TINY_UNET)):
        shrink(patch, name, {"batch": 10, "learning_rate": 0.01}, config=config)
    for module in (mvo_batches, patients):
        patch.setattr(module, "NETWORK_SIDE", 32)
        patch.setattr(module, "SIDE", 37)
    for module in (mvo_hearts, patients):
        patch.setattr(module, "load_slices", lambda *_: some_slices())
    for module in (emidec, patients):
        patch.setattr(module, "emidec_cores", lambda *_: [a_core()])


def some_slices() -> list:
    """Three slices of a real heart and of a synthetic one."""
    hearts = enumerate(("patient001", "synthetic0"))
    return [a_heart_slice(name, z, grey) for grey, name in hearts for z in (0.3, 0.5, 0.7)]


WORLDS = {
    "cstm": cstm_world,
    "cstm-beats": cstm_beats_world,
    "echo-lv": echo_world,
    "tcmn": tcmn_world,
    "vivim": vivim_world,
    "mvo": mvo_world,
}
