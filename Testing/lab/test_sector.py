from __future__ import annotations

import numpy as np
import torch

from medvos_lab import sector
from medvos_lab.motion.flow import identity
from medvos_lab.sector import in_sector

POSITIONS = identity(64).expand(40, 3, -1, -1, -1)


def test_half_of_the_clips_keep_their_sector_and_the_others_lose_sides_depth_or_tip():
    seen = in_sector(POSITIONS, np.random.default_rng(0))
    whole = seen.flatten(1).all(1)
    assert 0.25 < whole.float().mean() < 0.75
    changed = seen[~whole][:, 0]
    assert (changed[:, 60, 4] == 0).any() and (changed[:, 63] == 0).all(1).any()
    # The middle of the sector, where the LV is, is always seen.
    assert changed[:, 30, 28:36].all()


def test_the_frames_of_a_clip_share_their_sector():
    seen = in_sector(POSITIONS, np.random.default_rng(1))
    assert torch.equal(seen[:, 0], seen[:, 1]) and torch.equal(seen[:, 0], seen[:, 2])


def test_the_sector_turns_with_the_probe():
    turned = POSITIONS.flip(-1)  # x and y change places: the tip is on the left
    seen = in_sector(turned, np.random.default_rng(0))[:, 0]
    assert torch.equal(seen.transpose(1, 2), in_sector(POSITIONS, np.random.default_rng(0))[:, 0])


def test_one_that_is_never_changed_shows_everything(monkeypatch):
    monkeypatch.setattr(sector, "CHANGED", 0.0)
    assert in_sector(POSITIONS, np.random.default_rng(0)).all()
