"""Count the frames that a propagation will segment, before it starts and without torch."""

from __future__ import annotations

from medvos.cine.seed import Seed
from medvos.propagation.correction_plan import CorrectionPlan, plan_corrections
from medvos.propagation.settings import PropagationSettings
from medvos.propagation.slice_order import main_seed, sweeps
from medvos.result import Result


def frames_of(phases: int, slices: int, start: int, plan: CorrectionPlan | None, settings: PropagationSettings) -> int:
    """Return how many frames the network segments for so many phases and slices, from a seed in slice ``start``."""
    if plan is not None:
        once = plan.frames(phases)
    else:
        outer = sum(settings.outer_count(len(sweep)) for sweep in sweeps(start, slices))
        once = 2 * (phases - 1) + phases * (slices - 1 + 2 * outer)
    return once * (2 if settings.mirrored else 1)


def cheapest_plan(seed: Seed, previous: Result, settings: PropagationSettings | None = None) -> CorrectionPlan | None:
    """Return `plan_corrections`, or None where it would predict every slice again and at no lower cost than the whole.

    A plan that keeps a slice is followed at any cost: what the reader has looked at must not change without need.

    Raises
    ------
    InputError: the previous result is of another cine.
    """
    settings = settings or PropagationSettings()
    plan = plan_corrections(seed, previous)
    if plan is None:
        return None
    keeps_slices = len({plan.start[1], *plan.slices}) < seed.drawn.shape[1]
    return plan if keeps_slices or _frames(seed, plan, settings) < _frames(seed, None, settings) else None


def cost_of_corrections(seed: Seed, previous: Result, settings: PropagationSettings | None = None) -> tuple[int, int]:
    """Return the frames to segment for the corrections in a seed, and for the whole cine.

    Raises
    ------
    InputError: the previous result is of another cine.
    """
    settings = settings or PropagationSettings()
    return _frames(seed, cheapest_plan(seed, previous, settings), settings), _frames(seed, None, settings)


def _frames(seed: Seed, plan: CorrectionPlan | None, settings: PropagationSettings) -> int:
    phases, slices = seed.drawn.shape
    return frames_of(phases, slices, main_seed(seed.labels, seed.drawn)[1], plan, settings)
