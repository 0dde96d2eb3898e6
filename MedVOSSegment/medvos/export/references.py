"""References from the frames of a DICOM Segmentation to its source images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from medvos.export.images import Image
from medvos.measure.dicom_code import Code

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SEGMENTATION = Code("113076", "DCM", "Segmentation")
SOURCE_IMAGE = Code("121322", "DCM", "Source image for image processing operation")


def tie_to_images(segmentation: Dataset, of_frames: Sequence[Image | None], preserved: Sequence[bool]) -> None:
    """Replace the source images of ``segmentation`` and of each of its frames.

    A frame of an interpolated slice has no source image. ``preserved`` states whether the pixels of a frame are those
    of its image.
    """
    groups = segmentation.PerFrameFunctionalGroupsSequence
    for group, image, same_pixels in zip(groups, of_frames, preserved, strict=True):
        group.DerivationImageSequence = [] if image is None else [_derivation(image, same_pixels)]
    used = [image for image in of_frames if image is not None]
    segmentation.SourceImageSequence = [reference(image) for image in _each_once(used)]
    series: dict[str, list[Dataset]] = {}
    for image in _each_once(used):
        series.setdefault(image.series, []).append(reference(image))
    segmentation.ReferencedSeriesSequence = [_series(uid, items) for uid, items in series.items()]


def reference(image: Image) -> Dataset:
    """Return an item with class and instance of an image."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID = image.sop_class
    item.ReferencedSOPInstanceUID = image.sop_instance
    return item


def coded(code: Code) -> Dataset:
    """Return an item of a code sequence."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code
    return item


def _each_once(images: Iterable[Image]) -> list[Image]:
    return list({image.sop_instance: image for image in images}.values())


def _derivation(image: Image, same_pixels: bool) -> Dataset:
    from pydicom.dataset import Dataset

    source = reference(image)
    source.PurposeOfReferenceCodeSequence = [coded(SOURCE_IMAGE)]
    source.SpatialLocationsPreserved = "YES" if same_pixels else "NO"
    if image.number is not None:
        source.ReferencedFrameNumber = image.number
    item = Dataset()
    item.DerivationCodeSequence = [coded(SEGMENTATION)]
    item.SourceImageSequence = [source]
    return item


def _series(uid: str, items: list[Dataset]) -> Dataset:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.SeriesInstanceUID = uid
    item.ReferencedInstanceSequence = items
    return item
