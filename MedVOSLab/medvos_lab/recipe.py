"""The protocol of a recipe: everything that differs between the trainings of two networks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from medvos.models.config import NetworkConfig
    from medvos_lab.loop import TensorBatch
    from medvos_lab.recipe_types import Card, Folders, Option, Parts, Training, Validation
    from medvos_lab.schedule import Schedule

Net = TypeVar("Net", bound="nn.Module")
Batch = TypeVar("Batch", bound="TensorBatch")


class Recipe(Protocol[Net, Batch]):
    """How one network is trained, validated and released.

    A recipe without one of the abstract methods cannot be instantiated.
    A module with recipes imports torch inside these methods only: the command line lists the recipes at start-up.

    Attributes
    ----------
    name: argument of ``medvos train``. kind: of the network, as in the manifest of the models.
    config: sizes of the network. schedule: optimiser settings. steps: of a training, where the user gives none.
    options: of the command line, by the keyword of `configured`.
    """

    name: str
    kind: str
    config: NetworkConfig
    schedule: Schedule
    steps: int

    @property
    def options(self) -> Mapping[str, Option]:
        return {}

    @property
    def save_every(self) -> int | None:
        """Steps between checkpoints; None: `medvos_lab.loop.SAVE_EVERY`."""
        return None

    @property
    def counts_steps(self) -> bool:
        """Whether the batches depend on the number of steps; such a training cannot be limited in minutes."""
        return False

    @property
    def mixed_precision(self) -> bool:
        """Whether the network can be trained in bfloat16: its steps keep in float32 what needs it."""
        return False

    def configured(self, **given: Any) -> Self:
        """Return the recipe with some of its options set; raise InputError where they contradict each other."""
        return self

    def facts(self) -> dict[str, Any]:
        """Return entries of ``config.json`` that must not change when a run is resumed; plain JSON values."""
        return {}

    def earlier_stages(self) -> list[str]:
        """Return one line for each training that this one continues with another purpose."""
        return []

    @abstractmethod
    def network(self) -> Net:
        """Return the network with random weights."""
        ...

    def initialise(self, network: Net) -> Parts:
        """Load the weights that training starts from, in place."""
        from medvos_lab.recipe_types import Parts

        return Parts()

    def model(self, network: Net) -> nn.Module:
        """Return the module whose forward pass is one training step, by default the network itself."""
        return network

    @abstractmethod
    def batches(self, folders: Folders, steps: int, seed: int) -> Callable[[int], Batch]:
        """Return the stream of batches by step number; ``seed`` differs between devices."""
        ...

    @abstractmethod
    def loss(self, training: Training, batch: Batch, progress: float) -> Tensor:
        """Return the loss of a batch at a fraction of the training."""
        ...

    def checkpoint_metrics(self, network: Net, folders: Folders, device: torch.device) -> Mapping[str, Any]:
        """Return metrics of the averaged network for the log after each checkpoint, plain JSON values; default none."""
        return {}

    def released(self, weights: dict[str, Tensor], described: Mapping[str, Any]) -> dict[str, Tensor]:
        """Return what is released of a run: by default the averaged weights of its last step; ``config.json`` of it."""
        return weights

    @abstractmethod
    def validate(self, network: Net, folders: Folders, device: torch.device) -> Validation:
        """Measure the network, which is also in the model store under the card's name, on the validation split."""
        ...

    @abstractmethod
    def card(self) -> Card:
        """Return the name, terms and text of the release."""
        ...
