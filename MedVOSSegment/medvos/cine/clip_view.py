"""A clip at the scale of one of the views that it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.clip import Clip
from medvos.cine.clip_region import AS_DRAWN, DRAWN_WITHIN, affine_of, drawn_view
from medvos.cine.geometry import Affine
from medvos.errors import InputError

Shown = TypeVar("Shown", Cine, Clip)


def in_view(shown: Shown, number: int, why: str) -> Shown:
    """Return the clip with the scale, and the note, of another of its views.

    Parameters
    ----------
    shown: a clip, or a cine of one, that shows several views.
    number: of the view. why: it is used, as the end of a sentence.
    """
    source = shown.source
    views = source.views.choosing(number, why)
    view = views.view
    if view is None:
        raise ValueError(f"there is no region {number}")
    notes = tuple(views.note if note == source.views.note else note for note in source.notes)
    source = replace(source, views=views, notes=notes, spacing_known=view.spacing is not None)
    changed = replace(shown, source=source, affine=affine_of(view.spacing))
    return replace(changed, box=view.box) if isinstance(changed, Clip) else changed


def in_drawn_view(cine: Cine, labels: NDArray[np.uint8]) -> Cine:
    """Return the cine at the scale of the view in which labels (T, 1, Y, X) lie; as it is where it shows one view.

    Raises
    ------
    InputError: they lie in two views, or in none.
    """
    drawn = np.asarray((labels > 0).any(axis=(0, 1)))
    views = cine.source.views
    if views.all and not views.several and drawn.any() and views.all[0].part_inside(drawn) < DRAWN_WITHIN:
        raise InputError(
            "The drawing lies outside the region that the file describes, so its scale is not known: draw in that "
            "region."
        )
    if not views.several or not drawn.any():
        return cine
    view = drawn_view(cine.source.views, drawn)
    return cine if view.number == cine.source.views.used else in_view(cine, view.number, AS_DRAWN)


def in_labelled_view(cine: Cine, labels: NDArray[np.uint8]) -> Cine:
    """Return the cine at the scale of the view in which most of the labels (T, 1, Y, X) lie."""
    drawn = np.asarray((labels > 0).any(axis=(0, 1)))
    if not cine.source.views.several or not drawn.any():
        return cine
    view = max(cine.source.views.all, key=lambda view: (round(view.part_inside(drawn), 2), -view.pixels))
    return cine if view.number == cine.source.views.used else in_view(cine, view.number, AS_DRAWN)


def at_scale_of(cine: Cine, affine: Affine) -> Cine:
    """Return the cine at the scale of that of its views whose pixels have the size of this affine (4, 4), if any."""
    views = cine.source.views
    if not views.several or _sizes(affine) == _sizes(cine.affine):
        return cine
    fitting = (view for view in views.all if _sizes(affine_of(view.spacing)) == _sizes(affine))
    view = next(fitting, None)
    return cine if view is None else in_view(cine, view.number, AS_DRAWN)


def _sizes(affine: Affine) -> list[float]:
    """Distances of voxel centres along the axes, whatever their order."""
    return sorted(np.linalg.norm(affine[:3, :3], axis=0).round(3).tolist())
