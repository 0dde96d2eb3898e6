"""Segments of 3D Slicer's `.seg.nrrd`: their names, and their layers as one label map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.label_choice import LEFT_OUT, OTHER, key_of
from medvos.cine.label_names import Part, part_named
from medvos.errors import InputError
from medvos.structures import LA, LV, MVO, MYO, RV

PART_OF = {LV: Part.LV, MYO: Part.MYO, RV: Part.RV, MVO: Part.MVO, LA: Part.LA, OTHER: Part.OTHER}
# From the outside in: where two overlap, the inner one counts.
INWARD = (Part.RV, Part.WHOLE_LV, Part.MYO, Part.LV, Part.MVO)
# Of the smaller of two structures that lie beside each other, more than this in both is no rim but a mistake.
MOST_SHARED = 0.2


@dataclass(frozen=True)
class Segment:
    """A segment of the header: `name` as the user sees it, `part` as its name or terminology says, None if unknown.

    `value` is its label in `layer`.
    """

    name: str
    part: Part | None
    value: int
    layer: int
    identifier: str = ""


@dataclass(frozen=True)
class Flat:
    """All layers as one label map (Z, Y, X), `parts` and `names` of its labels, and notes on overlaps."""

    labels: NDArray
    parts: dict[int, Part | None]
    names: dict[int, str]
    notes: tuple[str, ...] = ()


def has_segments(header: Mapping[str, Any]) -> bool:
    """Return whether the header of an NRRD describes segments."""
    return any(key.startswith("Segment0_") for key in header)


def segments_of(header: Mapping[str, Any], name: str, choice: Mapping[str, int] | None = None) -> list[Segment]:
    """Return the segments of a header; where the user gives a `choice`, names and terminology are not compared.

    Raises
    ------
    InputError: the name of a segment and its terminology are of different structures.
    """
    several = len(header["sizes"]) == 4
    found = []
    for n in range(4096):
        fields = {key: header.get(f"Segment{n}_{key}") for key in ("ID", "Name", "Tags", "LabelValue", "Layer")}
        if all(value is None for value in fields.values()):
            break
        # Versions of Slicer before label maps were shared wrote each segment into a layer of its own, as 1.
        value = int(fields["LabelValue"] or (1 if several else n + 1))
        layer = int(fields["Layer"] or (n if several and fields["Layer"] is None else 0))
        identifier = str(fields["ID"] or "")
        title = str(fields["Name"] or identifier or f"segment {n + 1}")
        part = None if choice is not None else _part(title, identifier, str(fields["Tags"] or ""), name)
        found.append(Segment(title, part, value, layer, identifier))
    return found


def flat(voxels: NDArray, segments: list[Segment], name: str, choice: Mapping[str, int] | None = None) -> Flat:
    """Return the layers (L, Z, Y, X) or the one layer (Z, Y, X) as one label map.

    `choice` as `medvos.cine.label_choice.read_choice` returns it tells what segments are, in place of their names.

    Raises
    ------
    InputError: segments overlap that cannot both be kept.
    """
    layers = voxels if voxels.ndim == 4 else voxels[None]
    segments = [one if choice is None else _chosen(one, choice) for one in segments]
    drawn = [one for one in segments if one.layer < len(layers) and (layers[one.layer] == one.value).any()]
    if len(layers) == 1:
        parts = {one.value: one.part for one in drawn}
        return Flat(layers[0], parts, {one.value: one.name for one in drawn})
    masks = {n: layers[one.layer] == one.value for n, one in enumerate(drawn)}
    values = _own_values(drawn)
    notes = _overlaps(drawn, masks, name)
    whole = np.zeros(layers.shape[1:], np.int32)
    rank = {part: n for n, part in enumerate(INWARD)}
    for n in sorted(masks, key=lambda n: (rank.get(drawn[n].part, -1), -int(masks[n].sum()))):  # type: ignore[arg-type]
        whole[masks[n]] = values[n]
    parts = {values[n]: one.part for n, one in enumerate(drawn)}
    return Flat(whole, parts, {values[n]: one.name for n, one in enumerate(drawn)}, tuple(notes))


def _part(title: str, identifier: str, tags: str, name: str) -> Part | None:
    """What a segment is, by its name, else by its terminology, else by its identifier."""
    by_name, by_code = part_named(title), _by_terminology(tags)
    ring = {Part.MYO, Part.WHOLE_LV}
    known = {part for part in (by_name, by_code) if part not in (None, Part.OTHER)}
    if len(known) == 2 and known != ring:
        marked = by_code.value if by_code else ""
        raise InputError(
            f"{name} contradicts itself: the segment '{title}' is marked as {marked}; correct its name or its "
            "terminology, or give the structures with --labels."
        )
    return by_name or by_code or part_named(identifier)


def _by_terminology(tags: str) -> Part | None:
    """What Slicer's `TerminologyEntry` says: context, category, type, modifier ..., each `scheme^code^words`."""
    for tag in tags.split("|"):
        key, _, entry = tag.partition(":")
        if key.strip() in ("TerminologyEntry", "Terminology"):
            words = [triple.split("^")[-1] for triple in entry.split("~")[2:4]]
            return part_named(" ".join(words))
    return None


def _chosen(segment: Segment, choice: Mapping[str, int]) -> Segment:
    """The segment as the user says: by its name, its identifier or its label."""
    for key in (segment.name, segment.identifier, segment.value):
        meant = choice.get(key_of(key))
        if meant is not None:
            part = None if meant == LEFT_OUT else PART_OF[meant]
            return Segment(segment.name, part, segment.value, segment.layer, segment.identifier)
    return Segment(segment.name, None, segment.value, segment.layer, segment.identifier)


def _own_values(segments: list[Segment]) -> list[int]:
    """A label for each segment: its own where no other layer has the same."""
    values = [one.value for one in segments]
    return values if len(set(values)) == len(values) else list(range(1, len(values) + 1))


def _overlaps(segments: list[Segment], masks: Mapping[int, NDArray[np.bool_]], name: str) -> list[str]:
    """Notes on voxels that two segments share; InputError where one of them would be damaged."""
    notes = []
    for a in masks:
        for b in range(a + 1, len(masks)):
            shared = int((masks[a] & masks[b]).sum())
            if not shared:
                continue
            parts = {segments[a].part, segments[b].part}
            if not parts <= set(INWARD) or (len(parts) == 1 and Part.LV not in parts):
                raise InputError(
                    f"{name} is a segmentation with overlapping segments ('{segments[a].name}' and "
                    f"'{segments[b].name}'): export it as a label map, or name them LV, Myo and RV."
                )
            if Part.RV in parts:
                if shared > MOST_SHARED * min(masks[a].sum(), masks[b].sum()):
                    raise InputError(
                        f"{name} has overlapping segments ('{segments[a].name}' and '{segments[b].name}'), which do "
                        "not overlap in a heart: correct the drawing or the names."
                    )
                notes.append(
                    f"{shared} voxels of the drawing belong to the RV and to the LV or its wall: the latter was taken."
                )
    return notes
