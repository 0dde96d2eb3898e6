"""A simulated infarct: the occluded artery's territory, its depth, and how its wall moves and appears."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Territory = Literal["LAD", "RCA", "LCX"]
TERRITORIES: tuple[Territory, ...] = get_args(Territory)

# Middle of each artery's part of the wall at the base and at the apex, from the middle of the septum over the anterior
# wall (17 segments, Cerqueira et al. 2002, Circulation 105:539-542), and how often it is the occluded one.
_MIDDLE = {"LAD": (60.0, 45.0), "RCA": (-60.0, -90.0), "LCX": (180.0, 160.0)}
_OFTEN = {"LAD": 0.45, "RCA": 0.37, "LCX": 0.18}
# Extent along the long axis, 0 base to 1 apex: lowest and highest middle, and half of the length.
_ALONG = {"LAD": ((0.5, 0.75), (0.3, 0.55)), "RCA": ((0.2, 0.5), (0.25, 0.5)), "LCX": ((0.3, 0.6), (0.25, 0.45))}


@dataclass(frozen=True)
class Infarct:
    """One patient's infarct.

    Attributes
    ----------
    territory: the artery that closed.
    shift: of the middle from that of the territory, rad.
    half_width: of the infarct around the ring where it is widest, rad.
    level, half_length: position and half length along the long axis, 0 base to 1 apex.
    transmurality: how deep it goes from the endocardium where it is deepest, 1 to the epicardium.
    severity: part of the motion that is lost where it is transmural; above 1 the wall bulges out.
    border: how much wider than the infarct the stunned wall is.
    stunning: part of the motion that the wall beside the infarct loses.
    oedema: how much brighter the infarct is, as a part of the wall's own grey.
    haemorrhage: how much darker the core is, as a part of the same.
    core: (N, 33, 13) microvascular obstruction on a grid over the infarct, slices in order, or None.
    roughness: (5,) waves of the infarct's outer border.
    """

    territory: Territory
    shift: float
    half_width: float
    level: float
    half_length: float
    transmurality: float
    severity: float
    border: float
    stunning: float
    oedema: float
    haemorrhage: float
    core: NDArray[np.float32] | None
    roughness: NDArray[np.float64]

    @staticmethod
    def random(
        rng: np.random.Generator,
        cores: list[NDArray[np.float32]],
        territory: Territory | None = None,
        contrast: bool = True,
    ) -> Infarct:
        """Draw an infarct with a core from ``cores``, its slices in either order and mirrored in half of the cases.

        Without ``contrast`` it is the same infarct in the grey of the healthy wall: motion alone shows it.

        Obstruction comes with larger and deeper infarcts that move less, and mostly with haemorrhage (Bekkers et al.
        2010, Eur Radiol 20:2572-2578). How much the grey of a cine changes is not settled; what is drawn here is mild
        and at times nothing, so that motion must be looked at too.
        """
        if territory is None:
            territory = str(rng.choice(TERRITORIES, p=list(_OFTEN.values())))  # type: ignore[assignment]
        middles, lengths = _ALONG[territory]  # type: ignore[index]
        core = None
        if cores:
            core = cores[int(rng.integers(len(cores)))]
            core = core[:: rng.choice((-1, 1)), :: rng.choice((-1, 1))]
        deep, severe = ((0.7, 1.0), (0.7, 1.15)) if cores else ((0.35, 1.0), (0.4, 1.05))
        drawn = Infarct(
            territory=territory,  # type: ignore[arg-type]
            shift=np.deg2rad(rng.normal(0, 12)),
            half_width=np.deg2rad(rng.uniform(35, 70) if cores else rng.uniform(20, 65)),
            level=rng.uniform(*middles),
            half_length=rng.uniform(*lengths),
            transmurality=rng.uniform(*deep),
            severity=rng.uniform(*severe),
            border=rng.uniform(1.0, 1.4),
            stunning=rng.uniform(0.0, 0.4),
            oedema=rng.uniform(0.0, 0.2),
            haemorrhage=rng.uniform(0.08, 0.3) if rng.random() < 0.8 else rng.uniform(0.0, 0.08),
            core=core,
            roughness=rng.normal(0, 0.06, 5),
        )
        return drawn if contrast else replace(drawn, oedema=0.0, haemorrhage=0.0)

    def reach(self, level: float) -> float:
        """Return the fraction of its width and depth that the infarct has at a level, 0 to 1."""
        return float(np.sqrt(max(1 - ((level - self.level) / self.half_length) ** 2, 0)))

    def middle(self, level: float) -> float:
        """Return the angle of the infarct's middle at a level."""
        base, apex = _MIDDLE[self.territory]
        return float(np.deg2rad(base + (apex - base) * level)) + self.shift
