from __future__ import annotations

import pytest
import torch
from tiny_echo import TINY_ECHO, a_film, some_pairs

from medvos_lab.echo.validate import on_clips, on_pairs

CPU = torch.device("cpu")


class DarkIsLv(torch.nn.Module):
    """Knows that the hand-made LV is darker than its tissue."""

    config = TINY_ECHO

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        assert (clips == clips[:, :1]).all()
        lv = 0.2 - clips[:, 1]
        return torch.stack([lv, -lv, -lv], 1)


def test_a_perfect_network_gets_perfect_figures():
    found = on_pairs(DarkIsLv(), some_pairs(side=64), CPU)
    assert found["pairs"] == 4
    assert found["Dice"] == found["Dice ED"] == found["Dice ES"] == 1
    assert found["HD95 in pixels"] == found["EF, mean absolute error in points"] == 0
    assert found["EF, correlation"] == pytest.approx(1)


def test_clips_are_scored_on_their_drawn_frames_and_for_jumps(monkeypatch):
    film = a_film(side=64)
    monkeypatch.setattr(
        "medvos_lab.echo.validate.stream",
        lambda _, chunks: (
            torch.where(i == film.es, 0.0, (chunk < 0.2).float())[:, None] for i, chunk in _numbered(chunks)
        ),
    )
    found = on_clips(DarkIsLv(), [film], CPU)
    assert found["Dice, clips"] == 0.5
    assert found["greatest jump of the area between neighbours in %"] > 1000  # from nothing at ES to an LV


def _numbered(chunks):
    for first, chunk in zip((0,), chunks, strict=True):
        yield torch.arange(first, first + len(chunk))[:, None, None], chunk
