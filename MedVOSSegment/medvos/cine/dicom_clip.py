"""Read ultrasound multi-frame DICOM: one clip of one slice, without position in the patient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from medvos.cine.cine import Cine, Source
from medvos.cine.clip import Clip, FrameArray, whole
from medvos.cine.clip_region import affine_of
from medvos.cine.dicom_files import Header
from medvos.cine.dicom_kinds import is_inverted
from medvos.cine.dicom_pixels import frames_in_turn
from medvos.cine.dicom_regions import scale_of
from medvos.cine.dicom_rhythm import rhythm_of
from medvos.cine.guard import reading

INVERTED = "The file stores its grey values inverted (MONOCHROME1, or an inverse LUT shape): they were inverted back."


def read_clip(header: Header, path: str) -> Cine:
    """Return the clip as a cine (T, 1, Y, X) of grey values; `period` is its length, possibly several beats."""
    return whole(open_clip(header, path))


def open_clip(header: Header, path: str) -> Clip:
    """Open the clip, to be read frame by frame."""
    data = header.data
    notes = ["An ultrasound clip may show several beats: its length stands for the period."]
    with reading(header.name, "DICOM"):
        frames, shape = int(data.get("NumberOfFrames") or 1), (int(data.Rows), int(data.Columns))
        scale = scale_of(data, shape)
        bits = bits_of(data)
    notes += [INVERTED] if is_inverted(data) else []
    notes += scale.notes

    def images() -> Iterator[FrameArray | None]:
        return frames_in_turn(header.path, header.name)

    with reading(header.name, "DICOM"):
        rhythm = rhythm_of(data, frames, images)
    times = rhythm.times
    return Clip(
        header.name,
        shape,
        images,
        lambda count: times[:count],
        affine_of(scale.spacing),
        Source(
            path,
            "dicom",
            (*notes, *rhythm.notes),
            heart_rate=rhythm.heart_rate,
            spacing_known=scale.spacing is not None,
            views=scale.views,
        ),
        file=str(header.path),
        white=2**bits - 1,
        box=scale.box,
        claimed=frames,
    )


def bits_of(data: Any) -> int:
    """Return the bits of a pixel's value, or of the palette's colours."""
    palette = data.get("RedPaletteColorLookupTableDescriptor")
    if data.get("PhotometricInterpretation") == "PALETTE COLOR" and palette:
        return int(palette[2])
    return int(data.get("BitsStored") or 8)
