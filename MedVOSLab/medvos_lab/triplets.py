"""Triplets of frames for training: the steps that propagation takes through slices and phases."""

from __future__ import annotations

import numpy as np

from medvos_lab.studies import Study

MAX_DISTANCE = 5
# At inference the newest memory is always the neighbouring slice, so triplets end with such a step more often.
NEIGHBOUR_FRACTION = 0.5
# A reader draws a slice in the middle; seeds nearer to base or apex are corrections.
MIDDLE_FRACTION = 0.6


def _labelled(study: Study, index: int) -> bool:
    return bool(study.labels[index].any())


def _slice_near(study: Study, z: int, reach: int, rng: np.random.Generator) -> int:
    """Return another slice up to ``reach`` away, where the study has one."""
    slice_indices = np.unique(study.slices)
    near = slice_indices[(np.abs(slice_indices - z) <= reach) & (slice_indices != z)]
    return int(rng.choice(near)) if len(near) else z


def _other_phase(study: Study, phase: int, rng: np.random.Generator) -> int:
    phases = np.unique(study.phases)
    others = phases[phases != phase]
    return int(rng.choice(others)) if len(others) else phase


def _seed(study: Study, rng: np.random.Generator) -> int:
    """Return a labelled frame, most often one in the middle third of its phase's labelled slices."""
    labelled = np.array([i for i in range(len(study.labels)) if _labelled(study, i)])
    first = int(rng.choice(labelled))
    if rng.random() >= MIDDLE_FRACTION:
        return first
    same = labelled[study.phases[labelled] == study.phases[first]]
    low, high = np.quantile(study.slices[same], (1 / 3, 2 / 3))
    return int(rng.choice(same[(study.slices[same] >= low) & (study.slices[same] <= high)]))


def sample_triplet(study: Study, rng: np.random.Generator) -> tuple[int, int, int]:
    """Return the indices of seed, second and third frame.

    A triplet goes through time and then along z, along z in the seed's phase (CSTM: three ordered slices up to 5 apart)
    or in another phase, or along z and then through time, as inference does in the middle, towards base and apex,
    and at the apex. Where the study lacks one of the frames, the triplet is drawn again.
    """
    while True:
        first = _seed(study, rng)
        phase, z = int(study.phases[first]), int(study.slices[first])
        kind = rng.random()
        if kind < 0.2:
            later = _other_phase(study, phase, rng)
            places = [(later, z), (later, _slice_near(study, z, 2, rng))]
        elif kind < 0.85:
            phase = phase if kind < 0.5 else _other_phase(study, phase, rng)
            away = int(rng.choice([-1, 1]))
            reach = min(MAX_DISTANCE, (study.slices.max() - z) if away > 0 else (z - study.slices.min()))
            if reach < 2:
                continue
            steps = np.sort(rng.choice(np.arange(1, reach + 1), 2, replace=False))
            if rng.random() < NEIGHBOUR_FRACTION:
                steps[0] = steps[1] - 1
            places = [(phase, z + away * int(step)) for step in steps]
        else:
            far = _slice_near(study, z, 3, rng)
            places = [(phase, far), (_other_phase(study, phase, rng), far)]
        second, third = (study.frame(*place) for place in places)
        if second is not None and third is not None:
            return first, second, third
