"""Read Slicer's volume sequences (`.seq.nrrd`, list axis first or last) as a cine, and the voxels of any NRRD."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.clip_region import Views, from_plain, plain
from medvos.cine.geometry import LPS_TO_RAS, Affine, along_normal, slice_axis_last
from medvos.cine.guard import MAX_COMPRESSION, check_geometry, check_size, reading
from medvos.cine.nifti import VOXELS_MM
from medvos.cine.segments import has_segments
from medvos.cine.timing import MS_PER_UNIT, Timing, from_step, from_values, unknown
from medvos.errors import InputError

SUFFIXES = (".nrrd", ".nhdr")
# What phase times do not contain, as JSON: the `period` of the beat in ms, the `heart_rate` or null, and `notes`.
TIMING = "MedVOS.Timing"
# Only in ultrasound clips and videos, as JSON: whether the pixel size is known, and the `views` if the file names them;
# in older files `true` or `false` alone.
CLIP = "MedVOS.Clip"
# What the labels of an image are, in the form of ``--labels``, where medvos or the module has written it.
LABELS = "MedVOS.Labels"
# A notice that must accompany the image wherever it is shown; of a segment it is a tag.
NOTICE = "MedVOS.Notice"
# Axes of these kinds hold phases, or are at least not known to hold anything else.
TIMES = ("list", "time")
UNKNOWN = ("none", "???", "")
SPATIAL = ("domain", "space")
# So few samples along an axis of an unknown kind are colours rather than phases.
MOST_COLOURS = 4
MM_PER_UNIT = {
    "m": 1000.0,
    "meter": 1000.0,
    "metre": 1000.0,
    "cm": 10.0,
    "centimeter": 10.0,
    "centimetre": 10.0,
} | dict.fromkeys(("um", "µm", "μm", "micron", "micrometer", "micrometre"), 1e-3)
TO_RAS = {
    "right-anterior-superior": np.eye(4),
    "ras": np.eye(4),
    "left-posterior-superior": LPS_TO_RAS,
    "lps": LPS_TO_RAS,
    "left-anterior-superior": np.diag([-1.0, 1, 1, 1]),
    "las": np.diag([-1.0, 1, 1, 1]),
}


def read_nrrd(path: Path) -> Cine:
    """Read the cine in a 4D NRRD; InputError if it is damaged or has no time axis."""
    array, affine, timing = load(path)
    if array.ndim != 4 or timing is None:
        raise InputError(f"{path.name} is a {array.ndim}D image without a time axis: give a 4D cine or a sequence.")
    array, affine = along_normal(*slice_axis_last(array, affine))
    source = Source(
        str(path), "nrrd", timing.notes, heart_rate=timing.heart_rate, **clip_source(_header_entry(path, CLIP))
    )
    return Cine(np.ascontiguousarray(array, np.float32), affine, timing.times, timing.period, source)


def clip_source(entry: str | None) -> dict[str, Any]:
    """Return the value of `CLIP` as keywords of `Source`."""
    if not entry:
        return {}
    stored = json.loads(entry)
    stored = stored if isinstance(stored, dict) else {"spacing_known": stored}
    views = from_plain(stored["views"]) if "views" in stored else Views()
    return {"description": {"modality": "US"}, "spacing_known": stored["spacing_known"], "views": views}


def clip_entry(source: Source) -> str:
    """Return the value of `CLIP` for a clip; `clip_source` reads it."""
    views = {"views": plain(source.views)} if source.views.all else {}
    return json.dumps({"spacing_known": source.spacing_known, **views} if views else source.spacing_known)


def load(path: Path) -> tuple[NDArray, Affine, Timing | None]:
    """Read voxels (T, Z, Y, X) or (Z, Y, X), RAS affine, and the timing of a sequence."""
    header, voxels = load_with_header(path)
    if len(header["sizes"]) == 4 and has_segments(header):
        raise InputError(f"{path.name} is a segmentation with overlapping segments: export it as a label map.")
    with reading(path.name, "NRRD"):
        time_axis = time_axis_of(header, path.name)
        affine = _affine(header, time_axis)
        timing = None if time_axis is None else _timing(header, time_axis, int(header["sizes"][time_axis]))
    check_geometry(path.name, affine)
    if time_axis is not None:
        voxels = np.moveaxis(voxels, time_axis, -1)
    return voxels.T, affine, timing


def load_layers(path: Path, header: dict[str, Any], voxels: NDArray) -> tuple[NDArray, Affine]:
    """Return the layers (L, Z, Y, X), or the one layer (Z, Y, X), of a segmentation, and its RAS affine."""
    with reading(path.name, "NRRD"):
        axes = int(header["dimension"])
        axis = None if axes == 3 else _without_direction(header, axes)
        affine = _affine(header, 0 if axes == 4 and axis is None else axis)
    check_geometry(path.name, affine)
    return (voxels if axes == 3 else np.moveaxis(voxels, axis or 0, -1)).T, affine


def load_with_header(path: Path) -> tuple[dict[str, Any], NDArray]:
    """Read the header and the voxels as they are stored, 3D or 4D.

    Raises
    ------
    InputError: it is damaged, or its header describes colours, vectors or more than four axes.
    """
    import nrrd

    with reading(path.name, "NRRD"), path.open("rb") as file:
        header = _read_header(file)
        sizes = tuple(int(n) for n in header["sizes"])
        _refuse_components(header, path.name)
        if len(sizes) not in (3, 4):
            raise InputError(f"{path.name} has {len(sizes)} axes: a cine has four (x, y, z and time).")
        detached = "data file" in header or "datafile" in header
        # Text needs two bytes a number at least; packed data may hold far more than its bytes.
        packing = 1.0 if header["encoding"] == "raw" else MAX_COMPRESSION
        size = None if detached else int(path.stat().st_size * packing)
        check_size(path.name, sizes, size, nrrd.reader._determine_datatype(header).itemsize)
        return header, nrrd.read_data(header, file, str(path))


def _read_header(file: BinaryIO) -> dict[str, Any]:
    """Read the header and leave the file at its end; pynrrd would drop all letters beyond ASCII."""
    import nrrd

    lines = []
    for line in file:
        lines.append(line)
        if not line.strip():
            break
    file.seek(sum(map(len, lines)))
    try:
        texts = [line.decode("utf-8") for line in lines]
    except UnicodeDecodeError:
        texts = [line.decode("latin-1") for line in lines]
    return nrrd.read_header(texts)


def _refuse_components(header: dict[str, Any], name: str) -> None:
    """Refuse axes that hold colours, vectors or other values of one voxel."""
    if "DWMRI_gradient_0000" in header or str(header.get("modality", "")).upper() == "DWMRI":
        raise InputError(f"{name} is a diffusion image, whose list holds gradient directions: give a cine.")
    for kind in _kinds(header):
        if kind not in (*TIMES, *UNKNOWN, *SPATIAL, "scalar", "stub"):
            what = "colours" if kind.endswith("color") else "complex numbers" if kind == "complex" else "components"
            raise InputError(f"{name} holds {what} (an axis of kind {kind[:30]}), not phases: save it as a grey image.")


def _kinds(header: dict[str, Any]) -> list[str]:
    return [str(kind).strip().lower() for kind in header.get("kinds", [])]


def _header_entry(path: Path, key: str) -> str | None:
    """One of medvos' own entries in the header."""
    with path.open("rb") as file:
        return _read_header(file).get(key)


def time_axis_of(header: dict[str, Any], name: str) -> int | None:
    """Return the index of the axis of phases, None for a 3D image; InputError where it may be one of colours."""
    dimension = len(header["sizes"])
    if dimension == 3:
        return None
    kinds = _kinds(header)
    if len(kinds) == dimension:
        for axis, kind in enumerate(kinds):
            if kind in TIMES:
                return axis
    found = _without_direction(header, dimension)
    axis = dimension - 1 if found is None else found
    declared = len(kinds) == dimension and kinds[axis] in SPATIAL
    if not declared and 1 < int(header["sizes"][axis]) <= MOST_COLOURS and not _has_times(header, axis):
        raise InputError(
            f"{name} has an axis of {header['sizes'][axis]} samples of no stated kind, which may be colours: write its "
            "kind, 'list' for phases, into the header."
        )
    return axis


def _without_direction(header: dict[str, Any], dimension: int) -> int | None:
    """The first axis without a direction in space, if any."""
    directions = header.get("space directions")
    if directions is None:
        return None
    for axis, row in enumerate(directions[:dimension]):
        if row is None or not np.isfinite(np.asarray(row, float)).all() or not np.any(row):
            return axis
    return None


def _has_times(header: dict[str, Any], axis: int) -> bool:
    """Whether the header gives times for an axis of no stated kind."""
    units, labels = header.get("units"), header.get("labels")
    unit = str(units[axis]).strip().lower() if units is not None and len(units) > axis else ""
    label = str(labels[axis]).strip().lower() if labels is not None and len(labels) > axis else ""
    keys = (f"axis {axis} index values", "MultiVolume.FrameLabels", TIMING)
    return unit in MS_PER_UNIT or label in ("t", "time", "phase", "frame") or any(key in header for key in keys)


def _affine(header: dict[str, Any], time_axis: int | None) -> Affine:
    """RAS affine of the three axes in space; NRRD without a named space is taken as LPS, as Slicer writes it."""
    affine = np.eye(4)
    dimension = int(header["dimension"])
    axes = [axis for axis in range(dimension) if axis != time_axis]
    if header.get("space directions") is not None:
        for column, axis in enumerate(axes):
            affine[:3, column] = np.asarray(header["space directions"][axis], float)[:3]
    elif header.get("spacings") is not None:
        for column, axis in enumerate(axes):
            affine[column, column] = float(header["spacings"][axis])
    if header.get("space origin") is not None:
        affine[:3, 3] = np.asarray(header["space origin"], float)[:3]
    affine[:3] *= _mm_per_unit(header, axes, affine)
    space = str(header.get("space", "left-posterior-superior")).lower().removesuffix("-time")
    if space not in TO_RAS:
        raise InputError(f"The NRRD space '{space[:40]}' is not a patient space: save it as left-posterior-superior.")
    return TO_RAS[space] @ affine


def _mm_per_unit(header: dict[str, Any], axes: list[int], affine: Affine) -> float:
    """How many mm the unit of lengths is that the header states, 1 without one.

    Metres and micrometres are not believed where the voxels have sizes as in mm.
    """
    space, units = header.get("space units"), header.get("units")
    of_axes = [units[axis] for axis in axes] if units is not None and len(units) > max(axes) else []
    stated = of_axes if space is None else space
    names = {str(unit).strip(' "').lower() for unit in stated[:3]}
    names = {name if name in MM_PER_UNIT else name.removesuffix("s") for name in names}
    scale = MM_PER_UNIT.get(names.pop(), 1.0) if len(names) == 1 else 1.0
    low, high = VOXELS_MM
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    return 1.0 if scale != MM_PER_UNIT["cm"] and low <= sizes.min() and sizes.max() <= high else scale


def _timing(header: dict[str, Any], axis: int, phases: int) -> Timing:
    """Times from Slicer's index values, from the multi-volume labels, or from the axis spacing.

    Where `TIMING` tells the rest, the index values are in ms and taken as they are.
    """
    units = header.get("units")
    unit = str(units[axis]) if units is not None and len(units) > axis else ""
    unit = str(header.get(f"axis {axis} index unit", unit)).strip().lower()
    values = str(header.get(f"axis {axis} index values", "")).split()
    labels = str(header.get("MultiVolume.FrameLabels", "")).split(",")
    if TIMING in header:
        entry = json.loads(header[TIMING])
        times = np.array([float(text) for text in values])
        rate = entry["heart_rate"]
        return Timing(times, float(entry["period"]), rate is not None, tuple(map(str, entry["notes"])), rate)
    for texts, its_unit in ((values, unit), (labels, unit or "ms")):
        if len(texts) == phases and all(_is_number(text) for text in texts):
            return from_values([float(text) for text in texts], its_unit)
    spacings, directions = header.get("spacings"), header.get("space directions")
    if spacings is not None and np.isfinite(spacings[axis]):
        return from_step(phases, float(spacings[axis]), unit)
    # ITK writes four axes in a space of four dimensions, time as the last.
    if directions is not None and len(np.atleast_1d(directions[axis])) == 4 and np.isfinite(directions[axis]).all():
        return from_step(phases, abs(float(directions[axis][3])), unit)
    return unknown(phases)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
