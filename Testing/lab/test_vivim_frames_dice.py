"""The same beats in fewer frames."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from a_beat import ED, ES, PHASES, a_beat
from tiny_vivim import a_vivim

from medvos.evaluate.metrics import NOT_LABELLED
from medvos_lab.vivim.frames_dice import against_frames, frames_markdown, with_frames


@pytest.mark.parametrize("count", [2, 3, 5, 8, PHASES, 30])
def test_ed_and_es_are_always_among_the_frames(count):
    beat = a_beat()
    case = with_frames(beat, count)
    assert len(case.labels) == min(count, PHASES)
    labelled = [phase for phase, labels in enumerate(case.labels) if not (labels == NOT_LABELLED).any()]
    whole = beat.cropped().cine
    np.testing.assert_array_equal(case.cine.array[labelled], whole.array[[ED, ES]])
    assert (np.diff(case.cine.times) > 0).all() and case.cine.times[-1] < case.cine.period
    for phase, time in enumerate(case.cine.times):
        np.testing.assert_array_equal(case.cine.array[phase], whole.array[list(whole.times).index(time)])


def test_one_frame_is_too_few():
    with pytest.raises(ValueError, match="ED and ES"):
        with_frames(a_beat(), 1)


def test_each_number_of_frames_is_a_row():
    rows = against_frames(a_vivim(), [a_beat(3)], torch.device("cpu"), (2, 5))
    assert set(rows) == {2, 5} and all(0 <= row["Dice mean"] <= 1 for row in rows.values())
    table = "\n".join(frames_markdown({"tiny": rows}))
    assert "1 beats" in table and "| tiny | 2 |" in table and "| tiny | 5 |" in table
