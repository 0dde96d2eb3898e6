"""The part of a result that the texts of a report need."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine


class Reportable(Protocol):
    """A result without its voxels."""

    @property
    def cine(self) -> Cine: ...
    @property
    def slice_scores(self) -> NDArray[np.float32]: ...
    @property
    def seeds(self) -> NDArray[np.bool_]: ...
    @property
    def provenance(self) -> dict[str, Any]: ...
