"""The volume-time curve of one beat."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.synth.ejected_fraction import ejected_fraction

BEAT = np.linspace(0, 1, 501)


@pytest.mark.parametrize("systole", [0.28, 0.36, 0.48])
@pytest.mark.parametrize("diastasis", [0.12, 0.4])
def test_the_ventricle_is_full_at_end_diastole_and_emptied_at_end_systole(systole: float, diastasis: float) -> None:
    curve = ejected_fraction(BEAT, systole, diastasis)
    assert curve[0] == pytest.approx(0.0, abs=1e-9)
    assert ejected_fraction(systole, systole, diastasis) == pytest.approx(1.0)
    assert curve.min() >= 0 and curve.max() <= 1 + 1e-12


def test_the_curve_is_periodic_and_smooth_across_the_beat() -> None:
    assert ejected_fraction(BEAT + 3, 0.36, 0.25) == pytest.approx(ejected_fraction(BEAT, 0.36, 0.25))
    across = ejected_fraction(np.linspace(-0.02, 0.02, 401), 0.36, 0.25)
    assert np.abs(np.diff(across, 2)).max() < 1e-4


def test_the_ventricle_empties_through_systole_and_fills_through_diastole() -> None:
    curve = ejected_fraction(BEAT, 0.36, 0.25)
    assert (np.diff(curve[BEAT < 0.36]) >= 0).all()
    assert (np.diff(curve[BEAT > 0.37]) <= 0).all()
