"""Colours of the report."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from medvos.report.palette import SEED, UNCERTAIN, colour_of

# Machado et al. 2009, severity 1: how the colours of a screen look to a dichromat, in linear RGB.
DEUTAN = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]])
PROTAN = np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]])


def seen(colour: str, by: np.ndarray) -> np.ndarray:
    linear = np.array([c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)])
    return np.clip(by @ linear, 0, 1) ** (1 / 2.2)


@pytest.mark.parametrize("by", [np.eye(3), DEUTAN, PROTAN])
@pytest.mark.parametrize("other", [colour_of("RV"), colour_of("LV"), colour_of("Myo"), UNCERTAIN])
def test_a_seed_has_another_colour_than_every_structure(other: str, by: np.ndarray):
    assert np.linalg.norm(seen(SEED, by) - seen(other, by)) > 0.4
