"""How fast each network was on this computer, kept in Slicer's settings."""

from __future__ import annotations

import qt


class RunTimes:
    """Seconds for a frame of the last run of each network on each device."""

    def expected(self, model: str, device: str, frames: int) -> float | None:
        """Return the seconds that ``frames`` frames should take; None where the network has not run here yet."""
        saved = qt.QSettings().value(_key(model, device))
        try:
            # A file of settings gives numbers back as text.
            return float(saved) * frames
        except (TypeError, ValueError):
            return None

    def remember(self, model: str, device: str, frames: int, seconds: float) -> None:
        """Keep the duration of a run."""
        if frames > 0:
            qt.QSettings().setValue(_key(model, device), seconds / frames)


def _key(model: str, device: str) -> str:
    return f"MedVOSSegment/SecondsPerFrame/{model}/{device}"
