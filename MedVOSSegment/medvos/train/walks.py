"""Which three frames make a training sample: the steps that propagation takes through slices and phases."""

from __future__ import annotations

import numpy as np

from medvos.train.studies import Study

MAX_DISTANCE = 5
# At inference the newest memory is always the slice next door, so that walks end with such a step more often.
NEIGHBOUR_SHARE = 0.5


def _labelled(study: Study, index: int) -> bool:
    return bool(study.labels[index].any())


def _level_near(study: Study, level: int, reach: int, rng: np.random.Generator) -> int:
    """Another slice up to ``reach`` away, where the study has one."""
    levels = np.unique(study.slices)
    near = levels[(np.abs(levels - level) <= reach) & (levels != level)]
    return int(rng.choice(near)) if len(near) else level


def _other_phase(study: Study, phase: int, rng: np.random.Generator) -> int:
    phases = np.unique(study.phases)
    others = phases[phases != phase]
    return int(rng.choice(others)) if len(others) else phase


def sample_walk(study: Study, rng: np.random.Generator) -> tuple[int, int, int]:
    """Indices of seed, second and third frame.

    A walk goes through time and then along z, along z only (CSTM: three ordered slices up to 5 apart), or along z
    and then through time, as inference does in the middle, towards base and apex, and at the apex.

    Frames that the study does not have are passed over by drawing again.
    """
    starts = [i for i in range(len(study.labels)) if _labelled(study, i)]
    while True:
        first = int(rng.choice(starts))
        phase, level = int(study.phases[first]), int(study.slices[first])
        kind = rng.random()
        if kind < 0.35:
            later = _other_phase(study, phase, rng)
            places = [(later, level), (later, _level_near(study, level, 2, rng))]
        elif kind < 0.85:
            away = int(rng.choice([-1, 1]))
            steps = np.sort(rng.choice(np.arange(1, MAX_DISTANCE + 1), 2, replace=False))
            if rng.random() < NEIGHBOUR_SHARE:
                steps[0] = steps[1] - 1
            places = [(phase, level + away * int(step)) for step in steps]
        else:
            far = _level_near(study, level, 3, rng)
            places = [(phase, far), (_other_phase(study, phase, rng), far)]
        second, third = (study.frame(*place) for place in places)
        if second is not None and third is not None:
            return first, second, third
