from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tiny_echo import TINY_ECHO, an_echo_network

from medvos.models.echo.stream import stream


def whole(network, frames):
    """All frames at once, by windows in which the first and the last frame stand in for those beyond."""
    reach, last = network.config.reach, len(frames) - 1
    windows = [[min(max(t + o, 0), last) for o in range(-reach, reach + 1)] for t in range(len(frames))]
    return torch.sigmoid(network(frames[torch.tensor(windows)]))


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("sizes", [[7], [1] * 7, [3, 0, 4], [2, 5]])
def test_a_clip_in_parts_is_segmented_as_the_whole_clip(k, sizes):
    network = an_echo_network(replace(TINY_ECHO, k=k))
    frames = torch.rand(7, 32, 32)
    with torch.no_grad():
        expected = whole(network, frames)
    found = torch.cat(list(stream(network, frames.split(sizes))))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("count", [1, 2])
def test_a_clip_shorter_than_k_is_segmented_too(count):
    network = an_echo_network(replace(TINY_ECHO, k=5))
    frames = torch.rand(count, 32, 32)
    found = torch.cat(list(stream(network, [frames])))
    with torch.no_grad():
        torch.testing.assert_close(found, whole(network, frames), atol=1e-5, rtol=1e-4)


def test_each_encoder_sees_each_frame_once(monkeypatch):
    network = an_echo_network()
    seen = [0, 0, 0]
    encode = network.encode

    def counting(frames, role):
        seen[role] += len(frames)
        return encode(frames, role)

    monkeypatch.setattr(network, "encode", counting)
    assert sum(len(part) for part in stream(network, torch.rand(9, 32, 32).split(2))) == 9
    assert seen == [9, 9, 9]


def test_results_come_while_the_clip_is_still_being_read():
    network = an_echo_network()
    read = []

    def chunks():
        for i in range(4):
            read.append(i)
            yield torch.rand(2, 32, 32)

    results = stream(network, chunks())
    assert len(next(results)) == 1  # the second frame waits for its neighbour
    assert read == [0]
