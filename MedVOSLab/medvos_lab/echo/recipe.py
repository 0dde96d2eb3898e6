"""Recipes of the echo networks: the LV in apical video, taught by labelled clips and a mean teacher (Wu et al.)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from medvos.models.echo.config import ECHO_COMPACT, ECHO_PAPER, ECHO_VIVIM, EchoConfig
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import Card, Folders, Option, Parts, Training, Validation
from medvos_lab.schedule import Schedule, one_cycle, poly
from medvos_lab.terms import ECHONET_TERMS

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from medvos.models.echo.network import EchoNetwork
    from medvos_lab.echo.batches import EchoBatch

USUAL_K = 3
OPTIONS = {"k": Option("--k", Literal["1", "3", "5"], "Consecutive frames that decide on the middle one (echo).", "3")}


@dataclass(frozen=True)
class EchoRecipe(Recipe["EchoNetwork", "EchoBatch"]):
    """An echo network, whose moving average is the teacher; ``flip`` is the fraction of clips that are mirrored."""

    name: str
    config: EchoConfig
    schedule: Schedule
    steps: int
    title: str
    flip: float = 0.0
    kind: str = "echo"

    options = OPTIONS

    def configured(self, k: str | int | None = None, **_: Any) -> EchoRecipe:
        return self if k is None else replace(self, config=replace(self.config, k=int(k)))

    def network(self) -> EchoNetwork:
        from medvos.models.networks import echo_network

        return echo_network(self.config)

    def initialise(self, network: EchoNetwork) -> Parts:
        from medvos_lab.pretrained import load_imagenet

        return Parts(load_imagenet(network))

    def batches(self, folders: Folders, steps: int, seed: int) -> Callable[[int], EchoBatch]:
        from medvos_lab.datasets.echonet import echonet_clips, echonet_pairs
        from medvos_lab.echo.batches import EchoBatches
        from medvos_lab.motion.registration import registered

        pairs = echonet_pairs(folders.data, "training")
        return EchoBatches(
            pairs,
            registered(pairs, folders.cache),
            echonet_clips(folders.data, "training"),
            self.config.k,
            (self.schedule.batch, self.schedule.unlabelled),
            self.config.side,
            self.flip,
            seed,
        )

    def loss(self, training: Training, batch: EchoBatch, progress: float) -> Tensor:
        from medvos_lab.echo.losses import mean_teacher_loss

        return mean_teacher_loss(training.model, training.average, batch, progress)

    def validate(self, network: EchoNetwork, folders: Folders, device: torch.device) -> Validation:
        from medvos_lab.echo.validate import validate

        return Validation.of(validate(network, folders.data, device), "Dice")

    def card(self) -> Card:
        return Card(
            self.name if self.config.k == USUAL_K else f"{self.name}-k{self.config.k}",
            ECHONET_TERMS,
            f"{self.title} for the LV in apical 4-chamber echo video, without a drawing.",
            Path(__file__).with_name("card.md.j2"),
            counts=("pairs", "clips"),
        )


# An apical view has a fixed orientation, so mirrored clips waste a short training.
COMPACT = Schedule(2e-3, 0.01, 10, one_cycle, decay=0.998, unlabelled=2)
RECIPES = (
    EchoRecipe("echo-lv", ECHO_COMPACT, COMPACT, 9000, "Compact network of Wu et al."),
    EchoRecipe("echo-vivim", ECHO_VIVIM, COMPACT, 2000, "Compact Vivim"),
    EchoRecipe(
        "echo-lv-paper",
        ECHO_PAPER,
        Schedule(1e-4, 1e-6, 4, poly, decay=0.99, unlabelled=4),
        9000,
        "Network of Wu et al. in the size of the paper",
        flip=0.5,
    ),
)
