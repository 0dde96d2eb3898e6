"""Recipes of CSTM: propagation of one drawn slice through a short-axis cine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from medvos.models.cstm.config import CSTM_COMPACT, CSTM_PAPER, CstmConfig, Matching
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import Card, Folders, Option, Parts, Training, Validation
from medvos_lab.schedule import Schedule, constant, one_cycle
from medvos_lab.terms import RELEASES

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from medvos.models.cstm.network import Cstm
    from medvos_lab.cstm.batches import TripletBatch

USES = {"open": "free for any use", "research": "for non-commercial research"}
OPTIONS = {
    "release": Option(
        "--release",
        Literal["open", "research"],
        "Learn from data that is free for anyone, or from ACDC too (cstm).",
        "open",
        default="open",
    ),
    "start": Option("--start", Path, "Folder of a run to start from, at half the learning rate (cstm).", "ImageNet"),
    "matching": Option("--matching", Matching, "Memory matching; dense is STCN's (cstm).", "plmm, CSTM's"),
}


@dataclass(frozen=True)
class CstmRecipe(Recipe["Cstm", "TripletBatch"]):
    """A CSTM network; ``release`` states the data it may learn from, ``start`` the run whose weights it starts from.

    ``steps_by_release`` are the steps of each release; one that is not in it has ``steps``.
    """

    name: str
    config: CstmConfig
    schedule: Schedule
    steps: int
    title: str
    release: str = "open"
    start: Path | None = None
    kind: str = "cstm"
    steps_by_release: Mapping[str, int] = field(default_factory=dict)

    mixed_precision = True
    options = OPTIONS

    def configured(
        self, release: str = "open", start: Path | None = None, matching: Matching | None = None, **_: Any
    ) -> CstmRecipe:
        schedule = self.schedule
        if start is not None:
            schedule = replace(schedule, learning_rate=schedule.learning_rate / 2)
        config = replace(self.config, matching=matching or self.config.matching)
        steps = self.steps_by_release.get(release, self.steps)
        return replace(self, release=release, start=start, schedule=schedule, config=config, steps=steps)

    def facts(self) -> dict[str, Any]:
        return {"release": self.release}

    def earlier_stages(self) -> list[str]:
        from medvos_lab.train import load_start_run

        return load_start_run(self.start, self.release)[0] if self.start else []

    def network(self) -> Cstm:
        from medvos.models.cstm.network import Cstm

        return Cstm(self.config)

    def initialise(self, network: Cstm) -> Parts:
        from medvos_lab.pretrained import load_grown, load_imagenet
        from medvos_lab.train import load_start_run

        frozen = [network.key_encoder] if load_imagenet(network) else []
        if self.start:
            load_grown(network, load_start_run(self.start, self.release)[1])
        return Parts([network.key_encoder.backbone], frozen)

    def model(self, network: Cstm) -> nn.Module:
        from medvos_lab.cstm.triplet_model import TripletModel

        return TripletModel(network)

    def batches(self, folders: Folders, steps: int, seed: int) -> Callable[[int], TripletBatch]:
        from medvos_lab.cstm.batches import TripletBatches
        from medvos_lab.studies import load_studies

        sources = RELEASES[self.release].sources
        studies = load_studies(sources, folders.data, folders.cache, self.config, folders.workers)
        return TripletBatches(studies, self.schedule.batch, self.config.region, self.config.group, seed)

    def loss(self, training: Training, batch: TripletBatch, progress: float) -> Tensor:
        from medvos_lab.cstm.losses import triplet_loss

        return triplet_loss(training.model, batch, progress)

    def validate(self, network: Cstm, folders: Folders, device: torch.device) -> Validation:
        from medvos_lab.cstm.validate import validate

        return validate(network, self.card().name, folders, device)

    def card(self) -> Card:
        return Card(
            f"{self.name}-{self.release}",
            RELEASES[self.release].terms,
            f"{self.title} for short-axis cine MRI, {USES[self.release]}.",
            Path(__file__).with_name("card.md.j2"),
            {"release": RELEASES[self.release], "samples": "triplets of frames"},
            alias=self.name,
        )


# The compact network's schedule was found on the validation split, the paper's is the paper's.
RECIPES = (
    CstmRecipe(
        "cstm",
        CSTM_COMPACT,
        Schedule(1.5e-3, 0.01, 8, one_cycle),
        2400,
        "Compact CSTM",
        steps_by_release={"open": 2400, "research": 4500},
    ),
    CstmRecipe("cstm-paper", CSTM_PAPER, Schedule(1e-5, 1e-7, 4, constant), 7000, "CSTM in the size of the paper"),
)
