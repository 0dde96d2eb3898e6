"""What a report tells of."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine


class Reportable(Protocol):
    """What the words of a report need of a result."""

    @property
    def cine(self) -> Cine: ...
    @property
    def slice_scores(self) -> NDArray[np.float32]: ...
    @property
    def seeds(self) -> NDArray[np.bool_]: ...
    @property
    def provenance(self) -> dict[str, Any]: ...
