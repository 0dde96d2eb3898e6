"""Small files such as scanners and programs write, for the tests of the readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from medvos.cine.dicom_frames import Frame

MR = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
ULTRASOUND_CLIP = "1.2.840.10008.5.1.4.1.1.3.1"
SHAPE = (20, 24)
# Row and column directions of an oblique short-axis plane; their cross product points right, backwards and up.
SHORT_AXIS = (0.791789, 0.000011, 0.610795, 0.377818, 0.785738, -0.489793)
FOUR_CHAMBER = (0.9953, 0.0, 0.0968, 0.0796, -0.5690, -0.8185)


def normal(orientation: tuple[float, ...] = SHORT_AXIS) -> np.ndarray:
    across = np.cross(orientation[:3], orientation[3:])
    return across / np.linalg.norm(across)


def image(t: int, z: int, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """A picture that tells its phase and slice, with a gradient that tells left from right and up from down."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    return (1000 * z + 100 * t + y + 2 * x).astype(np.uint16)


def write_dicom(path: Path, pixels: np.ndarray, sop_class: str = MR, **tags: Any) -> Path:
    """One DICOM file with `pixels`; `tags` replaces or adds elements, None leaves one out."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    frames = pixels.shape[0] if pixels.ndim > 2 and pixels.shape[-1] != 3 else None
    rows, columns = pixels.shape[-2:] if pixels.shape[-1] != 3 else pixels.shape[-3:-1]
    bits = pixels.dtype.itemsize * 8
    values = {
        "SOPClassUID": sop_class,
        "SOPInstanceUID": generate_uid(),
        "PatientID": "P1",
        "PatientName": "Doe^Jane",
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.4",
        "SeriesNumber": 4,
        "Modality": "MR",
        "Rows": rows,
        "Columns": columns,
        "NumberOfFrames": frames,
        "SamplesPerPixel": 3 if pixels.shape[-1] == 3 else 1,
        "PhotometricInterpretation": "RGB" if pixels.shape[-1] == 3 else "MONOCHROME2",
        "PlanarConfiguration": 0 if pixels.shape[-1] == 3 else None,
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
        "PixelData": pixels.tobytes(),
        **tags,
    }
    for keyword, value in values.items():
        if value is not None:
            setattr(data, keyword, value)
    meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(path, enforce_file_format=True)
    return path


def write_stack(
    folder: Path,
    *,
    phases: int = 5,
    slices: int = 3,
    spacing: float = 8.0,
    orientation: tuple[float, ...] = SHORT_AXIS,
    series: int = 4,
    interval: float | None = 800.0,
    triggers: bool = True,
    skip: tuple[tuple[int, int], ...] = (),
    origin: tuple[float, ...] = (-100.0, -50.0, 20.0),
    shape: tuple[int, int] = SHAPE,
    **tags: Any,
) -> Path:
    """A stack of single images; `skip` leaves out (phase, slice). Slice z shows `picture(t, z)`."""
    for z in range(slices):
        for t in range(phases):
            if (t, z) in skip:
                continue
            number = z * phases + t + 1
            elements = {
                "ImagePositionPatient": [
                    float(f"{p:.6f}") for p in np.array(origin) + z * spacing * normal(orientation)
                ],
                "ImageOrientationPatient": list(orientation),
                "PixelSpacing": [1.5, 1.25],
                "SliceThickness": 6,
                "SliceLocation": -3 * z,
                "TriggerTime": t * (interval or 800.0) / phases if triggers else None,
                "NominalInterval": int(interval) if interval else None,
                "InstanceNumber": number,
                "SeriesNumber": series,
                "SeriesInstanceUID": f"1.2.3.{series}",
                **tags,
            }
            write_dicom(folder / f"IM{number:04d}", image(t, z, shape), **elements)
    return folder


def write_enhanced(path: Path, *, phases: int = 4, slices: int = 3, **tags: Any) -> Path:
    """One enhanced multi-frame MR file whose frames come slice by slice, the last phase first."""
    shared, frames, pixels = Dataset(), [], []
    measures, plane = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [1.5, 1.25], 6
    plane.ImageOrientationPatient = list(SHORT_AXIS)
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Sequence([measures]), Sequence([plane])
    for z in range(slices):
        for t in reversed(range(phases)):
            frame, place, heart, rescale = Dataset(), Dataset(), Dataset(), Dataset()
            place.ImagePositionPatient = [float(f"{p:.6f}") for p in z * 9.0 * normal()]
            heart.NominalCardiacTriggerDelayTime, heart.RRIntervalTimeNominal = t * 200.0, 800.0
            rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 2, 10, "US"
            frame.PlanePositionSequence = Sequence([place])
            frame.CardiacSynchronizationSequence = Sequence([heart])
            frame.PixelValueTransformationSequence = Sequence([rescale])
            frames.append(frame)
            pixels.append(image(t, z))
    groups = {
        "SharedFunctionalGroupsSequence": Sequence([shared]),
        "PerFrameFunctionalGroupsSequence": Sequence(frames),
    }
    return write_dicom(path, np.stack(pixels), ENHANCED_MR, **(groups | tags))


def write_clip(path: Path, *, frames: int = 6, **tags: Any) -> Path:
    """One ultrasound multi-frame file, RGB, 0.5 mm pixels, 25 ms a frame."""
    region = Dataset()
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.04, 0.05
    grey = np.stack([image(t, 0) for t in range(frames)]) // 4
    elements = {
        "Modality": "US",
        "NumberOfFrames": frames,
        "FrameTime": 25.0,
        "SequenceOfUltrasoundRegions": Sequence([region]),
        **tags,
    }
    return write_dicom(path, np.repeat(grey[..., None], 3, -1).astype(np.uint8), ULTRASOUND_CLIP, **elements)


def a_frame(**changes: Any) -> Frame:
    """A frame at the origin of a short-axis view."""
    values: dict[str, Any] = {
        "path": Path("a"),
        "name": "a",
        "index": 0,
        "series": "1",
        "series_number": 1,
        "description": "",
        "position": np.zeros(3),
        "orientation": np.array(SHORT_AXIS),
        "pixel_spacing": (1.5, 1.25),
        "shape": SHAPE,
        "trigger": 0.0,
        "interval": 800.0,
        "order": (0.0, 1.0, 1.0, 0),
        "slope": 1.0,
        "intercept": 0.0,
    }
    return Frame(**(values | changes))
