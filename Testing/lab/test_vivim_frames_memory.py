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


def test_attention_that_would_not_fit_is_not_run():
    found = costs(TINY_VIVIM, True, [150], 256)
    # 150 x 32 x 32 tokens at stride 8, four bytes a weight, before and after the softmax
    assert found == [Cost(150, 2 * 4 * (150 * 32 * 32) ** 2 / 1e6, None)]
    assert found[0].megabytes > 1000 * frames_memory.LIMIT_GB


def test_full_attention_lets_every_token_see_every_other():
    torch.manual_seed(0)
    attention = FullAttention(8)
    clip = torch.randn(1, 2, 3, 3, 8)
    other = clip.clone()
    other[0, 1, 2, 2] += 3
    assert ((attention(clip) - attention(other)).abs() > 1e-7).any(-1).all()


def test_the_table_has_both_ways_side_by_side():
    text = "\n".join(memory_markdown({"vivim": [Cost(5, 300, 1.0)], "full attention": [Cost(5, 9000, None)]}))
    assert "| frames | vivim, MB | s | full attention, MB | s |" in text
    assert "| 5 | 300 | 1.0 | over 9000 | – |" in text
