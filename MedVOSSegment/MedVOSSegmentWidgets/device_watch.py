"""The device on which the second process will compute, looked for in the background."""

from __future__ import annotations

from MedVOSSegmentLib.device_probe import DeviceProbe, FoundDevice


class DeviceWatch:
    """Looks for the device at once, and again after PyTorch was installed.

    Attributes
    ----------
    found: the device; None before the first answer.
    """

    def __init__(self, python: str) -> None:
        self._python = python
        self._probe: DeviceProbe | None = DeviceProbe(python)
        self.found: FoundDevice | None = None

    def poll(self) -> bool:
        """Return whether the device was found just now."""
        answer = None if self._probe is None else self._probe.poll()
        if answer is None:
            return False
        self.found, self._probe = answer, None
        return True

    def look_again(self) -> None:
        """Look once more where PyTorch was not installed."""
        if self._probe is None and self.found == FoundDevice(None):
            self._probe = DeviceProbe(self._python)

    def close(self) -> None:
        """Stop looking."""
        if self._probe is not None:
            self._probe.close()
            self._probe = None
