"""Order of a rollout: the frames that it visits and their memory, in the order of propagation on a few frames."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from medvos_lab.cstm_beats.studies import BeatStudy

Kind = Literal["start", "between", "target", "back"]

STACK_FRACTION = 0.5  # of rollouts that continue along z; the others return around the beat
GRADIENT_PHASES = 2  # before the target, through which gradients flow
RETURN_WEIGHT, BETWEEN_WEIGHT = 0.5, 0.3  # of the loss at the return and at undrawn phases
FROM_ED = 0.75  # fraction of seeds at ED, where readers draw most often
MIDDLE_FRACTION = 0.6  # of seeds that are in the middle third of the heart
ENDS_FRACTION = 0.5  # of rollouts along z that reach the base or the apex, where most slices are missed or spurious


@dataclass(frozen=True)
class Step:
    """One frame to be segmented.

    Attributes
    ----------
    memory: frames in memory, the newest last; frame 0 is the seed.
    learns: whether gradients flow through it.
    weight: of its loss; less where the target is interpolated, 0 for none.
    carried: whether masks carried along the motion are among its inputs.
    """

    memory: tuple[int, ...]
    learns: bool = True
    weight: float = 0.0
    carried: bool = False


@dataclass(frozen=True)
class RolloutPlan:
    """Steps to frames 1, 2, ..., the same for all samples of a batch.

    Attributes
    ----------
    steps: in order.
    places: of each frame with the seed first, the kind of its phase and its distance from the seed in slices.
    """

    steps: tuple[Step, ...]
    places: tuple[tuple[Kind, int], ...]


def around_the_beat(between: int, back: int) -> RolloutPlan:
    """Plan the seed, ``between`` undrawn phases, the target, ``back`` further phases, and the seed's phase again.

    After the target the memory has no drawing but the predicted target, so that the drawn mask at the return measures
    this prediction (cycle consistency).
    """
    target = between + 1
    last = target + back + 1
    returning = [
        Step(
            (target,) if frame == target + 1 else (target, frame - 1),
            weight=RETURN_WEIGHT if frame == last else BETWEEN_WEIGHT,
        )
        for frame in range(target + 1, last + 1)
    ]
    places: list[tuple[Kind, int]] = [*_to_target(between), *[("back", 0)] * back, ("start", 0)]  # type: ignore[list-item]
    return RolloutPlan((*_through_time(between), *returning), tuple(places))


def along_the_stack(between: int, slices: int) -> RolloutPlan:
    """Plan the seed, ``between`` undrawn phases, the target; then the seed's phase and the target slice by slice."""
    steps = _through_time(between)
    places = _to_target(between)
    previous = 0, between + 1  # frames of the previous slice, at the seed's phase and at the target
    for distance in range(1, slices + 1):
        frame = len(places)
        steps += [Step((0, previous[0]), weight=1.0), Step((0, previous[1]), weight=1.0, carried=True)]
        places += [("start", distance), ("target", distance)]
        previous = frame, frame + 1
    return RolloutPlan(tuple(steps), tuple(places))


def _to_target(between: int) -> list[tuple[Kind, int]]:
    return [("start", 0), *[("between", 0)] * between, ("target", 0)]  # type: ignore[list-item]


def _through_time(between: int) -> list[Step]:
    """Return the steps from the seed to the target; the last ``GRADIENT_PHASES`` undrawn phases have gradients."""
    target = between + 1
    steps = []
    for frame in range(1, target + 1):
        learns = frame >= target - GRADIENT_PHASES
        weight = 1.0 if frame == target else BETWEEN_WEIGHT * learns
        steps.append(Step((0,) if frame == 1 else (0, frame - 1), learns, weight, carried=True))
    return steps


def sample_plan(rng: np.random.Generator) -> RolloutPlan:
    """Draw a plan of five to twelve frames."""
    if rng.random() < STACK_FRACTION:
        return along_the_stack(int(rng.integers(1, 5)), int(rng.integers(1, 4)))
    return around_the_beat(int(rng.integers(2, 8)), int(rng.integers(1, 3)))


@dataclass(frozen=True)
class Rollout:
    """The frames of a plan in one study: ``phases`` and ``slices`` of each, the seed first."""

    study: BeatStudy
    phases: list[int]
    slices: list[int]

    @property
    def start(self) -> int:
        """Phase of the seed."""
        return self.phases[0]


def sample_rollout(study: BeatStudy, plan: RolloutPlan, rng: np.random.Generator) -> Rollout | None:
    """Draw seed, directions in time and along z, and undrawn phases; None where the study has no such rollout."""
    beat = study.beat
    start, target = (beat.ed, beat.es) if rng.random() < FROM_ED else (beat.es, beat.ed)
    labelled = [z for z in study.slices if study.labels(start, z, crop_only=True).any()]
    if not labelled:
        return None
    furthest = max(distance for _, distance in plan.places)
    way = _way_to_an_end(study, labelled, furthest, rng) if furthest and rng.random() < ENDS_FRACTION else None
    if way is None:
        seed_z = _seed_slice(labelled, rng)
        directions = [direction for direction in (-1, 1) if seed_z + direction * furthest in study.slices]
        if not directions:
            return None
        way = seed_z, int(rng.choice(directions))
    seed_z, along_z = way
    in_time = int(rng.choice([-1, 1]))
    kinds = [kind for kind, _ in plan.places]
    between = _between(beat.phases, start, target, in_time)
    back = _between(beat.phases, target, start, in_time)
    chosen = {
        "between": _ordered(between, kinds.count("between"), rng),
        "back": _ordered(back, kinds.count("back"), rng),
    }
    fixed = {"start": start, "target": target}
    phases = [fixed[kind] if kind in fixed else chosen[kind].pop(0) for kind in kinds]
    return Rollout(study, phases, [seed_z + along_z * distance for _, distance in plan.places])


def _way_to_an_end(
    study: BeatStudy, labelled: list[int], furthest: int, rng: np.random.Generator
) -> tuple[int, int] | None:
    """Draw seed slice and direction of a way to the last labelled slice, or to the one beyond; None for no such way."""
    ends = ((-1, labelled[0]), (1, labelled[-1]))
    ways = [
        (last - direction * furthest, direction)
        for direction, end in ends
        for last in (end, end + direction)
        if last in study.slices and last - direction * furthest in labelled
    ]
    return ways[int(rng.integers(len(ways)))] if ways else None


def _seed_slice(labelled: list[int], rng: np.random.Generator) -> int:
    if rng.random() < MIDDLE_FRACTION:
        low, high = np.quantile(labelled, (1 / 3, 2 / 3))
        labelled = [z for z in labelled if low <= z <= high] or labelled
    return int(rng.choice(labelled))


def _between(phases: int, first: int, last: int, direction: int) -> list[int]:
    """Return the phases from one to another in a direction, without the two."""
    return [(first + direction * step) % phases for step in range(1, (direction * (last - first)) % phases)]


def _ordered(phases: list[int], count: int, rng: np.random.Generator) -> list[int]:
    """Draw ``count`` phases in their order, evenly spread; repeated where there are too few."""
    edges = np.linspace(0, len(phases), count + 1)
    picks = [min(int(rng.uniform(low, high)), len(phases) - 1) for low, high in pairwise(edges)]
    return [phases[i] for i in picks]
