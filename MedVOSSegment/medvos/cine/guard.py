"""Guards around the format libraries: exceptions become one InputError, impossible sizes are refused early."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.errors import InputError, MedVOSError

MAX_VOXELS = 1_000_000_000
MOST_PHASES = 32767  # NIfTI, in which results are written, counts them in 16 bits
SMALLEST_SIDE = 8
# gzip compresses by at most 1032 to 1: a header that claims more does not describe its file.
MAX_COMPRESSION = 1100
# The square of a larger grey is infinite in single precision.
LARGEST_GREY = 1e18


@contextmanager
def reading(name: str, kind: str) -> Iterator[None]:
    """Turn whatever a format library raises while reading `name` into one InputError that names it.

    Library warnings are silenced: they quote file contents, which may name the patient.
    """
    logger = logging.getLogger("pydicom")
    level = logger.level
    try:
        logger.setLevel(logging.CRITICAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (MedVOSError, ImportError):  # a package that is not installed is no damaged file
        raise
    except PermissionError as error:
        raise InputError(f"{name} may not be read: give yourself permission to read it.") from error
    except MemoryError as error:
        raise InputError(f"{name} does not fit into memory: crop it or leave out what is not the heart.") from error
    except Exception as error:
        raise InputError(f"{name} cannot be read as {kind}: it is damaged or cut short; copy it again.") from error
    finally:
        logger.setLevel(level)


def check_size(name: str, shape: tuple[int, ...], stored_bytes: int | None = None, item_bytes: int = 1) -> None:
    """Refuse a header whose (…) `shape` is impossible, too large, or more than its file of `stored_bytes` can hold."""
    if any(int(n) < 1 for n in shape):
        raise InputError(f"{name} claims the size {' x '.join(map(str, shape))}: its header is damaged.")
    voxels = int(np.prod([float(n) for n in shape]))
    if stored_bytes is not None and voxels * item_bytes > stored_bytes:
        raise InputError(f"{name} is cut short: its header claims more pixels than the file holds; copy it again.")
    if voxels > MAX_VOXELS:
        raise InputError(f"{name} has {voxels / 1e9:.1f} billion pixels, more than can be held: crop it first.")


def checked(cine: Cine) -> Cine:
    """Return `cine` if the engine can work on it, else raise InputError."""
    t, _, y, x = cine.shape
    name = "The input"
    if t < 2:
        raise InputError(f"{name} has one phase only: a cine needs at least two phases of the heart beat.")
    if t > MOST_PHASES:
        raise InputError(f"{name} has {t} phases: cut it into parts of {MOST_PHASES} at most.")
    if min(y, x) < SMALLEST_SIDE:
        raise InputError(f"{name} has images of {x} x {y} pixels, too small to show a heart.")
    check_geometry(name, cine.affine)
    if not (
        np.isfinite(cine.times).all() and (np.diff(cine.times) > 0).all() and cine.times[-1] < cine.period < np.inf
    ):
        raise InputError(f"{name} has phase times that do not increase within one beat: correct them.")
    check_finite(cine.array)
    return cine


def check_geometry(name: str, affine: NDArray[np.float64]) -> None:
    """Refuse an affine (4, 4) that is not finite, not invertible, or has absurd voxel sizes."""
    axes = affine[:3, :3]
    if not np.isfinite(affine).all():
        raise InputError(f"{name} has a geometry with numbers that are not finite: correct its header.")
    sizes = np.linalg.norm(axes, axis=0)
    if sizes.min() < 1e-3 or sizes.max() > 1e3 or abs(np.linalg.det(axes / sizes)) < 0.1:
        raise InputError(f"{name} has an impossible geometry (voxel size or directions): correct its header.")


def check_finite(array: NDArray[np.float32]) -> None:
    """Refuse pixels in `array` (T, Z, Y, X) that are NaN, infinite or absurdly large, naming where the first is."""
    for t, phase in enumerate(array):
        if not np.isfinite(phase).all():
            z = int(np.argmin(np.isfinite(phase).all(axis=(1, 2))))
            raise InputError(
                f"Phase {t + 1}, slice {z + 1} (counted from 1) has pixels that are NaN or infinite: replace them, for "
                "example with 0."
            )
        if phase.max() > LARGEST_GREY or phase.min() < -LARGEST_GREY:
            raise InputError(
                f"Phase {t + 1} (counted from 1) has pixels beyond {LARGEST_GREY:g}: replace them, for example with 0."
            )
