"""How far the grey of the wall varies within a heart: healthy, with a real infarct, and with a simulated one.

The simulation changes the grey of an infarct on cine by a drawn amount. If it exaggerated, the walls of simulated
infarcts would vary more than those of real ones do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from medvos.synth.infarct import Infarct
from medvos.synth.infarct_slice import infarct_slice
from medvos_lab.datasets.emidec import emidec_cores
from medvos_lab.folds import Fold
from medvos_lab.mvo.heart_slices import load_slices
from medvos_lab.mvo.patients import Heart, by_patient, number

ALL = Fold(0, 1)  # everyone
SECTORS = 12  # around the wall
INNER, MIDDLE, OUTER = 0.15, 0.5, 0.85  # depths: two layers, without pixels that blood or fat share
LEAST_PIXELS = 6  # of a part


@dataclass(frozen=True)
class Spread:
    """Spread of the wall's grey over the hearts of a group, as `spread` has it for one, and p against real infarcts."""

    group: str
    hearts: int
    quartiles: tuple[float, float, float]
    p: float | None = None


def wall_spreads(data: Path | None, cache: Path) -> list[Spread]:
    """Return the spread in all of ACDC's hearts: with a real infarct, without, and these with a simulated infarct.

    p is of Mann-Whitney's test against the hearts with a real infarct.

    Parameters
    ----------
    data: folder of the data sets.
    cache: folder of data that are computed from them once.

    Raises
    ------
    InputError: the data are not there.

    >>> [(found.group, found.hearts) for found in wall_spreads(None, Path("runs/cache"))]
    [('with a real infarct', 20), ('without an infarct', 80), ('with a simulated infarct', 80)]
    """
    infarcted, healthy = (by_patient(load_slices(data, cache, split, ALL)) for split in ("infarcted", "validation"))
    cores = emidec_cores(data, "training")
    real, without = ([spread(heart) for heart in hearts] for hearts in (infarcted, healthy))
    simulated = [spread(heart, _gains(heart, cores)) for heart in healthy]
    groups = {"with a real infarct": real, "without an infarct": without, "with a simulated infarct": simulated}
    return [
        Spread(
            group,
            len(found),
            tuple(np.percentile(found, (25, 50, 75)).tolist()),
            None if found is real else float(mannwhitneyu(found, real).pvalue),
        )
        for group, found in groups.items()
        if found
    ]


def spread(heart: Heart, gains: Sequence[NDArray[np.float32]] | None = None) -> float:
    """Return the standard deviation of the grey over parts of the wall at ED, as a fraction of the wall's median.

    Parts are twelve sectors in two layers of each slice. What varies once around a slice, as with the distance from the
    coil, is taken out.

    Parameters
    ----------
    heart: its slices.
    gains: (Y, X) factors of each slice's grey.
    """
    parts: list[float] = []
    for k, piece in enumerate(heart):
        ring = piece.ring
        grey = piece.images[0].astype(float) * (1 if gains is None else gains[k])
        inside = ring.wall & (ring.depth > INNER) & (ring.depth < OUTER)
        angle, deep = ring.angle[inside], ring.depth[inside] > MIDDLE
        relative = grey[inside] / max(float(np.median(grey[inside])), 1.0)
        around = np.stack([np.ones_like(angle), np.cos(angle), np.sin(angle)], 1)
        relative = relative - around @ np.linalg.lstsq(around, relative, rcond=None)[0]
        sector = ((angle + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
        for place in range(2 * SECTORS):
            part = relative[(sector == place // 2) & (deep == bool(place % 2))]
            if len(part) >= LEAST_PIXELS:
                parts.append(float(part.mean()))
    return float(np.std(parts))


def _gains(heart: Heart, cores: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    infarct = Infarct.random(np.random.default_rng(number(heart)), cores)
    return [infarct_slice(infarct, piece.ring, piece.base_to_apex).gain for piece in heart]


def sentence(spreads: Sequence[Spread]) -> str:
    """Return the comparison in one sentence.

    >>> sentence(wall_spreads(None, Path("runs/cache")))
    'The grey of the wall varies by 12.8 % in the median heart with a real infarct (20 of ACDC), by 11.0 % in one ...'
    """
    first, *others = spreads
    rest = "".join(f", by {100 * s.quartiles[1]:.1f} % in one {s.group} ({s.hearts}, {_words(s.p)})" for s in others)
    return (
        f"The grey of the wall varies by {100 * first.quartiles[1]:.1f} % in the median heart {first.group} "
        f"({first.hearts} of ACDC){rest}."
    )


def _words(p: float | None) -> str:
    return "p unknown" if p is None else f"p {p:.2f}" if p >= 0.01 else "p < 0.01"
