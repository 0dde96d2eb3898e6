"""Recipes of TCMN: propagation of one drawn frame through a clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medvos.models.cstm.config import CSTM_COMPACT
from medvos.models.tcmn.config import TCMN_COMPACT, TCMN_PAPER, TcmnConfig
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import Card, Folders, Option, Parts, Training, Validation
from medvos_lab.schedule import Schedule, constant, one_cycle
from medvos_lab.terms import ECHONET_TERMS

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from medvos.models.tcmn.network import Tcmn
    from medvos_lab.tcmn.batches import TcmnBatch

# Beside a cross-entropy of about 0.1; the quotient of the contrastive loss is near 1.
CONTRASTIVE_WEIGHT = 0.05
LEAPS_FROM = 0.85  # fraction of the training from which most clips leap from ED to ES
OPTIONS = {
    "contrastive": Option("--contrastive/--no-contrastive", bool, "Temporal contrastive loss (tcmn).", "contrastive")
}


@dataclass(frozen=True)
class TcmnRecipe(Recipe["Tcmn", "TcmnBatch"]):
    """A TCMN network, trained with the temporal contrastive loss or without it."""

    name: str
    config: TcmnConfig
    schedule: Schedule
    steps: int
    summary: str
    contrastive: bool = True
    kind: str = "tcmn"

    options = OPTIONS

    def configured(self, contrastive: bool | None = None, **_: Any) -> TcmnRecipe:
        return replace(self, contrastive=contrastive is not False)

    def facts(self) -> dict[str, Any]:
        return {"contrastive": self.contrastive}

    def network(self) -> Tcmn:
        from medvos.models.tcmn.network import Tcmn

        return Tcmn(self.config)

    def initialise(self, network: Tcmn) -> Parts:
        from medvos_lab.pretrained import load_imagenet

        load_imagenet(network)
        return Parts([network.query_encoder.backbone])

    def model(self, network: Tcmn) -> nn.Module:
        from medvos_lab.tcmn.rollout import Rollout

        return Rollout(network)

    def batches(self, folders: Folders, steps: int, seed: int) -> Callable[[int], TcmnBatch]:
        from medvos_lab.datasets.echonet import echonet_pairs
        from medvos_lab.motion.registration import registered
        from medvos_lab.studies import load_studies
        from medvos_lab.tcmn.batches import TcmnBatches

        pairs = echonet_pairs(folders.data, "training")
        studies = load_studies(("sunnybrook", "synthetic"), folders.data, folders.cache, CSTM_COMPACT)
        paths, size, side = registered(pairs, folders.cache), self.schedule.batch, self.config.side
        return TcmnBatches(pairs, paths, studies, size, side, seed, round(LEAPS_FROM * steps))

    def loss(self, training: Training, batch: TcmnBatch, progress: float) -> Tensor:
        from medvos_lab.tcmn.losses import rollout_loss

        return rollout_loss(training.model, batch, progress, CONTRASTIVE_WEIGHT if self.contrastive else 0.0)

    def validate(self, network: Tcmn, folders: Folders, device: torch.device) -> Validation:
        from medvos_lab.tcmn.validate import validate

        metrics, calibration = validate(network, folders.data, device)
        return Validation.of(metrics, "Dice, ED to ES", calibration)

    def card(self) -> Card:
        return Card(
            self.name if self.contrastive else f"{self.name}-plain",
            ECHONET_TERMS,
            self.summary,
            Path(__file__).with_name("card.md.j2"),
            {"contrastive_weight": CONTRASTIVE_WEIGHT},
            counts=("pairs", "clips"),
        )


RECIPES = (
    TcmnRecipe(
        "tcmn",
        TCMN_COMPACT,
        Schedule(2e-3, 0.01, 8, one_cycle),
        8200,
        "Compact TCMN: one drawn frame followed through a clip, above all the LV in echo video.",
    ),
    TcmnRecipe(
        "tcmn-paper",
        TCMN_PAPER,
        Schedule(1e-5, 1e-7, 8, constant),
        8200,
        "TCMN in the size of the paper: one drawn frame followed through a clip.",
    ),
)
