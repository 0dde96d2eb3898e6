"""The number format in which networks compute: bfloat16 where the processor has instructions for it, else float32."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from medvos.errors import InputError

INSTRUCTIONS = ("amx_tile", "avx512_bf16")  # Intel's since Sapphire Rapids; AMD's since Zen 4, some of Intel's
PRECISION = "MEDVOS_PRECISION"  # of the environment; "single" makes results comparable digit by digit across machines


def reduced_precision(network: nn.Module, images: Tensor) -> AbstractContextManager[Any]:
    """Return the context in which a network in evaluation mode runs its convolutions on these images.

    On CPUs with instructions for bfloat16 (AMX, AVX512_BF16) the networks are up to twice as fast as in float32. On
    others bfloat16 is slower, and GPUs have not been measured. CSTM's and TCMN's matching and Vivim's scans stay
    outside of it. Training, but for a context of its caller, and ``MEDVOS_PRECISION=single`` use float32.

    >>> with reduced_precision(network, images):
    ...     features = network(images)
    """
    reduced = not network.training and is_reduced(images.device)
    # Nothing rather than a context that is off, which would switch off one around it.
    return torch.autocast(images.device.type, torch.bfloat16) if reduced else nullcontext()


def single_precision(network: nn.Module, maps: Tensor) -> AbstractContextManager[Any]:
    """Return the context in which matching stays in float32 where a network is trained in mixed precision.

    It compares squared distances of keys, and is in float32 at inference too.

    >>> with single_precision(network, query):
    ...     read = dense_readout(query, keys, values)
    """
    kind = maps.device.type
    mixed = network.training and kind in ("cpu", "cuda") and torch.is_autocast_enabled(kind)
    return torch.autocast(kind, enabled=False) if mixed else nullcontext()


def is_reduced(device: torch.device) -> bool:
    """Return whether networks run in bfloat16 on this device.

    >>> is_reduced(torch.device("cuda"))
    False

    Raises
    ------
    InputError: ``MEDVOS_PRECISION`` has another value than ``single``.
    """
    wanted = os.environ.get(PRECISION)
    if wanted not in (None, "", "single"):
        raise InputError(f"{PRECISION} is '{wanted}'; set it to single for float32, or leave it out.")
    return device.type == "cpu" and not wanted and _multiplies_bfloat16()


@cache
def _multiplies_bfloat16() -> bool:
    # Not part of torch's public interface, and not in every version that medvos supports.
    known = (getattr(torch.cpu, f"_is_{name}_supported", None) for name in INSTRUCTIONS)
    return torch.backends.mkldnn.is_available() and any(supported() for supported in known if supported)
