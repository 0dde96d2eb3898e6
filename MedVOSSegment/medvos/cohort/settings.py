"""How the cases of one batch are run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What all cases of one batch have in common; it travels to the workers.

    Attributes
    ----------
    batch: a name of this batch alone, by which workers are told to stop.
    model: what ``--model`` takes.
    model_digest: as `medvos.cohort.fingerprint.of_model` has it.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    timeout_s: a case that takes longer, in seconds, is ended.
    threads: of each case; None leaves it to the environment of the worker.
    gpu_in_turn: whether a worker runs one case at a time where it has a GPU.
    """

    batch: str
    model: str
    model_digest: str
    device: str = "auto"
    timeout_s: float = 3600.0
    threads: int | None = None
    gpu_in_turn: bool = True
