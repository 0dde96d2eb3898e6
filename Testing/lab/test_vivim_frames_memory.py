"""Memory against frames."""

from __future__ import annotations

import os

import torch
from tiny_vivim import TINY_VIVIM

from medvos_lab.vivim import frames_memory
from medvos_lab.vivim.bench import memory_markdown
from medvos_lab.vivim.frames_memory import Cost, FullAttention, costs


def test_every_clip_is_run_in_a_process_of_its_own():
    (cost,) = costs(TINY_VIVIM, False, [2], 32)
    assert cost.frames == 2 and cost.megabytes > 50 and cost.seconds is not None


def test_memory_of_the_process_that_asks_is_not_counted():
    held = bytearray(os.urandom(1 << 20) * 800)
    (cost,) = costs(TINY_VIVIM, False, [2], 32)
    assert cost.megabytes < len(held) / 1e6


def test_attention_whose_time_is_too_long_is_not_run(monkeypatch):
    monkeypatch.setattr(frames_memory, "LIMIT_S", 0.0)
    first, second = costs(TINY_VIVIM, True, [1, 3], 32)
    assert first.megabytes is not None
    assert second == Cost(3, None, 9 * first.seconds)


def test_full_attention_never_holds_its_weights():
    (cost,) = costs(TINY_VIVIM, True, [12], 256)
    tokens = 12 * (256 // 8) ** 2
    assert cost.megabytes is not None and cost.megabytes < 4 * tokens**2 / 1e6  # once, in single precision: 604 MB


def test_full_attention_is_that_of_its_definition():
    torch.manual_seed(0)
    attention = FullAttention(8)
    clip = torch.randn(1, 2, 3, 3, 8)
    query, key, value = attention.enter(clip).reshape(18, 24).chunk(3, -1)
    expected = attention.leave((query @ key.T / 8**0.5).softmax(-1) @ value).reshape(clip.shape)
    torch.testing.assert_close(attention(clip), expected, atol=1e-5, rtol=1e-4)


def test_full_attention_lets_every_token_see_every_other():
    torch.manual_seed(0)
    attention = FullAttention(8)
    clip = torch.randn(1, 2, 3, 3, 8)
    other = clip.clone()
    other[0, 1, 2, 2] += 3
    assert ((attention(clip) - attention(other)).abs() > 1e-7).any(-1).all()


def test_the_table_has_both_ways_side_by_side():
    text = "\n".join(memory_markdown({"vivim": [Cost(5, 300, 1.0)], "full attention": [Cost(5, None, 600.0)]}))
    assert "| frames | vivim, MB | s | full attention, MB | s |" in text
    assert "| 5 | 300 | 1.0 | – | about 600 |" in text
