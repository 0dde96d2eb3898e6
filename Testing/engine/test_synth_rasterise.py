"""Labels on fine slices agree with the volumes of the continuous heart."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.structures import LV, MYO, RV
from medvos.synth.acquisition import Acquisition, ScanGrid
from medvos.synth.motion import Motion
from medvos.synth.parameters import KINDS, HeartParameters, Kind
from medvos.synth.placement import Placement
from medvos.synth.rasterise import rasterise

FINE = ScanGrid((2, 300, 128, 128), (0.5, 1.4, 1.4))


@pytest.mark.parametrize("kind", KINDS)
def test_labels_on_fine_slices_sum_to_the_exact_volumes_and_ef(kind: Kind) -> None:
    rng = np.random.default_rng(7)
    parameters = HeartParameters.random(rng, kind)
    motion = Motion(parameters, np.array([0.0, parameters.systole]))
    labels = rasterise(Placement(motion, Acquisition.random(rng), FINE, rng))
    summed = {
        name: (labels == label).sum(axis=(1, 2, 3)) * np.prod(FINE.spacing) / 1000
        for name, label in (("LV", LV), ("Myo", MYO), ("RV", RV))
    }
    for name, volumes in summed.items():
        assert volumes == pytest.approx(motion.volumes[name], rel=0.01)
    for name in ("LV", "RV"):
        ef, exact = (100 * (1 - v[name][1] / v[name][0]) for v in (summed, motion.volumes))
        assert ef == pytest.approx(exact, abs=0.4)
