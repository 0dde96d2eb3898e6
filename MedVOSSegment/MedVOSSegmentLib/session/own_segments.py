"""The reader's own segments: which of them are propagated with the heart, and why others are not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.label_image import MOST_STRUCTURES
from medvos.cine.nrrd import NOTICE
from medvos.structures import EVERY_STRUCTURE
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.own_structures import NUMBERS, give_label, labels_of_own, own_structures, segmentations_of
from MedVOSSegmentLib.scene.segment_labels import other_segments
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.text import tr

NOT_DRAWN = tr(
    "{names}: not propagated, since nothing of it is on the slices that you drew. Draw it there, or remove the segment."
)
NOT_DRAWN_IN_CLIP = tr(
    "{names}: not propagated, since nothing of it is on the frames that you drew. Draw it there, or remove the segment."
)
ALONE = tr(
    "{names}: not propagated, since it is drawn on a slice without the heart. Draw LV, Myo and RV there too, or have "
    "the heart segmented first and then propagate again."
)
ALONE_IN_CLIP = tr(
    "{names}: not propagated, since it is drawn on a frame without your other structures. Draw those there too, or "
    "draw it on their frame."
)
OVERLAPS = tr(
    "{names}: not propagated, since it lies over other segments. Let it overwrite them (Masking in the Segment Editor)."
)
TOO_MANY = tr("{names}: not propagated, since so many structures cannot be followed at once.")
SAME_NAME = tr(
    "{names}: several segments have this name, and each is followed by itself. Draw a structure in one of them alone; "
    "once it is propagated, correct it anywhere."
)
NO_DRAWING = tr("{names}: not segmented, since this network follows no drawing. Draw a slice and propagate it.")
NO_DRAWING_IN_CLIP = tr("{names}: not segmented, since this network follows no drawing.")


@dataclass(frozen=True)
class OwnSegments:
    """The IDs of segments that a propagation takes along beside the heart, and sentences on all others."""

    fit: tuple[str, ...]
    sentences: tuple[str, ...]


def examine(edit: HeartEdit) -> OwnSegments:
    """Return which of the reader's own segments a propagation takes along, the first time or again.

    Example: ``examine(session.heart.edit).sentences``
    """
    others, filled, is_clip = edit.others, edit.cache.filled, edit.cine.is_echo
    kept = own_names(edit.nodes)
    alone_fits = is_clip and not filled.any()
    left: dict[str, list[str]] = {}
    fit: list[str] = []
    drawn = edit.cache.labels[(edit.own | edit.state.accepted) & filled] if kept else np.zeros(0)
    for label in kept:
        if not (drawn == label).any():
            left.setdefault(NOT_DRAWN_IN_CLIP if is_clip else NOT_DRAWN, []).append(kept[label])
    titles_of_others = _others(edit.nodes)
    for name, title in titles_of_others.items():
        places = others.places(name)
        if not places.any():
            why = NOT_DRAWN_IN_CLIP if is_clip else NOT_DRAWN
        elif (places & ~filled).any() and not alone_fits:
            why = ALONE_IN_CLIP if is_clip else ALONE
        elif others.overlaps(name, edit.cache, fit):
            why = OVERLAPS
        elif len(kept) + len(fit) >= MOST_STRUCTURES - len(EVERY_STRUCTURE):
            why = TOO_MANY
        else:
            fit.append(name)
            continue
        left.setdefault(why, []).append(title)
    titles = Counter([*kept.values(), *(titles_of_others[name] for name in fit)])
    if same := [title for title, count in titles.items() if count > 1]:
        left[SAME_NAME] = same
    return OwnSegments(tuple(fit), tuple(_sentence(why, names) for why, names in left.items()))


def waiting(edit: HeartEdit) -> NDArray[np.bool_]:
    """Return the slices (T, Z) on which a segment is drawn that the next propagation takes along for the first time."""
    places = np.zeros(edit.cine.shape[:2], np.bool_)
    for name in examine(edit).fit:
        places |= edit.others.places(name)
    return places


def all_left_out(edit: HeartEdit) -> tuple[str, ...]:
    """Return the sentence on all own segments where a network follows no drawing; none without such segments."""
    titles = [*own_names(edit.nodes).values(), *_others(edit.nodes).values()]
    why = NO_DRAWING_IN_CLIP if edit.cine.is_echo else NO_DRAWING
    return (_sentence(why, titles),) if titles else ()


def take_along(edit: HeartEdit, names: Sequence[str]) -> None:
    """Make segments part of the labels, in every phase: they are seeds, results and corrections from now on."""
    nodes = edit.nodes
    labels = {own.name: own.label for phase in segmentations_of(nodes.sequence) for own in own_structures(phase)}
    # A number that the history has stays that of a segment that was removed: undoing must not draw it as another.
    taken = {*edit.own_labels, *edit.history.own}
    for name in names:
        labels[name] = next(number for number in NUMBERS if number not in {*labels.values(), *taken})
    with nodes.own_edit():
        for name, label in labels.items():
            found = [phase.GetSegment(name) for phase in segmentations_of(nodes.sequence)]
            template = next(segment for segment in found if segment is not None)
            for phase in segmentations_of(nodes.sequence):
                give_label(phase, template, name, label)
    edit.own_labels = labels_of_own(edit.nodes.sequence)
    for phase in range(edit.cine.shape[0]):
        edit.cache.update_phase(phase, edit.nodes.phase_labels(phase))
    edit.others.read_again()
    edit.history.end_stroke()


def is_complete(edit: HeartEdit) -> bool:
    """Return whether all own structures have a segment in every phase: the reader may have removed some."""
    return all(len(own_structures(phase)) == len(edit.own_labels) for phase in segmentations_of(edit.nodes.sequence))


def own_names(nodes: HeartNodes) -> dict[int, str]:
    """Return the reader's names of the own structures by their labels."""
    return {own.label: own.long_name for phase in segmentations_of(nodes.sequence) for own in own_structures(phase)}


def with_own_names(provenance: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """Return a provenance whose doubts and notes call own structures by the reader's names, and that says so.

    >>> with_own_names({"doubts": ["structure 4 was drawn but is lost ..."]}, {4: "Aorta"})["doubts"]
    ["'Aorta' was drawn but is lost ..."]
    """
    if not names:
        return dict(provenance)

    def named(found: re.Match[str]) -> str:
        name = names.get(int(found[1]))
        return found[0] if name is None else f"'{name}'"

    changed = {
        key: [re.sub(r"\bstructure (\d+)\b", named, sentence) for sentence in provenance[key]]
        for key in ("doubts", "notes")
        if key in provenance
    }
    said = tr("Structure {label} is the reader's segment '{name}'.")
    notes = [said.format(label=label, name=name) for label, name in sorted(names.items())]
    return {**provenance, **changed, "notes": [*changed.get("notes", ()), *notes]}


def _others(nodes: HeartNodes) -> dict[str, str]:
    """Return ID to name of the reader's segments that are no labels; a predicted obstruction is none of them."""
    found: dict[str, str] = {}
    for phase in segmentations_of(nodes.sequence):
        for name in other_segments(phase):
            segment = phase.GetSegment(name)
            if not segment.HasTag(NOTICE):
                found.setdefault(name, segment.GetName())
    return found


def _sentence(why: str, names: Sequence[str]) -> str:
    return why.format(names=", ".join(f"'{name}'" for name in names))
