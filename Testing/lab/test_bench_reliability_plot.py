from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.image import imread

from medvos.evaluate.metrics import reliability
from medvos_lab.bench.reliability_plot import write_reliability_plot


def test_a_plot_is_drawn_even_with_empty_bins(tmp_path: Path):
    random = np.random.default_rng(0)
    probability = random.random(2000) * 0.6
    diagrams = {"m": reliability(probability, random.random(2000) < probability**2)}
    write_reliability_plot(tmp_path / "plot.png", diagrams)
    image = imread(tmp_path / "plot.png")
    assert min(image.shape[:2]) > 500 and image[..., :3].std() > 0.05
