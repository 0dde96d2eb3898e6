"""Recipes of Vivim: segmentation of short-axis clips without a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from medvos.errors import InputError
from medvos.models.cstm.config import CSTM_COMPACT
from medvos.models.vivim.config import SCANS, VIVIM_COMPACT, VIVIM_PAPER, VivimConfig
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import Card, Folders, Option, Parts, Training, Validation
from medvos_lab.schedule import Schedule, one_cycle, poly
from medvos_lab.terms import RELEASES

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from medvos.models.vivim.network import Vivim
    from medvos_lab.vivim.batches import VivimBatch

RELEASE = RELEASES["research"]
OPTIONS = {
    "scan": Option(
        "--scan",
        list[Literal["forward", "backward", "spatial", "none"]],
        "Order of a scan, none leaves time out; give it again for several (vivim).",
        "all three",
    ),
    "boundary": Option(
        "--boundary",
        Literal["affine", "towards", "contours", "none"],
        "Loss of the contours: with the affine constraint, with that without its adversarial half, without it, or none "
        "(vivim).",
        "affine",
    ),
    "spatial_first": Option(
        "--spatial-first/--at-once",
        bool,
        "Learn single frames first; the layers over time join half way, as identity (vivim).",
        "at once",
    ),
}
SPATIAL_PART = 0.5  # of the steps
CONSTRAINED = ("affine", "towards")  # with the affine constraint
# In names of weights.
WITHOUT = {"affine": "", "towards": "-no-adversarial", "contours": "-no-affine", "none": "-no-boundary"}


@dataclass(frozen=True)
class VivimRecipe(Recipe["Vivim", "VivimBatch"]):
    """A Vivim network; the ``batch`` of its schedule counts frames.

    ``boundary`` is what the loss has of contours: ``affine``, ``towards`` without the adversarial half of the affine
    constraint, ``contours`` without the constraint, or ``none``.
    With ``spatial_first`` the first half of the steps is of single frames, and the layers over time begin as identity.
    """

    name: str
    config: VivimConfig
    schedule: Schedule
    steps: int
    title: str
    boundary: str = "affine"
    spatial_first: bool = False
    kind: str = "vivim"

    options = OPTIONS

    def configured(
        self,
        scan: Sequence[str] | None = None,
        boundary: str | None = None,
        spatial_first: bool | None = None,
        **_: Any,
    ) -> VivimRecipe:
        recipe = replace(self, boundary=boundary or self.boundary, spatial_first=bool(spatial_first))
        if recipe.spatial_first and scan and "none" in scan:
            raise InputError("--spatial-first has layers over time join later, and --scan none has none; give one.")
        if not scan:
            return recipe
        if "none" not in scan:
            scans = tuple(known for known in SCANS if known in scan)
            return replace(recipe, config=replace(self.config, scans=scans))
        if len(scan) > 1:
            raise InputError("--scan none leaves time out and goes with no other; give it alone.")
        return replace(recipe, config=without_time(self.config))

    def facts(self) -> dict[str, Any]:
        from medvos_lab.vivim.losses import AFFINE_WEIGHT, AWAY

        return {
            "boundary": self.boundary,
            "affine_weight": AFFINE_WEIGHT if self.boundary in CONSTRAINED else 0.0,
            "adversarial_weight": AWAY if self.boundary == "affine" else 0.0,
            "spatial_first": self.spatial_first,
        }

    def network(self) -> Vivim:
        from medvos.models.vivim.network import Vivim

        return Vivim(self.config)

    def initialise(self, network: Vivim) -> Parts:
        from medvos_lab.pretrained import load_imagenet

        if self.spatial_first:
            network.begin_as_identity()
        encoders = load_imagenet(network)
        return Parts(encoders, encoders)

    def batches(self, folders: Folders, steps: int, seed: int) -> Callable[[int], VivimBatch]:
        from medvos_lab.studies import load_studies
        from medvos_lab.vivim.affine import kept_affine
        from medvos_lab.vivim.batches import VivimBatches
        from medvos_lab.vivim.heart_studies import load_hearts
        from medvos_lab.vivim.losses import contours

        studies = load_studies(RELEASE.sources, folders.data, folders.cache, CSTM_COMPACT, folders.workers)
        hearts = load_hearts(studies, folders.cache)
        affine = kept_affine(contours(studies), folders.cache) if self.boundary in CONSTRAINED else None
        return VivimBatches(hearts, self.schedule.batch, self.config.side, seed, affine)

    def loss(self, training: Training, batch: VivimBatch, progress: float) -> Tensor:
        from medvos_lab.vivim.losses import AWAY, clip_loss

        affine = training.batches.affine
        if affine is not None:
            affine = affine.to(batch.clips.device)
        prediction = training.model(batch.clips, not self.spatial_first or progress >= SPATIAL_PART)
        away = AWAY if self.boundary == "affine" else 0.0
        return clip_loss(prediction, batch.targets, batch.known, affine, self.boundary != "none", away)

    def validate(self, network: Vivim, folders: Folders, device: torch.device) -> Validation:
        from medvos_lab.vivim.validate import validate

        metrics, calibration = validate(network, folders.data, device)
        return Validation.of(metrics, "Dice mean", calibration)

    def card(self) -> Card:
        return Card(
            released_name(self.name, self.config) + WITHOUT[self.boundary] + "-spatial-first" * self.spatial_first,
            RELEASE.terms,
            f"{self.title} without a seed; for non-commercial research.",
            Path(__file__).with_name("card.md.j2"),
            {"release": RELEASE},
            counts=("patients",),
        )


def released_name(model: str, config: VivimConfig) -> str:
    """Return ``vivim``, or the name of an ablation: ``vivim-forward-backward``, ``vivim-frames``."""
    if not any(config.temporal_depths):
        return f"{model}-frames"
    return model if config.scans == SCANS else "-".join((model, *config.scans))


def without_time(config: VivimConfig) -> VivimConfig:
    """Return the same network without Temporal Mamba layers: each frame by itself."""
    return replace(config, temporal_depths=(0,) * len(config.dims))


RECIPES = (
    VivimRecipe(
        "vivim",
        VIVIM_COMPACT,
        Schedule(2e-3, 0.01, 20, one_cycle),
        5500,
        "Compact Vivim: LV, myocardium and RV in short-axis cine MRI",
    ),
    VivimRecipe(
        "vivim-paper",
        VIVIM_PAPER,
        Schedule(1e-4, 0.01, 20, poly),
        8000,
        "Vivim in the size of the paper: short-axis cine MRI",
    ),
)
