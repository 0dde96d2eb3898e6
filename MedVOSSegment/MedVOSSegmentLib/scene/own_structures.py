"""Segments of the reader's own that are segmented with the heart: a tag keeps the label number of each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.nrrd import NOTICE
from medvos.structures import LV, MVO, Structure, name_of
from MedVOSSegmentLib.scene.segment_tags import tag_of

# The name is saved in scenes and stays.
LABEL = "MedVOS.Label"
NUMBERS = range(LV + 1, MVO)


def own_structures(segmentation: Any) -> tuple[Structure, ...]:
    """Return the own structures of a vtkSegmentation; each is named by its segment's ID, and in full by its name.

    A copy that the reader has made of such a segment has the same number and is none.
    """
    found: dict[int, Structure] = {}
    for name in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(name)
        text = tag_of(segment, LABEL) if segment.HasTag(LABEL) and not segment.HasTag(NOTICE) else ""
        label = int(text) if text.isascii() and text.isdigit() else 0
        if label in NUMBERS and label not in found:
            red, green, blue = (round(255 * component) for component in segment.GetColor())
            found[label] = Structure(label, name, segment.GetName(), (red, green, blue))
    return tuple(found.values())


def segmentations_of(sequence: Any) -> list[Any]:
    """Return the vtkSegmentation of each phase of a vtkMRMLSequenceNode."""
    return [sequence.GetNthDataNode(phase).GetSegmentation() for phase in range(sequence.GetNumberOfDataNodes())]


def labels_of_own(sequence: Any) -> frozenset[int]:
    """Return the labels of the own structures of all phases of a vtkMRMLSequenceNode."""
    return frozenset(own.label for segmentation in segmentations_of(sequence) for own in own_structures(segmentation))


def bring_back(sequence: Any, phase: int, labels: NDArray[np.uint8]) -> Any:
    """Give a phase of a vtkMRMLSequenceNode the own structures that ``labels`` have and it lacks, empty.

    The reader may have removed their segments, by a change that is undone, or while they were propagated. One that no
    phase has any more comes back under the name of its label. Returns the vtkSegmentation of the phase.
    """
    segmentation = sequence.GetNthDataNode(phase).GetSegmentation()
    if labels.max(initial=0) <= LV:
        return segmentation
    import slicer

    known = {own.label for own in own_structures(segmentation)}
    counts = np.bincount(labels.ravel(), minlength=NUMBERS.stop)
    for label in (number for number in NUMBERS if counts[number] and number not in known):
        name, template = name_of(label), slicer.vtkSegment()
        template.SetName(name)
        for other in segmentations_of(sequence):
            for own in own_structures(other):
                if own.label == label:
                    name, template = own.name, other.GetSegment(own.name)
        give_label(segmentation, template, name, label)
    return segmentation


def give_label(segmentation: Any, template: Any, name: str, label: int) -> None:
    """Give the segment ``name`` of a vtkSegmentation a label; where there is none, an empty one is made.

    ``template`` is the vtkSegment of another phase, of which an empty one has the looks.
    """
    import slicer

    segment = segmentation.GetSegment(name)
    if segment is None:
        segment = slicer.vtkSegment()
        segment.DeepCopy(template)
        segment.RemoveAllRepresentations()
        segment.SetTag(LABEL, str(label))
        segmentation.AddSegment(segment, name)
    elif tag_of(segment, LABEL) != str(label):
        segment.SetTag(LABEL, str(label))
