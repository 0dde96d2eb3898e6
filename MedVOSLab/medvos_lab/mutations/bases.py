"""The untouched examinations: two Sunnybrook patients, one of many series, echo clips; and a synthetic one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from medvos_lab.datasets.root import dataset_folder
from medvos_lab.mutations.study import (
    Image,
    Study,
    axes,
    clock,
    in_series,
    move,
    normal,
    pixels,
    position,
    put,
    renamed,
    uid,
)

CROP = 112
MR, US_CLIP = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.3.1"
FRAMES = 80
CM_A_PIXEL = 0.12  # of the clips
# The person, the study's administration and the pixels.
NOT_COPIED = (0x0010, 0x0012, 0x0032, 0x0040, 0x7FE0, 0x5200)
SPACING_MM = 8.0


def sunnybrook(root: Path | None, patient: str, slices: range, middle: int) -> Study:
    """Return slices of one patient, cropped round the heart and 8 mm apart, drawn in the slice ``middle``."""
    folder = dataset_folder(root, "sunnybrook_4d") / patient
    with np.load(folder / "labels.npz") as file:
        endo, epi = file["endo"], file["epi"]
    phase = int(np.argmax([(endo[t, middle] == 1).sum() * (epi[t, middle] != 255).all() for t in range(len(endo))]))
    row, column = np.argwhere(endo[phase, middle] == 1).mean(0)
    corner = (int(row) - CROP // 2, int(column) - CROP // 2)
    found: dict[float, list[Dataset]] = {}
    for data in _sources(folder / "dicom"):
        found.setdefault(round(float(position(data) @ normal(data)), 1), []).append(data)
    images = []
    first: Dataset | None = None
    for z, place in enumerate(sorted(found)[slices.start : slices.stop]):
        for t, source in enumerate(sorted(found[place], key=lambda data: float(data.TriggerTime))):
            data = cropped(source, corner, patient)
            first = first or data
            move(data, position(first) + SPACING_MM * z * normal(first))
            labelled(data, 5, "SAX CINE", z * len(found[place]) + t + 1, 36000 + 15 * z)
            put(data, SliceThickness=8, SpacingBetweenSlices=8)
            images.append(Image(data, t, z))
    window = (phase, middle, slice(corner[0], corner[0] + CROP), slice(corner[1], corner[1] + CROP))
    drawing = np.where(endo[window] == 1, 3, np.where(epi[window] == 1, 2, 0)).astype(np.uint8)
    drawing[_beside(drawing)] = 1
    return Study(patient, images, drawing=drawing, drawn=(phase, middle - slices.start))


def many_series(root: Path | None) -> Study:
    """Return the short-axis slices of an examination in which each is a series of its own; drawn by the engine."""
    slices: dict[int, list[Dataset]] = {}
    for source in _sources(dataset_folder(root, "cine_multi_series") / "patient1"):
        if source.SeriesDescription == "cine_trufi_retro":
            slices.setdefault(int(source.SeriesNumber), []).append(cropped(source, (48, 72), "MANY"))
    images = []
    ordered = sorted(slices.items(), key=lambda entry: float(position(entry[1][0]) @ normal(entry[1][0])))
    for z, (number, phases) in enumerate(ordered):
        for t, data in enumerate(sorted(phases, key=lambda data: float(data.TriggerTime))):
            labelled(data, number, "cine_trufi_retro", t + 1, 36000 + 20 * z)
            images.append(Image(data, t, z))
    return Study("many series", images)


def acuson(root: Path | None) -> Study:
    """Return a real clip of an Acuson scanner; its ECG shows 61 beats a minute and its frame times 29."""
    source = dcmread(dataset_folder(root, "dicom_samples") / "echo_a4c_acuson.dcm")
    source.pop(0xFFFEE0DD, None)  # a stray end of a sequence, which cannot be written
    data = Dataset(source)
    data.file_meta = source.file_meta
    return Study("acuson", [Image(data, 0, 0)], rate=61.0)


def echonet(root: Path | None, name: str) -> Study:
    """Return a clip of EchoNet-Dynamic as the DICOM object of a scanner."""
    from medvos.cine.video import read_video

    cine = read_video(dataset_folder(root, "echonet_videos") / f"{name}.avi")
    frames = cine.array[:FRAMES, 0].astype(np.uint8)
    step = float(np.median(np.diff(cine.times)))
    return Study(f"echonet {name[:6]}", [Image(clip(frames, step), 0, 0)])


def clip(frames: NDArray[np.uint8], step: float) -> Dataset:
    """Return an ultrasound clip (T, Y, X) with one region, ``step`` ms a frame."""
    data = blank(US_CLIP, "US")
    put(data, Modality="US", Manufacturer="GE Vingmed Ultrasound", ManufacturerModelName="Vivid E95")
    put(data, NumberOfFrames=len(frames), FrameTime=f"{step:.6g}", CineRate=round(1000 / step))
    put(data, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2")
    put(data, BitsAllocated=8, BitsStored=8, HighBit=7, PixelRepresentation=0)
    bottom, right = frames.shape[1] - 1, frames.shape[2] - 1
    put(data, SequenceOfUltrasoundRegions=Sequence([region((0, 0, right, bottom), CM_A_PIXEL)]))
    data.FrameIncrementPointer = 0x00181063
    return labelled(pixels(data, frames), 1, "A4C", 1, 36000)


def region(corners: tuple[int, int, int, int], scale: float, kind: int = 1, units: int = 3) -> Dataset:
    """Return an ultrasound region (left, top, right, bottom) at ``scale`` a pixel."""
    left, top, right, bottom = corners
    area = put(Dataset(), RegionSpatialFormat=1, RegionDataType=kind, RegionFlags=0)
    put(area, RegionLocationMinX0=left, RegionLocationMinY0=top, RegionLocationMaxX1=right, RegionLocationMaxY1=bottom)
    put(area, PhysicalUnitsXDirection=units, PhysicalUnitsYDirection=units)
    return put(area, PhysicalDeltaX=scale, PhysicalDeltaY=scale)


def synthetic() -> Study:
    """Return a small stack of a bright beating disk in a dark wall, with nothing of any person in it."""
    phases, slices, size = 8, 4, 32
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    distance = np.hypot(y, x)
    texture = np.random.default_rng(1).normal(0, 12, (phases, slices, size, size))
    images = []
    body = 0.8 * x + 500 * (np.abs(x) > 13)  # most of the image does not move
    direction = np.array([0.791789, 0.000011, 0.610795, 0.377818, 0.785738, -0.489793])
    axis = np.cross(direction[:3], direction[3:])
    for z in range(slices):
        for t in range(phases):
            cavity = (7 + 2 * np.cos(2 * np.pi * (t / phases) ** 0.8)) * (1 - 0.1 * z)
            grey = 120 + 600 / (1 + np.exp(2 * (distance - cavity))) + body + texture[t, z] + 25 * z
            data = blank(MR, "SYNTHETIC")
            put(data, Modality="MR", Manufacturer="SIEMENS", ImageType=["ORIGINAL", "PRIMARY", "M", "RETRO"])
            put(data, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", BitsAllocated=16, BitsStored=12)
            put(data, HighBit=11, PixelRepresentation=0, PixelSpacing=[2.5, 2.5], SliceThickness=8)
            put(data, ImageOrientationPatient=[f"{part:.6f}" for part in direction], CardiacNumberOfImages=phases)
            put(data, TriggerTime=f"{t * 880 / phases:.2f}", NominalInterval=880, EchoTime="1.5", RepetitionTime="40")
            put(data, SequenceName="*tfi2d1_15", ScanningSequence="GR", SequenceVariant="SK", FlipAngle="50")
            move(data, np.array([-30.0, -40.0, 20.0]) + z * SPACING_MM * axis)
            labelled(pixels(data, np.rint(grey).astype(np.uint16)), 5, "SAX CINE", z * phases + t + 1, 36000 + 15 * z)
            images.append(Image(data, t, z))
    grey = np.array([image.data.pixel_array for image in images]).reshape(slices, phases, size, size)
    cavity = (grey > 420 + 25 * np.arange(slices)[:, None, None, None]) & (distance < 12)
    labels = np.where(cavity, 3, np.where(distance < 13, 2, 0)).astype(np.uint8).swapaxes(0, 1)
    return Study("synthetic", images, drawing=labels[0, 1], drawn=(0, 1), labels=labels)


STACKS: dict[str, Callable[[Path | None], Study]] = {
    "sunnybrook 101": lambda root: sunnybrook(root, "SCD0000101", range(4, 10), 8),
    "sunnybrook 301": lambda root: sunnybrook(root, "SCD0000301", range(1, 8), 4),
    "many series": many_series,
}
CLIPS: dict[str, Callable[[Path | None], Study]] = {
    "acuson": acuson,
    "echonet 1": lambda root: echonet(root, "0X19063156A3F3C14E"),
    "echonet 2": lambda root: echonet(root, "0X1A05829AEDF6C65"),
    "echonet 3": lambda root: echonet(root, "0X24C05ADF764D0216"),
}


@cache
def _sources(folder: Path) -> list[Dataset]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [dcmread(file) for file in sorted(folder.rglob("*.dcm"))]


def cropped(source: Dataset, corner: tuple[int, int], person: str) -> Dataset:
    """Return a square part of an MR image with all that its scanner says, of an invented person."""
    row, column = corner
    array = source.pixel_array[row : row + CROP, column : column + CROP]
    data = Dataset()
    for element in source:
        tag = element.tag
        kept = not tag.is_private and tag.group not in NOT_COPIED and tag.element != 0
        if kept and element.VR != "SQ":
            data.add(element)
    for keyword in ("SmallestImagePixelValue", "LargestImagePixelValue", "ImageComments"):
        data.pop(keyword, None)
    data.file_meta = FileMetaDataset()
    put(data.file_meta, TransferSyntaxUID=ExplicitVRLittleEndian, MediaStorageSOPClassUID=MR)
    _of_person(data, person)
    right, down = axes(source)
    y, x = (float(mm) for mm in source.PixelSpacing)
    return move(pixels(data, array), position(source) + right * x * column + down * y * row)


def blank(sop_class: str, person: str) -> Dataset:
    """Return an object of an invented person without images."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    put(data.file_meta, TransferSyntaxUID=ExplicitVRLittleEndian, MediaStorageSOPClassUID=sop_class)
    data.SOPClassUID = sop_class
    return _of_person(data, person)


def _of_person(data: Dataset, person: str) -> Dataset:
    put(data, PatientName=f"Invented^{person}", PatientID=f"INV-{person}", PatientBirthDate="19600101")
    put(data, StudyInstanceUID=uid("study", person), FrameOfReferenceUID=uid("frame", person))
    return put(
        data, StudyDate="20200102", StudyTime="095500", StudyID="1", AcquisitionDate="20200102", ContentDate="20200102"
    )


def labelled(data: Dataset, series: int, description: str, number: int, seconds: float) -> Dataset:
    """Name the series and the image in it, and when it was made."""
    renamed(data, data.PatientID, series, description, number)
    in_series(data, series, "series", data.PatientID, series, description)
    put(data, SeriesDescription=description, ProtocolName=description, InstanceNumber=number, AcquisitionNumber=1)
    return put(data, SeriesTime=clock(seconds), AcquisitionTime=clock(seconds), ContentTime=clock(seconds))


def _beside(drawing: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """A crescent beside the wall, on the side where the image's left is: a drawn right ventricle."""
    from scipy import ndimage

    heart = drawing > 0
    near = ndimage.binary_dilation(heart, iterations=10) & ~ndimage.binary_dilation(heart, iterations=1)
    column = np.argwhere(heart)[:, 1].mean()
    near[:, int(column) - 4 :] = False
    return near
