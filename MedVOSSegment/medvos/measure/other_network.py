"""Compare the LVEF with that of the second network, which sees no drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.measure.doubt import Doubt
from medvos.measure.measures import Measures

# Points of LVEF. Of 40 results of ACDC's 20 validation patients (every phase, and from ED to ES at once), 6 differ by
# more: all of these EFs are wrong by 3.7 points or more, and so are 4 of the other 34.
EFS_DIFFER = 4.0


def opinion_doubts(
    measures: Measures,
    areas: NDArray[np.number] | None,
    settled: NDArray[np.bool_],
    provenance: Mapping[str, Any],
    spacing: tuple[float, float, float],
) -> list[Doubt]:
    """Return the doubt, in a list, on an LVEF that the second network does not confirm.

    Parameters
    ----------
    measures: of a short-axis stack.
    areas: (T, Z) voxels of the LV in the result; None without an LV.
    settled: (T, Z) bool: slices that the reader drew or accepted, which the second network has no say in.
    provenance: of the result; it has the areas that the second network found, if it was asked and agrees with the
        drawing.
    spacing: (z, y, x) in mm.

    >>> opinion_doubts(measures, areas, seeds, result.provenance, cine.spacing)[0].moves
    {'LVEF': (12.1, 0.0)}
    """
    stated = provenance.get("second_opinion", {}).get("lv_mm2")
    value = measures["LVEF"].value if "LVEF" in measures else None
    if stated is None or areas is None or value is None or measures.ed is None or measures.es is None:
        return []
    found = np.array(stated, np.float64)
    if found.shape != areas.shape:
        return []
    volumes = np.where(settled, areas * (spacing[1] * spacing[2]), found).sum(axis=1)
    if not volumes[measures.ed]:
        return []
    other = 100 * (1 - volumes[measures.es] / volumes[measures.ed])
    if abs(other - value) < EFS_DIFFER:
        return []
    move = (value - other, 0.0) if other < value else (0.0, other - value)
    reason = (
        f"a second network, which does not see the drawing, finds an LVEF of {other:.0f} % and not {value:.0f} %: look "
        "at the LV at ED and ES"
    )
    return [Doubt(reason, moves={"LVEF": move})]
