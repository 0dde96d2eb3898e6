from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_echo import some_pairs

from medvos.evaluate.metrics import dice
from medvos_lab.datasets.echonet import EchoPairs
from medvos_lab.motion import registration
from medvos_lab.motion.flow import displacement, follow, identity, look_up


@pytest.fixture(scope="module")
def pairs() -> EchoPairs:
    return some_pairs(2, side=112)


@pytest.fixture(scope="module")
def velocities(pairs: EchoPairs) -> torch.Tensor:
    return torch.from_numpy(registration.register(pairs).astype(np.float32))


@pytest.mark.parametrize(("start", "fraction"), [(0, -1.0), (1, 1.0)])
def test_the_lv_is_carried_from_either_phase_to_the_other(pairs, velocities, start, fraction):
    where = follow(identity(112).expand(2, -1, -1, -1), displacement(velocities, torch.full((2,), fraction)))
    carried = look_up(torch.from_numpy(pairs.masks[:, start, None]).float(), where)[:, 0].numpy() >= 0.5
    for n in range(2):
        before = dice(pairs.masks[n, start], pairs.masks[n, 1 - start])
        assert before < 0.85
        assert dice(carried[n], pairs.masks[n, 1 - start]) > 0.93


def test_the_path_folds_nowhere(velocities):
    moved = displacement(velocities, torch.ones(2)) * 14  # in pixels of its grid
    x, y = moved[:, 0], moved[:, 1]
    turned = (1 + x.diff(dim=2)[:, :-1]) * (1 + y.diff(dim=1)[:, :, :-1])
    assert (turned - x.diff(dim=1)[:, :, :-1] * y.diff(dim=2)[:, :-1]).min() > 0


def test_a_heart_that_stands_still_is_not_moved(pairs):
    still = EchoPairs(pairs.images[:, [0, 0]], pairs.masks[:, [0, 0]])
    assert np.abs(registration.register(still)).max() < 1e-3


def test_paths_are_made_once(pairs, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(registration, "register", lambda p: calls.append(p) or np.ones((2, 2, 14, 14), np.float16))
    for _ in range(2):
        assert registration.registered(pairs, tmp_path / "cache").shape == (2, 2, 14, 14)
    assert len(calls) == 1
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".npy"]
