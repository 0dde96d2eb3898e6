"""Propagation of a drawing through a clip, frame after frame, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import torch
from torch import Tensor

from medvos.models.tcmn.bank import EVERY, Bank
from medvos.models.tcmn.network import Memory, Tcmn


@torch.inference_mode()
def remember(network: Tcmn, image: Tensor, masks: Tensor) -> Memory:
    """Return a drawn frame as a memory of one entry.

    Parameters
    ----------
    network: in evaluation mode.
    image: (H, W), normalised.
    masks: (S, H, W) in [0, 1].
    """
    frame = network.encode_frame(image[None])
    return Memory.of(frame, network.encode_masks(frame, masks[None]))


@torch.inference_mode()
def follow(
    network: Tcmn,
    drawn: Memory,
    images: Iterable[Tensor],
    improve: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> Iterator[Tensor]:
    """Yield the structures in consecutive frames, the nearest to the drawn one first, in either direction of time.

    Parameters
    ----------
    network: in evaluation mode.
    drawn: one clip's drawn frames, as many entries as there are; every structure counts that is in any of them.
    images: (H, W) each, normalised. They are read five at a time, for memory stays the same for so long.
    improve: given these images (N, H, W) and their probabilities (N, S + 1, H, W), returns the probabilities that are
        remembered and yielded; default those of the network.

    Yields
    ------
    (S + 1, H, W) probabilities of the next frame, background first.
    """
    bank = Bank(drawn)
    frames = iter(images)
    while chunk := list(islice(frames, EVERY)):
        stacked = torch.stack(chunk)
        encoded = network.encode_frame(stacked)
        seeded = torch.ones(len(chunk), drawn.values.shape[2], dtype=torch.bool, device=drawn.values.device)
        size = (chunk[0].shape[0], chunk[0].shape[1])
        probabilities = network.segment(encoded, bank.memory, seeded, size).softmax(1)
        if improve is not None:
            probabilities = improve(stacked, probabilities)
        yield from probabilities
        if len(chunk) == EVERY:
            last = encoded.at(slice(-1, None))
            bank.add(Memory.of(last, network.encode_masks(last, probabilities[-1:, 1:])))
