"""Recipes of the cine-MVO networks: microvascular obstruction from cine, learnt from simulated infarcts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medvos.errors import InputError
from medvos.models.mvo.config import MVO_COMPACT, MVO_PAPER, PARTS, UNET, VIVIM, MvoConfig, Part
from medvos_lab.folds import USUAL, Fold
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import Card, Folders, Option, Parts, Training, Validation
from medvos_lab.schedule import Schedule, one_cycle
from medvos_lab.terms import MVO_TERMS

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from medvos.models.mvo.network import MvoNetwork
    from medvos_lab.mvo.batches import MvoBatch

FRAMES = {"frames": Option("--frames", int, "Frames of a beat that the network is given, at least 5 (mvo).", "10")}
WITHOUT = {"without": Option("--without", list[Part], "Part to leave out; give it again for several (mvo).", "nothing")}
HARDER = {
    "without_contrast": Option(
        "--without-contrast",
        float,
        "Fraction of the simulated infarcts that have the grey of healthy wall, so that motion alone shows them (mvo).",
        "0",
    )
}
GAIN = {"motion_gain": Option("--motion-gain", float, "Factor of the differences between frames (mvo).", "1")}
LEAST_FRAMES = 5
SUMMARY = "microvascular obstruction in short-axis cine; trained on simulated motion, not validated on patients."


@dataclass(frozen=True)
class MvoRecipe(Recipe["MvoNetwork", "MvoBatch"]):
    """An MVO network; the ``batch`` of its schedule counts frames.

    ``without`` are parts that are left out of ``config``, ``frames`` a length of the beat other than the usual one,
    ``without_contrast`` the fraction of infarcts that only move differently, ``fold`` the patients that are held out.
    """

    name: str
    config: MvoConfig
    schedule: Schedule
    steps: int
    title: str
    without: tuple[Part, ...] = ()
    frames: int | None = None
    without_contrast: float = 0.0
    fold: Fold = USUAL
    kind: str = "mvo"

    @property
    def options(self) -> Mapping[str, Option]:
        return (WITHOUT | GAIN if self.config.design == "mvo" else {}) | FRAMES | HARDER

    def configured(
        self,
        without: Sequence[Part] | None = None,
        frames: int | None = None,
        without_contrast: float | None = None,
        motion_gain: float | None = None,
        fold: Fold | None = None,
        **_: Any,
    ) -> MvoRecipe:
        if not 0 <= (without_contrast or 0) <= 1:
            raise InputError(f"--without-contrast is {without_contrast}, but a fraction is from 0 to 1.")
        if motion_gain is not None and not 0 < motion_gain < float("inf"):
            raise InputError(f"--motion-gain is {motion_gain}, but a factor is above 0.")
        if frames is not None and frames < LEAST_FRAMES:
            raise InputError(f"--frames is {frames}, and the network needs at least {LEAST_FRAMES}; give more.")
        parts = tuple(part for part in PARTS if part in (without or ()) and getattr(self.config, part))
        try:
            left_out: dict[str, Any] = dict.fromkeys(parts, False)
            config = replace(
                self.config,
                **left_out,
                frames=frames or self.config.frames,
                motion_gain=motion_gain or self.config.motion_gain,
            )
        except ValueError as error:
            raise InputError("--without static --without motion leaves no input; give one of them.") from error
        hidden = without_contrast or 0.0
        return replace(
            self, config=config, without=parts, frames=frames, without_contrast=hidden, fold=fold or self.fold
        )

    def facts(self) -> dict[str, Any]:
        # Runs of the usual split have no entry, whether they are a fold of a cross-validation or not.
        return {"without_contrast": self.without_contrast, "fold": None if self.fold == USUAL else str(self.fold)}

    def network(self) -> MvoNetwork:
        from medvos.models.mvo.network import MvoNetwork

        return MvoNetwork(self.config)

    def initialise(self, network: MvoNetwork) -> Parts:
        from medvos_lab.pretrained import load_imagenet

        encoders = load_imagenet(network)
        return Parts(encoders, encoders)

    def batches(self, folders: Folders, steps: int, seed: int) -> Callable[[int], MvoBatch]:
        from medvos_lab.datasets.emidec import emidec_cores
        from medvos_lab.mvo.batches import MvoBatches
        from medvos_lab.mvo.heart_slices import load_slices

        slices = load_slices(folders.data, folders.cache, "training", self.fold)
        # The U-Net takes beats of one length only.
        length = self.config.frames if self.config.design == "unet" else self.frames
        cores = emidec_cores(folders.data, "training", self.fold)
        return MvoBatches(slices, cores, self.schedule.batch, length, seed, self.without_contrast)

    def loss(self, training: Training, batch: MvoBatch, progress: float) -> Tensor:
        from medvos_lab.mvo.losses import mvo_loss

        return mvo_loss(training.model(batch.frames, batch.wall), batch.core, batch.wall)

    def validate(self, network: MvoNetwork, folders: Folders, device: torch.device) -> Validation:
        from medvos.models.networks import load_mvo
        from medvos.models.store import resolve
        from medvos_lab.mvo.validate import validate

        # Thresholds depend on small differences, so those of the store are judged, as a user has them.
        released = load_mvo(resolve(self.card().name, "mvo"), device)
        metrics, calibration = validate(released, folders.data, folders.cache, device, fold=self.fold)
        return Validation.of(metrics, "Dice", calibration)

    def card(self) -> Card:
        from medvos.mvo_notice import NOTICE

        return Card(
            self.released_name,
            MVO_TERMS,
            f"{self.title}: {SUMMARY}",
            Path(__file__).with_name("card.md.j2"),
            {"notice": NOTICE},
            counts=("hearts", "real infarcts"),
        )

    @property
    def released_name(self) -> str:
        """``mvo``, or the name of an ablation: ``mvo-no-motion``, ``mvo-5-frames``."""
        usual = MVO_COMPACT.frames
        changed = [f"no-{part}" for part in self.without]
        changed += [f"{self.config.frames}-frames"] if self.config.frames != usual else []
        gain = self.config.motion_gain
        changed += [f"gain-{gain:g}"] if gain != MVO_COMPACT.motion_gain else []
        changed += [f"{100 * self.without_contrast:.0f}-percent-plain"] if self.without_contrast else []
        return "-".join((self.name, *changed))


COMPACT = Schedule(2e-3, 0.01, 40, one_cycle)
RECIPES = (
    MvoRecipe("mvo", MVO_COMPACT, COMPACT, 3500, "Compact cine-MVO network"),
    MvoRecipe(
        "mvo-paper",
        MVO_PAPER,
        Schedule(1e-4, 3e-4, 80, one_cycle),
        3500,
        "Cine-MVO network in the size of the paper",
    ),
    MvoRecipe("mvo-unet", UNET, COMPACT, 3500, "U-Net, to compare the cine-MVO network with"),
    MvoRecipe("mvo-vivim", VIVIM, COMPACT, 3500, "Vivim, to compare the cine-MVO network with"),
)
