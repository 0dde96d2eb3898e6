"""Recipe of CSTM trained through real beats: a released network, continued with rollouts over all phases of ACDC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import medvos_lab.cstm
from medvos.errors import InputError
from medvos.models.cstm.config import CSTM_COMPACT, CstmConfig
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import Card, Folders, Option, Parts, Training, Validation
from medvos_lab.schedule import Schedule, one_cycle
from medvos_lab.terms import RELEASES

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from medvos.models.cstm.network import Cstm
    from medvos.models.store import ModelInfo
    from medvos_lab.cstm.batches import TripletBatch
    from medvos_lab.cstm_beats.batches import RolloutBatch

TRIPLETS_PER_ROLLOUT = 1.5  # in batches of triplets, for one rollout in batches of rollouts
COMPANION = "vivim"  # gives a second opinion on the results
RELEASE = "research"  # the rollouts are ACDC's
ALL_PHASES = (
    "ACDC's 4D images: a crop around the heart at all phases of the training patients; between ED and ES the targets "
    "are those of ED and ES carried along the motion."
)

Learning = Literal["all", "decoder"]

OPTIONS = {
    "weights": Option("--weights", str, "Released model to start from (cstm-beats).", "cstm-beats-research"),
    "validate_on": Option(
        "--validate-on", int, "Validation patients scored after each checkpoint, 0 for none (cstm-beats).", "4"
    ),
    "learning": Option(
        "--learning",
        Learning,
        "Train the whole network, or its decoder alone, which is faster (cstm-beats).",
        "all",
    ),
    "mean_with_start": Option(
        "--mean-with-start/--last-alone",
        bool,
        "Release the mean of the weights before and after the training (cstm-beats).",
        "last-alone",
    ),
    "pseudo_labels": Option(
        "--pseudo-labels/--no-pseudo-labels",
        bool,
        "Let Vivim label myocardium and RV where Sunnybrook's expert drew the LV alone (cstm-beats).",
        "no-pseudo-labels",
    ),
}
PSEUDO_LABELS = (
    "Pseudo-labels: in frames of Sunnybrook in which the LV of `{name}` (SHA-256 `{sha256}`) has a Dice of at least "
    "{agreement} with the drawn LV, and its wall is closed around it, myocardium and RV are those that this network "
    "predicts. It has learnt from these patients' drawn LV, and gives the second opinion too; nobody corrected them."
)


@dataclass(frozen=True)
class CstmBeatsRecipe(Recipe["Cstm", "TripletBatch | RolloutBatch"]):
    """A released CSTM network with a motion prior, trained with rollouts around the beat and along z.

    Attributes
    ----------
    weights: released model that the training starts from.
    validate_on: validation patients that are scored after each checkpoint, of different diagnosis groups; 0 for none.
    learning: ``decoder`` keeps both encoders as they were released: a step needs no gradients through them.
    pseudo_labels: whether myocardium and RV of Sunnybrook are learnt as Vivim predicts them.
    mean_with_start: whether the mean of the weights before and after the training is released (Wortsman et al. 2022,
        PMLR 162:23965-23998).
    """

    name: str
    config: CstmConfig
    schedule: Schedule
    steps: int
    weights: str = "cstm-beats-research"
    validate_on: int = 4
    learning: Learning = "all"
    pseudo_labels: bool = False
    mean_with_start: bool = False
    kind: str = "cstm"

    save_every = 200
    mixed_precision = True
    options = OPTIONS

    def configured(
        self,
        weights: str | None = None,
        validate_on: int | None = None,
        learning: Learning | None = None,
        pseudo_labels: bool | None = None,
        mean_with_start: bool | None = None,
        **_: Any,
    ) -> CstmBeatsRecipe:
        if validate_on is not None and validate_on < 0:
            raise InputError(f"--validate-on is {validate_on}; give a number of patients, or 0 for none.")
        recipe = replace(
            self,
            learning=learning or self.learning,
            pseudo_labels=bool(pseudo_labels),
            mean_with_start=bool(mean_with_start),
        )
        recipe = recipe if validate_on is None else replace(recipe, validate_on=validate_on)
        if weights is None:
            return recipe
        from medvos.models.store import resolve

        info = resolve(weights, "cstm")
        return replace(recipe, weights=info.name, config=replace(CstmConfig.of(info.config), motion=True))

    @property
    def triplets(self) -> int:
        """Triplets in a batch of them."""
        return round(TRIPLETS_PER_ROLLOUT * self.schedule.batch)

    def facts(self) -> dict[str, Any]:
        return {
            "release": RELEASE,
            "start": self.weights,
            "decoder_only": self.learning == "decoder",
            "pseudo_labels": self.labeller.sha256 if self.pseudo_labels else None,
        }

    def earlier_stages(self) -> list[str]:
        return [f"`{self.start.name}` with SHA-256 `{self.start.sha256}`"]

    def released(self, weights: dict[str, Tensor], described: Mapping[str, Any]) -> dict[str, Tensor]:
        if not self.mean_with_start:
            return weights
        from medvos.models.store import verified_weights

        if not any(self.start.sha256 in stage for stage in described.get("before", ())):
            raise InputError(
                f"The run did not start from the {self.start.name} at hand; release it without --mean-with-start, or "
                "set MEDVOS_MODELS to the weights that it started from."
            )
        before = verified_weights(self.start)
        return {
            name: (after + before[name].float()) / 2 if name in before and after.is_floating_point() else after
            for name, after in weights.items()
        }

    @property
    def start(self) -> ModelInfo:
        """The released network that the training starts from."""
        from medvos.models.store import resolve

        return resolve(self.weights, "cstm")

    @property
    def labeller(self) -> ModelInfo:
        """The released network that predicts pseudo-labels."""
        from medvos.models.store import resolve

        return resolve(COMPANION, "vivim")

    def network(self) -> Cstm:
        from medvos.models.cstm.network import Cstm

        return Cstm(self.config)

    def initialise(self, network: Cstm) -> Parts:
        from medvos_lab.pretrained import load_released

        load_released(network, self.start, added="decoder.motion.")
        if self.learning == "decoder":
            network.key_encoder.requires_grad_(False)
            network.value_encoder.requires_grad_(False)
        return Parts([network.key_encoder.backbone], [network])

    def model(self, network: Cstm) -> nn.Module:
        from medvos_lab.cstm_beats.rollout_model import MixedLoss

        return MixedLoss(network)

    def batches(self, folders: Folders, steps: int, seed: int) -> Callable[[int], TripletBatch | RolloutBatch]:
        from medvos_lab.cstm.batches import TripletBatches
        from medvos_lab.cstm_beats.batches import MixedBatches, RolloutBatches
        from medvos_lab.cstm_beats.studies import beat_studies
        from medvos_lab.datasets.acdc_beats import acdc_beats
        from medvos_lab.studies import load_studies

        config = self.config
        training = acdc_beats(folders.data, "training")
        beats = beat_studies(training, folders.cache / "motion", config, folders.workers)
        studies = load_studies(RELEASES[RELEASE].sources, folders.data, folders.cache, config, folders.workers)
        if self.pseudo_labels:
            from medvos_lab.cstm_beats.pseudo_labels import pseudo_labelled

            studies = pseudo_labelled(studies, self.labeller, folders.cache)
        return MixedBatches(
            TripletBatches(studies, self.triplets, config.region, config.group, seed),
            RolloutBatches(beats, self.schedule.batch, config.region, seed),
        )

    def loss(self, training: Training, batch: TripletBatch | RolloutBatch, progress: float) -> Tensor:
        from medvos_lab.cstm_beats.rollout_model import mixed_loss

        return mixed_loss(training.model, batch)

    def checkpoint_metrics(self, network: Cstm, folders: Folders, device: torch.device) -> Mapping[str, Any]:
        if not self.validate_on:
            return {}
        from medvos.propagation.settings import PropagationSettings
        from medvos_lab.cstm_beats.bench import measure, propagated, summaries
        from medvos_lab.datasets.acdc_beats import acdc_beats

        patients = list(acdc_beats(folders.data, "validation"))
        spread = islice(patients, 0, None, max(len(patients) // self.validate_on, 1))
        segment = propagated(network, PropagationSettings(mirrored=False), device)
        return summaries(measure(segment, islice(spread, self.validate_on)))

    def validate(self, network: Cstm, folders: Folders, device: torch.device) -> Validation:
        from medvos_lab.cstm.validate import validate

        return validate(network, self.card().name, folders, device)

    def card(self) -> Card:
        release = RELEASES[RELEASE]
        start = f"`{self.weights}`"
        if self.mean_with_start:
            start += "; the weights are the mean of those before and after"
        samples = f"rollouts through real beats or {self.triplets} triplets of frames, from the weights {start}"
        return Card(
            f"{self.name}-{RELEASE}",
            release.terms,
            "Compact CSTM trained through real beats, for short-axis cine MRI, for non-commercial research.",
            Path(medvos_lab.cstm.__file__).with_name("card.md.j2"),
            {"release": replace(release, data=(ALL_PHASES, *release.data, *self._pseudo_data())), "samples": samples},
            alias="cstm",
            companion=COMPANION,
        )

    def _pseudo_data(self) -> tuple[str, ...]:
        """Return the sentence of the card about pseudo-labels, where they are learnt."""
        if not self.pseudo_labels:
            return ()
        from medvos_lab.cstm_beats.pseudo_labels import AGREEMENT

        name, sha256 = self.labeller.name, self.labeller.sha256
        return (PSEUDO_LABELS.format(name=name, sha256=sha256, agreement=AGREEMENT),)


RECIPES = (
    CstmBeatsRecipe(
        "cstm-beats", replace(CSTM_COMPACT, motion=True), Schedule(3e-4, 0.01, 4, one_cycle, decay=0.995), 2200
    ),
)
