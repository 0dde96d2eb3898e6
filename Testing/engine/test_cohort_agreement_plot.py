from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from medvos.cohort.agreement import agreement
from medvos.cohort.agreement_plot import agreement_figure


def texts(figure: Figure) -> str:
    written = [text.get_text() for axes in figure.axes for text in axes.texts]
    return " | ".join([*written, *(axes.get_title(loc="left") for axes in figure.axes)])


def test_each_measure_has_both_plots_with_its_lines():
    truth = np.array([50.0, 60, 70])
    found = [agreement(name, "%", ("a", "b", "c"), truth - (1, 2, 3), truth) for name in ("LVEF", "LVM")]
    figure = agreement_figure(found)
    assert len(figure.axes) == 4
    reported = texts(figure)
    assert "LVEF: 3 cases, r = " in reported
    assert reported.count("bias −2.0") == 2
    assert "+1.96 SD −0.0" in reported


def test_the_case_outside_the_limits_is_named_and_no_other():
    truth = np.full(20, 60.0) + np.arange(20)
    names = (*(f"case {i}" for i in range(19)), "an outlier with quite a long name")
    error = np.where(np.arange(20) == 19, 30.0, np.arange(20) % 2)
    reported = texts(agreement_figure([agreement("LVEF", "%", names, truth + error, truth)]))
    assert "an outlier with q…" in reported
    assert "case 3" not in reported


def test_a_single_case_and_equal_values_can_be_drawn():
    one = agreement("LVEF", "%", ("a",), np.array([50.0]), np.array([50.0]))
    agreement_figure([one]).canvas.draw()
