"""Choice of the device."""

from __future__ import annotations

import torch

from medvos.errors import InputError


def choose_device(name: str) -> torch.device:
    """Return the device of a name; ``auto`` takes CUDA, then Apple's MPS, then the CPU.

    Raises
    ------
    InputError: this computer lacks the device.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(device for device, available in there.items() if available))
    if name not in there:
        raise InputError(f"There is no device '{name}'; choose auto, cpu, cuda or mps.")
    if not there[name]:
        raise InputError(f"The device '{name}' was asked for but this computer has none; use --device auto or cpu.")
    return torch.device(name)
