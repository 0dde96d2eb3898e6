"""Recipes of the echo networks for apical video, taught by labelled clips and a mean teacher (Wu et al.)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from medvos.models.echo.config import ECHO_COMPACT, ECHO_PAPER, ECHO_VIVIM, EchoConfig
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import CONTINUE_FROM, Card, Folders, Option, Parts, Training, Validation
from medvos_lab.schedule import Schedule, one_cycle, poly
from medvos_lab.terms import ECHO_TERMS

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from medvos.models.echo.network import EchoNetwork
    from medvos_lab.echo.batches import EchoBatch

USUAL_K = 3
CONTINUED_STEPS = 3000
CONTINUED_RATE = 0.5  # of the learning rate of a training from ImageNet's weights
# Of the labelled clips: CAMUS has a seventh of EchoNet's pairs, and every structure is drawn in them.
OF_CAMUS = 3 / 8
OPTIONS = {
    "k": Option(
        "--k",
        Literal["1", "3", "5"],
        "Encoders, one for each place in time (echo); 1: one for the places of three frames.",
        "3",
    ),
    "continue_from": CONTINUE_FROM,
}


@dataclass(frozen=True)
class EchoRecipe(Recipe["EchoNetwork", "EchoBatch"]):
    """An echo network, whose moving average is the teacher.

    Attributes
    ----------
    flip: fraction of clips that are mirrored.
    continued: released model that the training starts from, where its weights fit.
    """

    name: str
    config: EchoConfig
    schedule: Schedule
    steps: int
    title: str
    flip: float = 0.0
    continued: str | None = None
    kind: str = "echo"

    options = OPTIONS

    def configured(self, k: str | int | None = None, continue_from: str | None = None, **_: Any) -> EchoRecipe:
        recipe = self
        if k is not None:
            one = int(k) == 1
            shared = one or recipe.config.shared_encoder
            recipe = replace(recipe, config=replace(recipe.config, k=USUAL_K if one else int(k), shared_encoder=shared))
        if continue_from is not None:
            from medvos.models.store import resolve

            recipe = replace(
                recipe,
                continued=resolve(continue_from, self.kind).name,
                steps=CONTINUED_STEPS,
                schedule=replace(recipe.schedule, learning_rate=CONTINUED_RATE * recipe.schedule.learning_rate),
            )
        return recipe

    def facts(self) -> dict[str, Any]:
        return {"continued": self.continued}

    def earlier_stages(self) -> list[str]:
        if self.continued is None:
            return []
        from medvos.models.store import resolve

        info = resolve(self.continued, self.kind)
        return [f"`{info.name}` with SHA-256 `{info.sha256}`"]

    def network(self) -> EchoNetwork:
        from medvos.models.networks import echo_network

        return echo_network(self.config)

    def initialise(self, network: EchoNetwork) -> Parts:
        from medvos.models.store import resolve
        from medvos_lab.pretrained import load_fitting, load_imagenet

        encoders = load_imagenet(network)
        if self.continued is not None:
            info = resolve(self.continued, self.kind)
            before = EchoConfig.of(info.config)
            alike = (before.gates, before.k) == (self.config.gates, self.config.k)
            # Of other gates, or for other places in time, calibrations have another meaning.
            load_fitting(network, info, skipped=() if alike else ("calibrations.",))
        return Parts(encoders)

    def batches(self, folders: Folders, steps: int, seed: int) -> Callable[[int], EchoBatch]:
        from medvos_lab.datasets.camus import camus_pairs
        from medvos_lab.datasets.echonet import echonet_clips, echonet_pairs
        from medvos_lab.echo.batches import EchoBatches
        from medvos_lab.motion.pair_clips import PairSource
        from medvos_lab.motion.registration import registered

        echonet, camus = echonet_pairs(folders.data, "training"), camus_pairs(folders.data, "training")
        of_camus = round(OF_CAMUS * self.schedule.batch)
        return EchoBatches(
            [
                (PairSource(echonet, registered(echonet, folders.cache)), self.schedule.batch - of_camus),
                (PairSource(camus, registered(camus, folders.cache, "camus")), of_camus),
            ],
            self.config.structures,
            echonet_clips(folders.data, "training"),
            self.config.k,
            self.schedule.unlabelled,
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
            self.name
            + ("-k1" if self.config.shared_encoder else "" if self.config.k == USUAL_K else f"-k{self.config.k}"),
            ECHO_TERMS,
            f"{self.title} for LV, myocardium and left atrium in apical 4-chamber echo video, without a drawing.",
            Path(__file__).with_name("card.md.j2"),
            counts=("pairs", "clips", "CAMUS studies"),
        )


# An apical view has a fixed orientation, so mirrored clips waste a short training.
COMPACT = Schedule(2e-3, 0.01, 8, one_cycle, decay=0.99, unlabelled=1)
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
