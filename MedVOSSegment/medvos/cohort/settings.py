"""Settings of a batch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Settings that all cases of a batch share; they are sent to the workers.

    Attributes
    ----------
    batch: unique name of the batch, used to stop it on the workers.
    model: value of ``--model``; None leaves it to each case.
    model_digest: of the weights, as `medvos.cohort.fingerprint` returns it.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    timeout_s: time limit of a case in seconds.
    threads: threads of each case; None leaves it to the environment of the worker.
    gpu_in_turn: whether a worker with a GPU runs one case at a time.
    labels: what the labels of all seeds are, the value of ``--labels``; None leaves it to each seed.
    truth_labels: the same of all truths.
    confirmed: whether a person has looked at the proposals among the seeds, and they are right as they are.
    """

    batch: str
    model: str | None
    model_digest: str
    device: str = "auto"
    timeout_s: float = 3600.0
    threads: int | None = None
    gpu_in_turn: bool = True
    labels: str | None = None
    truth_labels: str | None = None
    confirmed: bool = False
