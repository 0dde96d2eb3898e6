"""How much attention and refinement contribute to what an MVO network says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from medvos.models.mvo.guide import Guide
from medvos.models.mvo.network import MvoNetwork
from medvos.models.mvo.refine import Refinement

ATTENTION = "attention in % of the fused maps"
REFINEMENT = "refinement in % of the spread of the log-odds"
Ratio = tuple[float, float]  # squares of the part and of the whole


@torch.inference_mode()
def shares(network: MvoNetwork, beats: Iterable[tuple[Tensor, Tensor]]) -> dict[str, float]:
    """Return the parts of attention and of refinement in %; nan where the network has none.

    Attention: root mean square of what it adds to the maps of a level, of that of the maps; the mean over levels.
    Refinement: root mean square of the change of the log-odds in the wall, of their standard deviation.

    Parameters
    ----------
    network: in evaluation mode.
    beats: frames (B, T, H, W), normalised as at inference, and wall (B, H, W) bool.

    Example
    -------
    >>> shares(load_mvo(resolve("mvo"), device), beats)[ATTENTION]
    8.1
    """
    added: dict[str, list[Ratio]] = {}
    latest: dict[str, Tensor] = {}
    changed: list[Ratio] = []
    wall = torch.zeros(0)

    def of_guide(name: str) -> Callable[..., None]:
        def note(guide: Guide, _: object, fused: Tensor) -> None:
            read = latest[name] if guide.weight is None else guide.weight * latest[name]
            added.setdefault(name, []).append((float(read.square().sum()), float(fused.square().sum())))

        return note

    def of_attention(name: str) -> Callable[..., None]:
        def note(_: nn.Module, __: object, read: Tensor) -> None:
            latest[name] = read

        return note

    def of_refinement(_: Refinement, given: tuple[Tensor, Tensor], found: Tensor) -> None:
        before, after = (logits[:, 1] - logits[:, 0] for logits in (given[0], found))
        inside = after[wall]
        changed.append((float((after - before)[wall].square().sum()), float((inside - inside.mean()).square().sum())))

    with ExitStack() as hooks:
        for name, module in network.named_modules():
            if isinstance(module, Guide) and module.attention is not None:
                hooks.callback(module.attention.register_forward_hook(of_attention(name)).remove)
                hooks.callback(module.register_forward_hook(of_guide(name)).remove)
            if isinstance(module, Refinement):
                hooks.callback(module.register_forward_hook(of_refinement).remove)
        for frames, inside in beats:
            wall = inside
            network(frames, wall)
    levels = [_percent(ratios) for ratios in added.values()]
    return {
        ATTENTION: sum(levels) / len(levels) if levels else float("nan"),
        REFINEMENT: _percent(changed),
    }


def _percent(ratios: list[Ratio]) -> float:
    part, whole = (sum(ratio[i] for ratio in ratios) for i in (0, 1))
    return 100 * (part / whole) ** 0.5 if whole else float("nan")
