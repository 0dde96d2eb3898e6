"""A cache of the 90 % intervals of the volume at each phase, of one structure at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.measure.intervals import BANDS_BEFORE, Tables, band, constants_of, no_wider_band
from medvos.measure.volumes import voxel_ml
from medvos.structures import LV, RV, name_of
from medvos.uncertainty.areas import STATED
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.label_cache import fingerprint

# A band of the wall would lie over those of the ventricles.
BANDED = (LV, RV)


class BandCache:
    """The bands of the current segments; each takes some ten milliseconds."""

    def __init__(self, edit: HeartEdit) -> None:
        self._edit = edit
        self._of: tuple[int, int, bytes] | None = None
        self._bands: dict[int, NDArray[np.float64]] = {}

    def step(self, tables: Callable[[], Tables], settled: NDArray[np.bool_]) -> bool:
        """Compute the band of the next structure; return whether none was left, so that nothing follows a long call.

        Parameters
        ----------
        tables: gives label number to (T, Z, D) areas, see `medvos.uncertainty.areas`.
        settled: (T, Z) bool, slices that the user has drawn or accepted.
        """
        self._forget(settled)
        left = [] if self._edit.cine.is_echo else [label for label in BANDED if label not in self._bands]
        if not left:
            return True
        areas = tables().get(left[0])
        self._bands[left[0]] = np.empty((2, 0)) if areas is None else self._band(left[0], areas)
        return False

    def bands(
        self, tables: Tables, settled: NDArray[np.bool_], curves: Mapping[str, NDArray[np.float64]]
    ) -> dict[str, NDArray[np.float64]]:
        """Return structure name to (2, T) mL, the ends of the interval around each of ``curves``."""
        while not self.step(lambda: tables, settled):
            pass
        found = {}
        for label, (low, high) in self._bands.items():
            curve = curves.get(name_of(label))
            if curve is not None and low.size:
                ends = np.stack([np.minimum(low, curve), np.maximum(high, curve)])
                widest = self._constants.get(BANDS_BEFORE, {}).get(name_of(label))
                found[name_of(label)] = no_wider_band(ends, curve, widest)
        return found

    def _forget(self, settled: NDArray[np.bool_]) -> None:
        now = fingerprint(self._edit.cache.marks), id(self._edit.state.findings), settled.tobytes()
        if now != self._of:
            self._of, self._bands = now, {}

    def _band(self, label: int, areas: NDArray[np.float32]) -> NDArray[np.float64]:
        cine = self._edit.cine
        curve = voxel_ml(cine.affine) * areas[..., STATED].sum(axis=1).astype(np.float64)
        return band(curve, label, areas, self._constants, cine)

    @property
    def _constants(self) -> Mapping[str, Any]:
        found = self._edit.state.findings
        return constants_of({} if found is None else found.provenance)
