"""What a DICOM database can load as a cine: its files, how it is named, and how sure it is that it is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from MedVOSSegmentLib.text import tr

if TYPE_CHECKING:
    from medvos.cine.dicom_offers import Offer

# Slicer loads whatever claims the most of a series, and both at a tie. Its reader of multivolumes claims 1.0 of every
# series that shows a place several times, and makes phases of it without their times.
SHORT_AXIS = 1.01
LONG_AXIS = 0.9
# Of a clip, Slicer's reader of image sequences claims 0.7, and those of 3D ultrasound in SlicerHeart 0.8 and more.
HEART_CLIP = 0.75
OTHER = 0.6


@dataclass(frozen=True)
class Candidate:
    """One cine that can be loaded: `files` as they came, and what is shown of it."""

    files: tuple[str, ...]
    name: str
    tooltip: str
    confidence: float


def candidates_in(file_lists: Iterable[Iterable[str]]) -> list[Candidate]:
    """Return the cines in lists of DICOM files, one list a series, across all lists of one examination.

    Example: ``candidates_in([database.filesForSeries(uid) for uid in series])``
    """
    from medvos.cine.dicom_offers import offers_in

    given = {Path(file): file for files in file_lists for file in files}
    return [_candidate(offer, given) for offer in offers_in(given)]


def _candidate(offer: Offer, given: dict[Path, str]) -> Candidate:
    what, size, confidence = _in_words(offer)
    numbers = ", ".join(map(str, offer.series))
    series = f"{numbers}: {offer.description}" if offer.description else numbers
    tooltip = tr("Series {numbers}, {size}, with the time of each image in the beat").format(numbers=numbers, size=size)
    return Candidate(
        tuple(given[file] for file in offer.files), f"{series} - {what} (MedVOSSegment)", tooltip, confidence
    )


def _in_words(offer: Offer) -> tuple[str, str, float]:
    """Return what it is, its size, and the confidence."""
    from medvos.cine.dicom_offers import View

    if offer.view is View.CLIP:
        size = tr("{frames} frames").format(frames=offer.phases)
        return tr("Ultrasound clip"), size, HEART_CLIP if offer.is_heart else OTHER
    sizes = tr("{slices} slices of {phases} phases") if offer.slices > 1 else tr("{slices} slice of {phases} phases")
    size = sizes.format(slices=offer.slices, phases=offer.phases)
    if offer.view is View.LONG_AXIS:
        return tr("Long-axis cine"), size, LONG_AXIS
    return tr("Short-axis cine"), size, OTHER if offer.is_other else SHORT_AXIS
