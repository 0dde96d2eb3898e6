"""A warning where the two ventricles would eject different volumes in one beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from MedVOSSegmentLib.text import tr

# Of the larger stroke volume. The experts' contours of 22 of 100 ACDC patients differ by more.
DIFFERENCE = 0.4


def stroke_warning(measures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a sentence where LVSV and RVSV of ``report.json`` differ by more than their 90 % intervals explain.

    It is empty where they agree, or one is not known.
    """
    left, right = measures.get("LVSV", {}), measures.get("RVSV", {})
    lv, rv = left.get("value"), right.get("value")
    if lv is None or rv is None:
        return ""
    most = max(lv, rv)
    if most <= 0 or abs(lv - rv) <= DIFFERENCE * most or _meet(left.get("interval"), right.get("interval")):
        return ""
    return tr(
        "LV and RV eject {lv:.0f} and {rv:.0f} mL: look at the basal slices at ED and ES. "
        "A leaking valve or a shunt makes such a difference, too."
    ).format(lv=lv, rv=rv)


def _meet(left: Any, right: Any) -> bool:
    return bool(left and right and left[0] <= right[1] and right[0] <= left[1])
