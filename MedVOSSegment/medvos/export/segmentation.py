"""DICOM Segmentation: one object per phase, a segment for each structure, with references to its source images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medvos.cine.geometry import LPS_TO_RAS
from medvos.errors import MedVOSError
from medvos.export.dicom_file import write_dicom
from medvos.export.images import SourceImages, positions
from medvos.export.origin import dated, equipment, identity_of, notice_for
from medvos.export.read_back import read_labels, slice_index_of
from medvos.export.references import tie_to_images
from medvos.export.segment_description import segment
from medvos.export.study import for_library, with_character_set
from medvos.export.uids import stable_uid
from medvos.result import Result

if TYPE_CHECKING:
    from highdicom.seg import Segmentation
    from pydicom.dataset import Dataset

SERIES_NUMBER = 9100
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
# These elements hold 64 characters; the segment itself has the full notice.
_SHORT_NOTICE = "; MVO not validated, research only"


def write_segmentations(result: Result, images: SourceImages, folder: Path) -> None:
    """Write ``segmentation-phase-00.dcm`` and so on, and read each file to check every voxel.

    A phase without any label was not segmented and gets no object.

    Raises
    ------
    OSError: the disk fails or is full.
    """
    labels = [int(label) for label in np.unique(result.labels) if label]
    series = stable_uid("seg", images.identity, *identity_of(result))
    for t in np.flatnonzero(result.labels.any(axis=(1, 2, 3))):
        path = folder / f"segmentation-phase-{t:02d}.dcm"
        write_dicom(path, segmentation_of(result, images, int(t), labels, series))
        places = [place for place, _ in planes_of(result, images, int(t))]
        if not np.array_equal(read_labels(path, places, labels), result.labels[t]):
            raise MedVOSError(f"{path.name} does not read back as it was written.")


def segmentation_of(result: Result, images: SourceImages, t: int, labels: list[int], series: str) -> Segmentation:
    """Return the segmentation of phase ``t``; segment n is the n-th of ``labels``, the same in all phases."""
    from highdicom import PixelMeasuresSequence, PlaneOrientationSequence, PlanePositionSequence
    from highdicom.seg import Segmentation

    lps = LPS_TO_RAS @ result.cine.affine
    spacing = result.cine.spacing
    planes = planes_of(result, images, t)
    places = [place for place, _ in planes]
    segments = np.searchsorted(labels, result.labels[t]).astype(np.uint8) + 1
    segments[result.labels[t] == 0] = 0
    segmentation = Segmentation(
        source_images=[_stand_in(result, images, places)],
        pixel_array=segments,
        segmentation_type="BINARY",
        segment_descriptions=[
            segment(result, images.study.StudyInstanceUID, label, n) for n, label in enumerate(labels, 1)
        ],
        series_instance_uid=series,
        series_number=SERIES_NUMBER,
        sop_instance_uid=stable_uid(series, t),
        instance_number=t + 1,
        pixel_measures=PixelMeasuresSequence(spacing[1:], spacing[0], spacing[0]),
        plane_orientation=PlaneOrientationSequence("PATIENT", _directions(lps)),
        plane_positions=[PlanePositionSequence("PATIENT", place.tolist()) for place in places],
        content_label="HEART",
        content_description=_description(result, t),
        series_description=f"Heart, every phase{_SHORT_NOTICE if notice_for(result) else ''}",
        **equipment(result),
    )
    indices = [slice_index_of(group, places) for group in segmentation.PerFrameFunctionalGroupsSequence]
    tie_to_images(segmentation, [images.at[t][z] for z in indices], [planes[z][1] for z in indices])
    organization = stable_uid(series, t, "dimensions")
    segmentation.DimensionOrganizationSequence[0].DimensionOrganizationUID = organization
    for index in segmentation.DimensionIndexSequence:
        index.DimensionOrganizationUID = organization
    dated(segmentation, result)
    with_character_set(segmentation, images.study)
    return segmentation


def planes_of(result: Result, images: SourceImages, t: int) -> list[tuple[NDArray[np.float64], bool]]:
    """Return the LPS position (3,) of each slice's first voxel, and whether its pixels are those of its image.

    If they are, the position is exactly the image's, because viewers compare them.
    """
    planes = []
    for place, image in zip(positions(result.cine), images.at[t], strict=True):
        if image is not None and image.shows(place, result.cine.spacing[1:]):
            planes.append((image.frame.position, True))
        else:
            planes.append((place, False))
    return planes


def _description(result: Result, t: int) -> str:
    phase = f"Phase {t}, counted from 0, of {result.cine.shape[0]}"
    return phase.replace(", counted from 0,", "") + _SHORT_NOTICE if notice_for(result) else phase


def _directions(lps: NDArray[np.float64]) -> list[float]:
    """Return ImageOrientationPatient of a grid."""
    return [*(lps[:3, 0] / np.linalg.norm(lps[:3, 0])), *(lps[:3, 1] / np.linalg.norm(lps[:3, 1]))]


def _stand_in(result: Result, images: SourceImages, places: list[NDArray[np.float64]]) -> Dataset:
    """Return one image of the study on the grid of the cine.

    The library accepts single-frame images of one series, or one multi-frame image, on the grid of the segmentation.
    A cine may consist of several series, and may have been resampled: `tie_to_images` states its images instead.
    """
    from highdicom import PlaneOrientationSequence, PlanePositionSequence

    image = for_library(images.study)
    first = next(image for phase in images.at for image in phase if image is not None)
    image.SOPClassUID, image.SOPInstanceUID, image.SeriesInstanceUID = MR_IMAGE, first.sop_instance, first.series
    image.Rows, image.Columns = result.cine.shape[2:]
    lps = LPS_TO_RAS @ result.cine.affine
    image.ImagePositionPatient = PlanePositionSequence("PATIENT", places[0].tolist())[0].ImagePositionPatient
    image.ImageOrientationPatient = PlaneOrientationSequence("PATIENT", _directions(lps))[0].ImageOrientationPatient
    image.PixelSpacing = list(result.cine.spacing[1:])
    image.SliceThickness = result.cine.spacing[0]
    return image
