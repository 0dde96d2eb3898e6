"""``medvos train``: from data to a checkpoint, resumable at any time."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from medvos.models.cstm.config import CSTM_COMPACT, CSTM_PAPER, Matching
from medvos.models.cstm.network import Cstm
from medvos_lab.begin import CHECKPOINT, describe, launch, note, state_of
from medvos_lab.cstm.batches import Batch, Batches
from medvos_lab.cstm.walker import Walker, masks_of
from medvos_lab.loop import Schedule, constant, learn, one_cycle, optimiser
from medvos_lab.losses import sample_loss
from medvos_lab.pretrained import freeze_statistics, load_grown, load_imagenet
from medvos_lab.stages import before, described_again
from medvos_lab.studies import load_studies
from medvos_lab.terms import RELEASES

CONFIGS = {"cstm": CSTM_COMPACT, "cstm-paper": CSTM_PAPER}

# The compact network's were found on the validation split, the paper's are the paper's.
SCHEDULES = {"cstm": Schedule(1.5e-3, 0.01, 8, one_cycle), "cstm-paper": Schedule(1e-5, 1e-7, 4, constant)}


def train(
    model: str = "cstm",
    data: Path | None = None,
    out: Path = Path("runs/cstm"),
    release: str = "research",
    steps: int = 7000,
    resume: bool = True,
    device: str = "auto",
    matching: Matching | None = None,
    start: Path | None = None,
) -> Path:
    """Trains a network and keeps ``last.ckpt``, ``log.jsonl`` and ``config.json`` in ``out``.

    Parameters
    ----------
    model: ``cstm`` (compact) or ``cstm-paper``.
    data: folder of the real data; default as in `medvos_lab.datasets.data_root`.
    out: folder of this run.
    release: ``open`` or ``research``: what it may learn from.
    steps: batches in all; the learning rate's course depends on it.
    resume: go on from ``last.ckpt`` where there is one.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``; several GPUs are used together.
    matching: overrides the configuration's matching, ``plmm`` or ``dense``.
    start: folder of another run whose averaged weights are the start, at half the learning rate.

    Returns
    -------
    The checkpoint's path.

    Raises
    ------
    InputError: there is no such data or device, or what is to be gone on from is damaged, was begun otherwise, or
        learnt from data that this release may not use.
    """
    from dataclasses import replace

    config = CONFIGS[model] if matching is None else replace(CONFIGS[model], matching=matching)
    plan = (
        SCHEDULES[model]
        if start is None
        else replace(SCHEDULES[model], learning_rate=SCHEDULES[model].learning_rate / 2)
    )
    fabric = launch(out, device)
    described = describe(fabric, model, config, plan, release=release)
    older = None
    if start is not None:
        described["before"], older = before(start, release)
    resumed = resume and (out / CHECKPOINT).exists()
    if resumed:
        described = described_again(out, described)
    note(fabric, out, described, resumed)
    torch.manual_seed(0)

    studies = load_studies(RELEASES[release].sources, data, out.parent / "cache", config)
    network = Cstm(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    pretrained = load_imagenet(network)
    if older is not None:
        load_grown(network, older)
    walker, optimise = fabric.setup(Walker(network), optimiser(network, [network.key_encoder.backbone], plan))
    state = state_of(fabric, out, network, optimise, resumed)
    batches = Batches(studies, plan.batch, config.region, config.group, seed=fabric.global_rank)

    def loss_of(batch: Batch, progress: float) -> Tensor:
        batch = batch.to(fabric.device)
        if pretrained:
            freeze_statistics(network.key_encoder)
        masks = masks_of(batch.targets[:, 0], batch.seeded.shape[1])
        predictions = walker(batch.images, masks, batch.seeded)
        losses = [
            sample_loss(prediction, batch.targets[:, i + 1], batch.seeded, progress)
            for i, prediction in enumerate(predictions)
        ]
        return torch.stack(losses).mean()

    return learn(fabric, walker, state, batches, loss_of, plan, steps, out)
