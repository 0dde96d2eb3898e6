"""Recipes of TCMN: propagation of one drawn frame through a clip."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from medvos.models.tcmn.config import TCMN_COMPACT, TCMN_PAPER, TcmnConfig
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import CONTINUE_FROM, Card, Folders, Option, Parts, Training, Validation
from medvos_lab.schedule import Schedule, constant, one_cycle
from medvos_lab.terms import TCMN_TERMS

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from medvos.models.tcmn.network import Tcmn
    from medvos_lab.tcmn.batches import TcmnBatch

# Beside a cross-entropy of about 0.1; the quotient of the contrastive loss is near 1.
CONTRASTIVE_WEIGHT = 0.05
LEAPS_FROM = 0.85  # fraction of the training from which most clips leap from ED to ES
CONTINUED_STEPS = 4000
CONTINUED_RATE = 1e-3  # half of that of new weights
# Stages of the query encoder, down to stride 4, that a continued training leaves as they are, for half the time a step.
KEPT_STAGES = 2
LEFT_OUT = Literal["atrium", "camus", "acdc", "mri"]
OPTIONS = {
    "contrastive": Option("--contrastive/--no-contrastive", bool, "Temporal contrastive loss (tcmn).", "contrastive"),
    "continue_from": CONTINUE_FROM,
    "leave_out": Option(
        "--leave-out",
        list[LEFT_OUT],
        "Structure or data that is not learnt from, to be measured as unseen (tcmn); give it again for several.",
        "none",
    ),
}


@dataclass(frozen=True)
class TcmnRecipe(Recipe["Tcmn", "TcmnBatch"]):
    """A TCMN network, trained with the temporal contrastive loss or without it.

    Attributes
    ----------
    continued: released model that the training starts from.
    left_out: what it does not learn from: the left atrium, CAMUS, ACDC, or everything in MRI.
    """

    name: str
    config: TcmnConfig
    schedule: Schedule
    steps: int
    summary: str
    contrastive: bool = True
    continued: str | None = None
    left_out: tuple[str, ...] = ()
    kind: str = "tcmn"

    counts_steps = True  # from a fraction of them on, `TcmnBatches` has leaps
    options = OPTIONS

    def configured(
        self,
        contrastive: bool | None = None,
        continue_from: str | None = None,
        leave_out: Collection[str] = (),
        **_: Any,
    ) -> TcmnRecipe:
        left_out = tuple(sorted({str(each) for each in leave_out}))
        recipe = replace(self, contrastive=contrastive is not False, left_out=left_out)
        if continue_from is None:
            return recipe
        from medvos.models.store import resolve

        return replace(
            recipe,
            continued=resolve(continue_from, self.kind).name,
            steps=CONTINUED_STEPS,
            schedule=replace(self.schedule, learning_rate=CONTINUED_RATE),
        )

    def facts(self) -> dict[str, Any]:
        return {"contrastive": self.contrastive, "continued": self.continued, "left_out": list(self.left_out)}

    def earlier_stages(self) -> list[str]:
        if self.continued is None:
            return []
        from medvos.models.store import resolve

        info = resolve(self.continued, self.kind)
        return [f"`{info.name}` with SHA-256 `{info.sha256}`"]

    def network(self) -> Tcmn:
        from medvos.models.tcmn.network import Tcmn

        return Tcmn(self.config)

    def initialise(self, network: Tcmn) -> Parts:
        from medvos.models.efficientnet_lite import EfficientNetLite0
        from medvos.models.store import resolve
        from medvos_lab.pretrained import load_imagenet, load_released

        backbone = network.query_encoder.backbone
        if self.continued is None:
            load_imagenet(network)
            return Parts([backbone])
        load_released(network, resolve(self.continued, self.kind))
        frozen = backbone.first_stages(KEPT_STAGES) if isinstance(backbone, EfficientNetLite0) else []
        for part in frozen:
            part.requires_grad_(False)
        return Parts([backbone], frozen)

    def model(self, network: Tcmn) -> nn.Module:
        from medvos_lab.tcmn.rollout import Rollout

        return Rollout(network)

    def batches(self, folders: Folders, steps: int, seed: int) -> Callable[[int], TcmnBatch]:
        from medvos_lab.tcmn.batches import TcmnBatches
        from medvos_lab.tcmn.sources import load_sources

        sources = load_sources(folders, self.left_out)
        return TcmnBatches(sources, self.schedule.batch, self.config.side, seed, round(LEAPS_FROM * steps))

    def loss(self, training: Training, batch: TcmnBatch, progress: float) -> Tensor:
        from medvos_lab.tcmn.losses import rollout_loss

        return rollout_loss(training.model, batch, progress, CONTRASTIVE_WEIGHT if self.contrastive else 0.0)

    def validate(self, network: Tcmn, folders: Folders, device: torch.device) -> Validation:
        from medvos_lab.tcmn.validate import on_studies, validate

        metrics, calibration = validate(network, folders.data, device)
        metrics |= on_studies(self.card().name, folders.data, device)
        return Validation.of(metrics, "Dice, ED to ES", calibration)

    def card(self) -> Card:
        name = self.name if self.contrastive else f"{self.name}-plain"
        return Card(
            "-without-".join([name, *self.left_out]),
            TCMN_TERMS,
            self.summary,
            Path(__file__).with_name("card.md.j2"),
            {"contrastive_weight": CONTRASTIVE_WEIGHT, "left_out": self.left_out, "continued": self.continued},
            counts=("pairs", "clips", "CAMUS studies", "ACDC patients"),
        )


RECIPES = (
    TcmnRecipe(
        "tcmn",
        TCMN_COMPACT,
        Schedule(2e-3, 0.01, 8, one_cycle),
        8200,
        "Compact TCMN: one drawn frame followed through a clip, in echo of two vendors and in cine MRI.",
    ),
    TcmnRecipe(
        "tcmn-paper",
        TCMN_PAPER,
        Schedule(1e-5, 1e-7, 8, constant),
        8200,
        "TCMN in the size of the paper: one drawn frame followed through a clip.",
    ),
)
