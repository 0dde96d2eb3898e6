"""The device of the segmentation process, which a process of its own reports, since only its PyTorch knows."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from MedVOSSegmentLib.text import tr

_PACKAGES = Path(__file__).resolve().parents[1]
_ASK = """
from medvos.models.device import choose_device
import torch
device = choose_device("auto")
print(device.type, torch.cuda.get_device_name(0) if device.type == "cuda" else "", sep="\\t")
"""


@dataclass(frozen=True)
class FoundDevice:
    """`kind` is cuda, mps or cpu, or None where PyTorch is not installed; `name` is that of a graphics card."""

    kind: str | None
    name: str = ""


class DeviceProbe:
    """Asks in the background; the answer takes one or two seconds."""

    def __init__(self, python: str | Path, environment: Mapping[str, str] | None = None) -> None:
        environment = dict(os.environ if environment is None else environment)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_PACKAGES), environment.get("PYTHONPATH"))))
        try:
            self._process: subprocess.Popen[str] | None = subprocess.Popen(
                [str(python), "-c", _ASK],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            # The start of a segmentation reports the fault of this Python.
            self._process = None

    def poll(self) -> FoundDevice | None:
        """Return the device, or None before the answer."""
        if self._process is None:
            return FoundDevice(None)
        if self._process.poll() is None:
            return None
        kind, _, name = self._process.communicate()[0].strip().partition("\t")
        return FoundDevice(kind or None, name)

    def close(self) -> None:
        """Stop asking."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


def describe_device(device: FoundDevice | None, wanted: str, seconds: float | None) -> str:
    """Say which device will be used for `wanted` (auto, cpu, cuda or mps), and the expected `seconds`, if known."""
    if device is None:
        return tr("Looking for a graphics card\N{HORIZONTAL ELLIPSIS}")
    if device.kind is None:
        return tr("PyTorch is not installed yet: Slicer asks before it installs it, when you start the segmentation.")
    kind = device.kind if wanted == "auto" else wanted
    if kind != "cpu" and kind != device.kind:
        return tr("This computer has no such graphics card that PyTorch can use: choose Automatic or Processor.")
    if kind == "cpu":
        used = tr("The processor will be used")
    elif device.name:
        used = tr("The graphics card {name} will be used").format(name=device.name)
    else:
        used = tr("The graphics card of this Mac will be used")
    if seconds is None:
        return f"{used}."
    return tr("{used}: about {seconds} s, as fast as the last run on this computer.").format(
        used=used, seconds=max(1, round(seconds))
    )
