from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.image import imread

from medvos.evaluate.metrics import reliability
from medvos_lab.bench.reliability_plot import write_reliability_plot


def test_a_plot_is_drawn_even_with_empty_bins(tmp_path: Path):
    random = np.random.default_rng(0)
    chance = random.random(2000) * 0.6
    diagrams = {"m": reliability(chance, random.random(2000) < chance**2)}
    write_reliability_plot(tmp_path / "plot.png", diagrams)
    picture = imread(tmp_path / "plot.png")
    assert min(picture.shape[:2]) > 500 and picture[..., :3].std() > 0.05
