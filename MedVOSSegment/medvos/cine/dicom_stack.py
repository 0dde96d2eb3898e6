"""Build the slices of one view into a stack: spacing from positions, one in-plane grid, one set of phases."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.common_phases import PhasePlan, plan_phases
from medvos.cine.dicom_films import Film, read_films
from medvos.cine.dicom_frames import Frame
from medvos.cine.dicom_slices import Slice
from medvos.cine.geometry import dicom_affine, normal_of, sort_along_normal
from medvos.cine.guard import check_size
from medvos.cine.inplane import offset_pixels, resampled, same_grid
from medvos.errors import InputError

# Spacing of a single slice: there is no other to measure it from.
ASSUMED_THICKNESS_MM = 8.0
DRIFT_PIXELS = 0.1
# Over the whole stack. Other programs draw seeds on a stack without shear, and the two grids must still match.
LARGEST_SHEAR_PIXELS = 0.25


@dataclass(frozen=True)
class Lattice:
    """Evenly spaced slices: `places` (n,) are the indices of the acquired slices, `count` includes missing ones.

    `origin` (3,) is the first voxel's centre in LPS, `step` (3,) leads from one slice to the next, `grid` has the
    in-plane size, spacing and directions, `drift` (n, 2) is how far (row, column) each slice's own grid is off.
    """

    places: NDArray[np.int_]
    count: int
    origin: NDArray[np.float64]
    step: NDArray[np.float64]
    grid: Frame
    drift: NDArray[np.float64]


def build_stack(slices: Sequence[Slice], path: str, notes: Sequence[str]) -> Cine:
    """Build the cine of parallel `slices`, one per position; InputError for uneven spacing or missing phases."""
    grid = _common_grid(slices)
    normal = normal_of(grid.orientation)
    slices = sort_along_normal(slices, normal)
    lattice = _lattice(slices, grid)
    read = read_films(slices)
    films = read.films
    plan = plan_phases([film.phases for film in films])
    phases = len(plan.timing.times)
    check_size("The stack", (phases, lattice.count, *grid.shape))
    array = np.empty((phases, lattice.count, *grid.shape), np.float32)
    files = [[""] * lattice.count for _ in range(phases)]
    indices = [[0] * lattice.count for _ in range(phases)]
    digest = hashlib.sha256()
    all_notes = [*notes, *read.notes, *plan.notes]
    for k, film in enumerate(films):
        z = int(lattice.places[k])
        digest.update(film.images.data)
        images = film.images
        if not same_grid(film.frames[0], grid) or np.abs(lattice.drift[k]).max() > DRIFT_PIXELS:
            images = resampled(images, film.frames[0], grid, lattice.origin + z * lattice.step)
            all_notes.append(
                f"Slice {z + 1} (counted from 1) has another in-plane grid or position than the others: it was "
                "resampled onto theirs."
            )
        weights = plan.weights[k]
        array[:, z] = images if weights is None else np.einsum("ts,syx->tyx", weights, images)
        for t, frame in enumerate(_nearest_frames(film, plan, k)):
            files[t][z], indices[t][z] = str(frame.path), frame.index
    missing = _fill_missing(array, lattice)
    all_notes += [
        f"Slice {z + 1} (counted from 1) is missing from the stack: it was interpolated between its neighbours, do not "
        "draw it."
        for z in missing
    ]
    affine = dicom_affine(lattice.origin, grid.orientation, grid.pixel_spacing, lattice.step)
    source = Source(
        path,
        "dicom",
        tuple(all_notes),
        tuple(map(tuple, files)),
        plan.timing.heart_rate if read.rate_known else None,
        frames=tuple(map(tuple, indices)),
        digest=digest.hexdigest(),
        missing_slices=missing,
    )
    return Cine(array, affine, plan.timing.times, plan.timing.period, source)


def _common_grid(slices: Sequence[Slice]) -> Frame:
    """The first frame with the in-plane grid that most slices have; of equals, the finest."""
    frames = [slice_.first for slice_ in slices]
    return max(frames, key=lambda frame: (sum(same_grid(frame, other) for other in frames), -min(frame.pixel_spacing)))


def _lattice(slices: Sequence[Slice], grid: Frame) -> Lattice:
    normal = normal_of(grid.orientation)
    distances = np.array([_centre(slice_.first) @ normal for slice_ in slices])
    gaps = np.diff(distances)
    if len(slices) == 1:
        return Lattice(np.zeros(1, int), 1, grid.position, normal * ASSUMED_THICKNESS_MM, grid, np.zeros((1, 2)))
    usual = float(np.median(gaps))
    jumps = np.round(gaps / usual)
    if (np.abs(gaps / usual - jumps) > 0.1).any() or jumps.min() < 1:
        raise InputError(
            f"The slices are unevenly spaced ({', '.join(f'{gap:.1f}' for gap in gaps)} mm): "
            "give the images of one evenly spaced stack."
        )
    if jumps.max() > 2:
        z = int(np.argmax(jumps))
        raise InputError(
            f"{int(jumps[z]) - 1} slices in a row are missing after slice {z + 1} (counted from 1): add their images."
        )
    places = np.concatenate([[0], np.cumsum(jumps)]).astype(int)
    spacing = float(np.polyfit(places, distances, 1)[0])
    origin, step = _along_own_positions(slices, grid, places, normal, spacing)
    drift = np.array([offset_pixels(origin + z * step, slice_.first) for z, slice_ in zip(places, slices, strict=True)])
    return Lattice(places, int(places[-1]) + 1, origin, step, grid, drift)


def _along_own_positions(
    slices: Sequence[Slice], grid: Frame, places: NDArray[np.int_], normal: NDArray[np.float64], spacing: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Origin and step of the stack: from the positions where they run along the normal, else along the normal."""
    chosen = [k for k, slice_ in enumerate(slices) if same_grid(slice_.first, grid)]
    if len(chosen) > 1:
        fit = np.polyfit(places[chosen], np.array([slices[k].first.position for k in chosen]), 1)
        step, origin = fit
        shear = np.linalg.norm(step - (step @ normal) * normal) * places[-1]
        if shear < LARGEST_SHEAR_PIXELS * min(grid.pixel_spacing):
            return origin, step
    step = normal * spacing
    anchor = places[next(k for k in chosen if slices[k].first is grid)]
    return grid.position - anchor * step, step


def _centre(frame: Frame) -> NDArray[np.float64]:
    """Centre of the image (3,) in LPS, at which slices that are not quite parallel are compared."""
    rows, columns = frame.shape
    down = frame.orientation[3:] * frame.pixel_spacing[0] * (rows - 1) / 2
    right = frame.orientation[:3] * frame.pixel_spacing[1] * (columns - 1) / 2
    return frame.position + down + right


def _nearest_frames(film: Film, plan: PhasePlan, k: int) -> list[Frame]:
    weights = plan.weights[k]
    if weights is None:
        return list(film.frames)
    return [film.frames[int(column)] for column in weights.argmax(axis=1)]


def _fill_missing(array: NDArray[np.float32], lattice: Lattice) -> tuple[int, ...]:
    """Interpolate slices that were never acquired from their neighbours, in place, and return their indices."""
    missing = sorted(set(range(lattice.count)) - set(lattice.places.tolist()))
    for z in missing:
        array[:, z] = (array[:, z - 1] + array[:, z + 1]) / 2
    return tuple(missing)
