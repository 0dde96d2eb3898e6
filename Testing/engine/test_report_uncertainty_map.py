"""The worst slices, large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from medvos.report.uncertainty_map import uncertainty_map
from medvos.result import Result


def test_each_slice_stands_once_with_its_worst_phase_and_the_worst_slice_first(a_result: Result):
    scores = np.zeros_like(a_result.slice_scores)
    scores[2, 4], scores[3, 4], scores[1, 0] = 0.4, 0.7, 0.5
    figure = uncertainty_map(replace(a_result, slice_scores=scores))
    assert figure is not None
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == ["slice 5, phase 4", "unreliable: 70 %", "slice 1, phase 2", "unreliable: 50 %"]


def test_it_shows_the_uncertainty_of_the_voxels_on_one_scale(a_result: Result):
    figure = uncertainty_map(a_result)
    assert figure is not None
    below = next(axes.images[0] for axes in figure.axes if axes.images and axes.images[0].get_cmap().name == "magma")
    assert below.get_clim() == (0, 1)
    assert np.all(below.get_array() == 0.5)


def test_there_is_none_where_the_model_is_sure(a_result: Result):
    assert uncertainty_map(replace(a_result, slice_scores=np.zeros_like(a_result.slice_scores))) is None


def test_slices_that_are_probably_right_are_left_out(a_result: Result):
    scores = np.zeros_like(a_result.slice_scores)
    scores[2, 4], scores[1, 0] = 0.1, 0.09
    figure = uncertainty_map(replace(a_result, slice_scores=scores))
    assert figure is not None
    assert [axes.get_title() for axes in figure.axes if axes.get_title().startswith("slice")] == ["slice 5, phase 3"]
    assert uncertainty_map(replace(a_result, slice_scores=np.minimum(scores, np.float32(0.09)))) is None


@pytest.mark.parametrize("slices", [1, 3])
def test_no_text_is_cut_by_the_edge_of_the_figure(a_result: Result, slices: int):
    scores = np.zeros_like(a_result.slice_scores)
    scores[0, :slices] = 0.5
    figure = uncertainty_map(replace(a_result, slice_scores=scores))
    assert figure is not None
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    bar = figure.axes[-1]
    texts = [*bar.get_yticklabels(), *(axes.title for axes in figure.axes if axes.get_title())]
    assert {"0 certain", "1 uncertain"} <= {text.get_text() for text in texts}
    for text in texts:
        box = text.get_window_extent(renderer)
        assert min(box.x0, box.y0) >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, text.get_text()
