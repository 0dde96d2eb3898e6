"""The steps that a user takes with one cine."""

from __future__ import annotations

from enum import Enum


class Step(Enum):
    """The steps of the panel in their order."""

    SEED = "seed"
    PROPAGATE = "propagate"
    REVIEW = "review"
    MEASURE = "measure"
    EXPORT = "export"


def reachable(*, drawn: bool, running: bool, done: bool) -> frozenset[Step]:
    """Return the steps that can be gone to.

    Parameters
    ----------
    drawn: something is drawn.
    running: a propagation is running.
    done: there is a result.
    """
    if running:
        return frozenset({Step.PROPAGATE})
    steps = {Step.SEED}
    if drawn or done:
        steps.add(Step.PROPAGATE)
    if done:
        steps |= {Step.REVIEW, Step.MEASURE, Step.EXPORT}
    return frozenset(steps)
