"""The views that one ultrasound image shows side by side or one in another, each at a scale of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medvos.cine.geometry import LPS_TO_RAS, Affine
from medvos.errors import InputError

# Part of a drawing that must lie in a view for it to be drawn there: a contour may cross the view's border a little.
DRAWN_WITHIN = 0.8
# Two views that differ less in size are equally likely to be the one that is meant.
CLEARLY_LARGER = 1.5
SAME_SPACING = 1e-4  # relative
AS_DRAWN = "the LV is drawn in it"


class View(NamedTuple):
    """One view of a clip.

    Attributes
    ----------
    number: from 1, in the order of the file.
    top, bottom, left, right: rows and columns of the image, bottom and right excluded.
    spacing: (y, x) mm between pixels, None where it is not known.
    flow: whether the file says that it shows colours of flow.
    """

    number: int
    top: int
    bottom: int
    left: int
    right: int
    spacing: tuple[float, float] | None
    flow: bool = False

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return (self.bottom - self.top) * (self.right - self.left)

    def part_inside(self, mask: NDArray[np.bool_]) -> float:
        """Return the fraction of a mask (Y, X), which is not empty, that lies in the view."""
        return float(mask[self.box].sum() / mask.sum())

    def overlap(self, other: View) -> int:
        """Return the number of pixels that both views have."""
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        width = min(self.right, other.right) - max(self.left, other.left)
        return max(0, height) * max(0, width)

    def __str__(self) -> str:
        """Return where the view lies and its scale, in words."""
        scale = "of unknown size" if self.spacing is None else f"of {_size(self.spacing)} mm"
        columns, rows = f"{self.left} to {self.right - 1}", f"{self.top} to {self.bottom - 1}"
        return f"region {self.number} (columns {columns}, rows {rows}, pixels {scale}{', colours' * self.flow})"


@dataclass(frozen=True)
class Views:
    """All views of a clip.

    Attributes
    ----------
    all: in the order of the file; fewer than two where the whole image is one view.
    used: number of the view whose scale is the clip's.
    why: it is the one that is used, as the end of a sentence.
    """

    all: tuple[View, ...] = ()
    used: int = 0
    why: str = ""

    @property
    def several(self) -> bool:
        """Whether there is a choice."""
        return len(self.all) > 1

    @property
    def view(self) -> View | None:
        """The view that is used."""
        return next((view for view in self.all if view.number == self.used), None)

    @property
    def note(self) -> str:
        """Which views there are and which one is used, in one sentence."""
        listed = "; ".join(map(str, self.all))
        return f"The clip shows {len(self.all)} regions: {listed}. Region {self.used} is measured: {self.why}."

    def choosing(self, number: int, why: str) -> Views:
        """Return the same views with another one used."""
        return replace(self, used=number, why=why)


def preferred(views: Sequence[View]) -> tuple[list[View], str]:
    """Return the views that are equally likely to be meant where nothing is drawn, the best first, and why the first.

    Views whose scale is known come first, those without colours of flow before others of the same size, larger ones
    before smaller ones.
    """
    ordered = sorted(views, key=lambda view: (view.spacing is None, -view.pixels, view.flow, view.number))
    first = ordered[0]
    near = [
        view
        for view in ordered
        if (view.spacing is None) == (first.spacing is None) and view.pixels * CLEARLY_LARGER > first.pixels
    ]
    plain = [view for view in near if not view.flow] or near
    if len(plain) == 1:
        others = [view for view in near if view.flow and view is not plain[0]]
        return plain, "it shows no colours of flow" if others else "it is the largest"
    return plain, "it is the first of those of its size"


def drawn_view(views: Views, drawn: NDArray[np.bool_]) -> View:
    """Return the view in which a drawing (Y, X) lies; of views that lie one in another, the smaller one.

    Raises
    ------
    InputError: it lies in two views, or in none.
    """
    inside = [view for view in views.all if view.part_inside(drawn) >= DRAWN_WITHIN]
    if inside:
        return min(inside, key=lambda view: view.pixels)
    touched = [view for view in views.all if view.part_inside(drawn) > 0]
    where = f"in more than one of the {len(views.all)} regions" if len(touched) > 1 else "outside the regions"
    listed = "; ".join(map(str, views.all))
    raise InputError(f"The drawing lies {where} that the clip shows: draw the LV in one of them alone, {listed}.")


def affine_of(spacing: tuple[float, float] | None) -> Affine:
    """Return the affine of a clip with pixels of (y, x) mm; 1 mm where that is not known."""
    y, x = spacing or (1.0, 1.0)
    return np.asarray(LPS_TO_RAS @ np.diag([x, y, 1.0, 1.0]))


def plain(views: Views) -> dict[str, Any]:
    """Return the views as JSON values."""
    return {"used": views.used, "why": views.why, "all": [list(view) for view in views.all]}


def from_plain(stored: dict[str, Any]) -> Views:
    """Return the views that `plain` stored."""
    found = [
        View(number, top, bottom, left, right, None if spacing is None else (spacing[0], spacing[1]), flow)
        for number, top, bottom, left, right, spacing, flow in stored["all"]
    ]
    return Views(tuple(found), stored["used"], stored["why"])


def _size(spacing: tuple[float, float]) -> str:
    y, x = spacing
    return f"{x:.3f}" if abs(y - x) <= SAME_SPACING * x else f"{x:.3f} x {y:.3f}"
