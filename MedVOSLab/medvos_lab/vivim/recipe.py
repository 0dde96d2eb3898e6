"""``medvos train vivim``: segmentation of short-axis clips without a seed, resumable at any time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from medvos.models.cstm.config import CSTM_COMPACT
from medvos.models.vivim.config import SCANS, VIVIM_COMPACT, VIVIM_PAPER, Scan, VivimConfig
from medvos.models.vivim.encoders import Lite0Encoder
from medvos.models.vivim.network import Vivim
from medvos_lab.begin import describe, goes_on, launch, note, state_of
from medvos_lab.loop import Schedule, learn, one_cycle, optimiser, poly
from medvos_lab.pretrained import freeze_statistics, load_lite0
from medvos_lab.studies import Study, load_studies
from medvos_lab.terms import RELEASES
from medvos_lab.vivim.affine import pretrained_affine
from medvos_lab.vivim.batches import VivimBatch, VivimBatches
from medvos_lab.vivim.hearts import load_hearts
from medvos_lab.vivim.losses import clip_loss, edges

RELEASE = "research"
CONTOUR_EVERY = 8  # frames; as many contours as the affine constraint needs to learn


@dataclass(frozen=True)
class Recipe:
    """A network's size and its optimiser settings, whose ``batch`` counts frames."""

    config: VivimConfig
    plan: Schedule


RECIPES = {
    "vivim": Recipe(VIVIM_COMPACT, Schedule(2e-3, 0.01, 20, one_cycle)),
    "vivim-paper": Recipe(VIVIM_PAPER, Schedule(1e-4, 0.01, 20, poly)),
}


def train(
    model: str = "vivim",
    data: Path | None = None,
    out: Path = Path("runs/vivim"),
    steps: int = 8000,
    resume: bool = True,
    device: str = "auto",
    scans: tuple[Scan, ...] = SCANS,
) -> Path:
    """Trains a network and keeps ``last.ckpt``, ``log.jsonl`` and ``config.json`` in ``out``.

    Parameters
    ----------
    model: ``vivim`` (compact) or ``vivim-paper``.
    data: folder of the real data; default as in `medvos_lab.datasets.data_root`.
    out: folder of this run.
    steps: batches in all; the learning rate's course depends on it.
    resume: go on from ``last.ckpt`` where there is one.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``; several GPUs are used together.
    scans: of each Temporal Mamba layer; none takes these layers out.

    Returns
    -------
    The checkpoint's path.

    Raises
    ------
    InputError: the data or the device are not there, or the run in ``out`` was begun otherwise.
    """
    recipe = RECIPES[model]
    config = replace(recipe.config, scans=scans) if scans else without_time(recipe.config)
    fabric = launch(out, device)
    described = describe(fabric, model, config, recipe.plan)
    resumed = goes_on(out, described, resume)
    note(fabric, out, described, resumed)
    torch.manual_seed(0)
    network = Vivim(config)
    pretrained = network.encoder if isinstance(network.encoder, Lite0Encoder) else None
    if pretrained is not None:
        load_lite0(pretrained)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    studies = load_studies(RELEASES[RELEASE].sources, data, out.parent / "cache", CSTM_COMPACT)
    batches = VivimBatches(
        load_hearts(studies, out.parent / "cache"), recipe.plan.batch, config.side, fabric.global_rank
    )
    affine = pretrained_affine(_contours(studies)).to(fabric.device)
    student, optimise = fabric.setup(network, optimiser(network, [pretrained] if pretrained else [], recipe.plan))
    state = state_of(fabric, out, network, optimise, resumed)

    def loss_of(batch: VivimBatch, _progress: float) -> Tensor:
        batch = batch.to(fabric.device)
        if pretrained is not None:
            freeze_statistics(pretrained)
        return clip_loss(student(batch.clips), batch.targets, batch.known, affine)

    return learn(fabric, student, state, batches, loss_of, recipe.plan, steps, out)


def without_time(config: VivimConfig) -> VivimConfig:
    """The same network without Temporal Mamba layers: each frame by itself."""
    return replace(config, temporal_depths=(0,) * len(config.dims))


def _contours(studies: list[Study]) -> Tensor:
    """(N, 64, 64) contours of the fully drawn frames, for the affine constraint to learn from."""
    found = []
    for study in studies:
        if len(study.structures) == 3:
            drawn = study.labels[study.labels.any((1, 2))][::CONTOUR_EVERY]
            side = min(128, *drawn.shape[1:])
            rows, cols = ((size - side) // 2 for size in drawn.shape[1:])
            middle = torch.from_numpy(drawn[:, rows : rows + side, cols : cols + side]).long()
            found.append(edges(middle, 64))
    return torch.cat(found)
