"""How long a training lasts: a number of steps, or minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True)
class Budget:
    """Steps or minutes of a whole training; one of the two.

    The learning-rate schedule follows the fraction of the budget that is used, so that it reaches its end with either.

    Raises
    ------
    ValueError: both are given, or none.

    Example
    -------
    >>> Budget(minutes=8).progress(step=120, seconds=240)
    0.5
    """

    steps: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.minutes is None):
            raise ValueError("a training lasts a number of steps or of minutes")

    def progress(self, step: int, seconds: float) -> float:
        """Return the fraction of the training, 0 to 1, that is done after these steps and seconds."""
        used = step / self.steps if self.steps is not None else seconds / (60 * self.minutes)  # type: ignore[operator]
        return min(used, 1.0)

    def ended(self, step: int, seconds: float) -> bool:
        """Return whether the training has ended after these steps and seconds."""
        return self.progress(step, seconds) >= 1

    def steps_from(self, first: int) -> Iterable[int]:
        """Return the numbers of the remaining steps; without an end where minutes decide."""
        return count(first) if self.steps is None else range(first, self.steps)

    def remaining(self, step: int, seconds: float) -> str:
        """Describe the step that a training has reached and the minutes that it still takes.

        >>> Budget(steps=2200).remaining(550, 3600)
        'step 550 of 2200, about 180 min left'
        """
        done = self.progress(step, seconds)
        left = seconds * (1 - done) / done / 60 if done else 0.0
        of_all = f" of {self.steps}" if self.steps is not None else ""
        return f"step {step}{of_all}, about {left:.0f} min left"

    def __str__(self) -> str:
        return f"{self.steps} steps" if self.steps is not None else f"{self.minutes:g} min"
