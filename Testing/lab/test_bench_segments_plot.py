"""The plots of the segments name slices as the report does."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.axes import Axes

from medvos.synth.heart import synthetic_heart
from medvos_lab.bench.segments_plot import write_segments_plot
from medvos_lab.datasets.labelled import LabelledCine


def test_slices_are_counted_from_1_with_the_base_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    titles: list[str] = []
    monkeypatch.setattr(Axes, "set_title", lambda _, text, **more: titles.append(text))
    heart = synthetic_heart(1, shape=(2, 9, 64, 64), spacing=(10.0, 3.0, 3.0), kind="healthy")
    write_segments_plot(tmp_path / "segments.png", [(LabelledCine("synthetic", heart.cine, heart.labels, ""), 0, 1)])
    numbers = [int(title.removeprefix("slice ")) for title in titles if title.startswith("slice ")]
    assert (tmp_path / "segments.png").is_file()
    assert numbers[0] == max(numbers) and min(numbers) == 1
