"""``medvos train tcmn``: training of TCMN, resumable at any time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from medvos.models.cstm.config import CSTM_COMPACT
from medvos.models.efficientnet_lite import EfficientNetLite0
from medvos.models.tcmn.config import TCMN_COMPACT, TCMN_PAPER, TcmnConfig
from medvos.models.tcmn.network import Tcmn
from medvos_lab.begin import describe, goes_on, launch, note, state_of
from medvos_lab.cstm.walker import masks_of
from medvos_lab.datasets.echonet import echonet_pairs
from medvos_lab.loop import Schedule, constant, learn, one_cycle, optimiser
from medvos_lab.losses import bootstrapped_cross_entropy, dice_loss, kept_fraction
from medvos_lab.motion.registration import registered
from medvos_lab.pretrained import load_lite0
from medvos_lab.studies import load_studies
from medvos_lab.tcmn.batches import TcmnBatch, TcmnBatches
from medvos_lab.tcmn.losses import temporal_contrastive_loss
from medvos_lab.tcmn.mix import LEAPS_FROM
from medvos_lab.tcmn.walk import Walk, Walked

# Beside a cross-entropy of about 0.1; the quotient is near 1.
CONTRASTIVE_WEIGHT = 0.05


@dataclass(frozen=True)
class Recipe:
    """A network's size and its optimiser settings."""

    config: TcmnConfig
    plan: Schedule


RECIPES = {
    "tcmn": Recipe(TCMN_COMPACT, Schedule(2e-3, 0.01, 8, one_cycle)),
    "tcmn-paper": Recipe(TCMN_PAPER, Schedule(1e-5, 1e-7, 8, constant)),
}


def train(
    model: str = "tcmn",
    data: Path | None = None,
    out: Path = Path("runs/tcmn"),
    steps: int = 8200,
    resume: bool = True,
    device: str = "auto",
    contrastive: bool = True,
) -> Path:
    """Trains a network and keeps ``last.ckpt``, ``log.jsonl`` and ``config.json`` in ``out``.

    Parameters
    ----------
    model: ``tcmn`` (compact) or ``tcmn-paper``.
    data: folder of the real data; default as in `medvos_lab.datasets.data_root`.
    out: folder of this run.
    steps: batches in all; the learning rate's course depends on it.
    resume: go on from ``last.ckpt`` where there is one.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``; several GPUs are used together.
    contrastive: with the temporal contrastive loss.

    Returns
    -------
    The checkpoint's path.

    Raises
    ------
    InputError: the data or the device are not there, or the run in ``out`` was begun otherwise.
    """
    recipe = RECIPES[model]
    fabric = launch(out, device)
    described = describe(fabric, model, recipe.config, recipe.plan, contrastive=contrastive)
    resumed = goes_on(out, described, resume, "contrastive")
    note(fabric, out, described, resumed)
    torch.manual_seed(0)
    network = Tcmn(recipe.config)
    backbone = network.query_encoder.backbone
    if isinstance(backbone, EfficientNetLite0):
        load_lite0(backbone)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    batches = _batches(data, out.parent / "cache", recipe, fabric.global_rank, round(LEAPS_FROM * steps))
    walk, optimise = fabric.setup(Walk(network), optimiser(network, [backbone], recipe.plan))
    state = state_of(fabric, out, network, optimise, resumed)

    def loss_of(batch: TcmnBatch, progress: float) -> Tensor:
        batch = batch.to(fabric.device)
        masks = masks_of(batch.targets[:, 0], batch.seeded.shape[1])
        return walk_loss(walk(batch.images, masks, batch.seeded), batch, progress, contrastive)

    return learn(fabric, walk, state, batches, loss_of, recipe.plan, steps, out)


def walk_loss(walked: Walked, batch: TcmnBatch, progress: float, contrastive: bool) -> Tensor:
    """Bootstrapped cross-entropy and Dice of both predicted frames, and the order of the memory."""
    terms = [
        bootstrapped_cross_entropy(logits, target, kept_fraction(progress)) + dice_loss(logits, target, batch.seeded)
        for logits, target in zip(walked.logits, batch.targets[:, 1:].unbind(1), strict=True)
    ]
    loss = torch.stack(terms).mean()
    if contrastive:
        before, present, after = walked.values
        loss = loss + CONTRASTIVE_WEIGHT * temporal_contrastive_loss(before, present, after, batch.seeded)
    return loss


def _batches(data: Path | None, cache: Path, recipe: Recipe, seed: int, leaps_from: int) -> TcmnBatches:
    pairs = echonet_pairs(data, "training")
    studies = load_studies(("sunnybrook", "synthetic"), data, cache, CSTM_COMPACT)
    paths, plan, side = registered(pairs, cache), recipe.plan, recipe.config.side
    return TcmnBatches(pairs, paths, studies, plan.batch, side, seed, leaps_from)
