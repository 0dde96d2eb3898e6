"""Pack the data that `medvos train cstm-beats` learns from into a folder of at most 64 MiB, for another machine.

    python Utilities/pack_training_data.py DATA FOLDER

DATA is the folder that MEDVOS_DATA names. FOLDER gets the training patients of `acdc` and `acdc_4d` and all of
`sunnybrook_edes`, in the same files, so that `--data FOLDER` or MEDVOS_DATA reads it. Grey values of the images are
rounded to multiples of 5 (an error of at most 2 of 255, the coding noise of the videos) and compressed harder; labels
and videos are copied as they are. Without validation patients, give `--validate-on 0` and `--no-release` there. The
motion of the images (1.2 GB) and the synthetic hearts are not packed: the training computes them within minutes.

The terms of the data sets go with the folder: do not pass it on. Exit 1 where data are missing or do not fit.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from zipfile import ZIP_LZMA, ZipFile

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from medvos_lab.datasets.acdc import VOXEL_SIZES, split_of
from medvos_lab.datasets.root import dataset_folder

LIMIT_MIB = 64.0
GREY_STEP = 5  # lossless images need about 86 MiB in all, steps of 3 about 69


def pack(data: Path, folder: Path, limit_mib: float = LIMIT_MIB) -> float:
    """Write the packed folder, and return its size in MiB.

    Raises
    ------
    InputError: a data set or its index lacks something, the folder exists, or the data do not fit.

    Example
    -------
    >>> pack(Path("../shared/data"), Path("packed"))
    """
    if folder.exists():
        raise InputError(f"{folder} exists; name a new folder.")
    acdc, beats = dataset_folder(data, "acdc"), dataset_folder(data, "acdc_4d")
    frames = dataset_folder(data, "sunnybrook_edes")
    videos = _training(beats.glob("patient*.mp4"))
    index = json.loads((beats / "index.json").read_text(encoding="utf-8"))
    unknown = [path.stem for path in videos if path.stem not in index]
    if unknown or not videos:
        lacking = f"an entry of {unknown[0]} in index.json" if unknown else "videos of training patients"
        raise InputError(f"{beats} lacks {lacking}; complete the data set.")
    unfinished = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    for name in (acdc.name, beats.name, frames.name):
        (unfinished / name).mkdir(parents=True)
    shutil.copy(acdc / VOXEL_SIZES, unfinished / "acdc")
    for path in [*_training(acdc.glob("patient*.npz")), *sorted(frames.glob("*.npz"))]:
        with np.load(path) as arrays:
            write_packed(unfinished / path.parent.name / path.name, dict(arrays))
    for path in videos:
        shutil.copy(path, unfinished / "acdc_4d")
    packed = {path.stem: index[path.stem] for path in videos}
    (unfinished / "acdc_4d" / "index.json").write_text(json.dumps(packed), encoding="utf-8")
    size = sum(path.stat().st_size for path in unfinished.rglob("*") if path.is_file()) / 2**20
    if size > limit_mib:
        shutil.rmtree(unfinished)
        raise InputError(
            f"The data take {size:.1f} MiB, more than {limit_mib:g} MiB; take them to the other machine another way."
        )
    unfinished.rename(folder)
    return size


def write_packed(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write arrays as ``.npz`` with LZMA, which `numpy.load` reads; the grey values of ``image`` are rounded."""
    with ZipFile(path, "w", ZIP_LZMA) as file:
        for name, array in arrays.items():
            with file.open(f"{name}.npy", "w") as entry:
                np.lib.format.write_array(entry, rounded(array) if name == "image" else array)  # type: ignore[arg-type]


def rounded(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Return grey values (uint8) rounded to the nearest multiple of `GREY_STEP`.

    >>> rounded(np.array([0, 2, 3, 255], np.uint8)).tolist()
    [0, 0, 5, 255]
    """
    steps = (image.astype(np.int16) + GREY_STEP // 2) // GREY_STEP
    return (steps * GREY_STEP).clip(0, 255).astype(np.uint8)


def _training(paths: Iterable[Path]) -> list[Path]:
    return sorted(path for path in paths if split_of(path) == "training")


def main(data: str, folder: str) -> None:
    """Pack, and say the size."""
    try:
        size = pack(Path(data), Path(folder))
    except InputError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(
            f"{error.filename or folder} cannot be read or written ({error.strerror}); complete the data, make room or "
            "permit access, or name another folder."
        )
    sys.stdout.write(f"{folder}: {size:.1f} MiB\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
