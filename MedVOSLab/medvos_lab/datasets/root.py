"""Folder of the real data."""

from __future__ import annotations

import os
from pathlib import Path

from medvos.errors import InputError

DEFAULT = Path("../shared/data")


def data_root() -> Path:
    """Return folder of the real data: ``MEDVOS_DATA``, else ``../shared/data`` as seen from the working folder.

    Raises
    ------
    InputError: there is no such folder.
    """
    root = Path(os.environ.get("MEDVOS_DATA") or DEFAULT)
    if not root.is_dir():
        raise InputError(f"There is no data folder at {root}; set MEDVOS_DATA to the folder that holds the data.")
    return root


def dataset_folder(root: Path | None, name: str) -> Path:
    """Return folder of one data set below ``root`` (default: ``data_root()``).

    Raises
    ------
    InputError: the data set is not there.
    """
    folder = (data_root() if root is None else Path(root)) / name
    if not folder.is_dir():
        raise InputError(f"There is no data set at {folder}; set MEDVOS_DATA to the folder that holds '{name}'.")
    return folder
