"""Segmentation of every frame of a clip, each frame encoded once, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from medvos.models.echo.network import EchoNetwork, RoleFeatures


@torch.inference_mode()
def stream(network: EchoNetwork, chunks: Iterable[Tensor]) -> Iterator[Tensor]:
    """Yield probabilities of the structures, frame by frame; the first and last frame stand in beyond the ends.

    Parameters
    ----------
    network: in evaluation mode.
    chunks: (N, H, W) consecutive frames, grey values in [0, 1], as many at a time as suits the reader.

    Yields
    ------
    (M, S, H, W) probabilities of the next M frames; all together they are as many as came in.
    """
    k, reach = network.config.k, network.config.reach
    held: list[RoleFeatures] = []
    for chunk in chunks:
        if not len(chunk):
            continue
        new = [network.encode(chunk, role) for role in range(k)]
        held = _joined(held or [_repeated(role, 0, reach) for role in new], new)
        ready = len(held[0].features[0]) - 2 * reach
        if ready > 0:
            yield _decode(network, held, ready)
            held = [role.at(slice(ready, None)) for role in held]
    if held and reach:
        held = _joined(held, [_repeated(role, -1, reach) for role in held])
        yield _decode(network, held, len(held[0].features[0]) - 2 * reach)


def _repeated(role: RoleFeatures, index: int, times: int) -> RoleFeatures:
    return role.at(torch.full((times,), index))


def _joined(before: list[RoleFeatures], after: list[RoleFeatures]) -> list[RoleFeatures]:
    return [RoleFeatures.joined(parts) for parts in zip(before, after, strict=True)]


def _decode(network: EchoNetwork, held: list[RoleFeatures], ready: int) -> Tensor:
    """Return probabilities of the first frames that have all their neighbours."""
    return torch.sigmoid(network.decode([role.at(slice(i, i + ready)) for i, role in enumerate(held)]))
