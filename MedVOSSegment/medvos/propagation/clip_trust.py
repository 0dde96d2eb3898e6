"""How far the network follows a structure of a clip by itself, and the motion of the images beside it.

A structure that the network never learnt is lost, or turned into one that it knows. Whether it is followed shows before
the clip is segmented: the drawing is predicted in frames near it, and back from there. What does not come back is
carried by the motion of the images (`clip_motion.py`). A little of the motion is blended in everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from medvos.models.tcmn.follow import follow, remember
from medvos.models.tcmn.network import Tcmn
from medvos.propagation.clip_motion import ClipMotion
from medvos.result import LEAST_FOLLOWED
from medvos.uncertainty.likeliest import likeliest

# Chosen on the first ten validation studies of CAMUS and patients of ACDC, and on 50 of EchoNet's validation pairs.
WEIGHT = 0.3  # of a motion without any doubt, where the network follows the structure
LARGEST_WEIGHT = 0.85  # where it does not
# The drawing that came back: mean distance of the borders, in pixels of the network's image, from and up to which a
# structure is followed wholly or not at all, and the same of its Dice, which is low for a thin wall that is right.
DISTANCE = (1.0, 2.0)
DICE = (0.92, 0.8)


@torch.inference_mode()
def followed(network: Tcmn, image: Tensor, masks: Tensor, others: Iterable[Tensor]) -> Tensor:
    """Predict a drawing in other frames and back; return how well each structure comes back.

    Parameters
    ----------
    network: in evaluation mode.
    image: (H, W), the drawn frame, normalised.
    masks: (S, H, W) in [0, 1].
    others: (H, W) each, frames near it. Without any, the drawn frame itself is read.

    Returns
    -------
    (S,) from 0, not followed, to 1, the mean over these frames; NaN if a structure is not drawn.

    >>> followed(network, frames[0], masks, [frames[9]])
    tensor([1.])
    """
    drawn, memory = (masks > 0.5).cpu(), remember(network, image, masks)
    found = []
    for other in list(others) or [image]:
        there = next(follow(network, memory, [other]))
        back = likeliest(next(follow(network, remember(network, other, there[1:]), [image]))[None])[0].cpu()
        found.append([agreement(mask.numpy(), (back == slot).numpy()) for slot, mask in enumerate(drawn, start=1)])
    return torch.tensor(found).mean(0)


def agreement(drawn: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """Return how well a mask (Y, X) came back: 1 if its borders are near or its Dice is high, down to 0; NaN if empty.

    >>> agreement(mask, mask)
    1.0
    """
    if not drawn.any():
        return float("nan")
    if not found.any():
        return 0.0
    borders = [mask & ~ndimage.binary_erosion(mask) for mask in (drawn, found)]
    to_borders = [ndimage.distance_transform_edt(~border) for border in borders]
    distance = np.concatenate([to_borders[1][borders[0]], to_borders[0][borders[1]]]).mean()
    dice = 2 * (drawn & found).sum() / (drawn.sum() + found.sum())
    return max(_between(distance, *DISTANCE), _between(dice, *DICE))


def _between(value: float, whole: float, none: float) -> float:
    return float(np.clip((none - value) / (none - whole), 0, 1))


class BesideMotion:
    """Blends masks that motion carries into what the network finds, group by group of consecutive frames.

    Parameters
    ----------
    image: (H, W), the drawn frame, normalised.
    masks: (S, H, W) in [0, 1].
    trust: (S,) in [0, 1], how well the network follows each structure.

    >>> list(follow(network, memory, frames, BesideMotion(frame, masks, followed(network, frame, masks, others))))
    """

    def __init__(self, image: Tensor, masks: Tensor, trust: Tensor) -> None:
        self._motion = ClipMotion(image, masks)
        # A structure that is not drawn here has nothing to carry.
        drawn = (masks > 0.5).any(2).any(1)
        self._doubt = (1 - trust.nan_to_num(1.0))[:, None, None]
        self._drawn = drawn[:, None, None]

    def __call__(self, images: Tensor, probabilities: Tensor) -> Tensor:
        """Return the probabilities (N, S + 1, H, W) of the next frames (N, H, W), background first."""
        maps = self._motion.carry(images)
        carried, confidence = maps[:, :-1], maps[:, -1:]
        structures, usual = probabilities[:, 1:], WEIGHT * confidence.sqrt()
        weight = (usual + self._doubt * (LARGEST_WEIGHT - usual)) * self._drawn
        blended = structures + weight * (carried - structures)
        # Structures that are weighted differently can add up to more than 1.
        blended = blended / blended.sum(1, keepdim=True).clamp(min=1)
        return torch.cat([1 - blended.sum(1, keepdim=True), blended], 1)


def not_followed(trust: Mapping[str, float]) -> list[str]:
    """Return a sentence on each structure that motion alone carries.

    >>> not_followed({"LV": 1.0, "LA": 0.0})
    ['The network does not know LA as it was drawn; the motion of the images carries it. Check it in all frames.']
    """
    return [
        f"The network does not know {name} as it was drawn; the motion of the images carries it. Check it in all "
        "frames."
        for name, value in trust.items()
        if value < LEAST_FOLLOWED
    ]


def near(times_ms: Sequence[float], drawn: int, within_ms: float = 300.0) -> Iterator[int]:
    """Yield up to two frames other than the drawn one: as far as systole lasts before and after it, or the clip's ends.

    >>> list(near([0.0, 100.0, 200.0, 300.0, 400.0], 1))
    [0, 4]
    """
    for sign in (-1, 1):
        reach = [
            frame
            for frame, time in enumerate(times_ms)
            if sign * (frame - drawn) > 0 and sign * (time - times_ms[drawn]) <= within_ms
        ]
        neighbour = drawn + sign
        if reach:
            yield reach[0] if sign < 0 else reach[-1]
        elif 0 <= neighbour < len(times_ms):
            yield neighbour
