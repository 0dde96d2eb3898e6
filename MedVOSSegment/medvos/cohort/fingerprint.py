"""Whether a result is still the one that its inputs and settings would give."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from glob import escape
from pathlib import Path

from medvos.cohort.case import Case
from medvos.cohort.settings import Settings
from medvos.models.store import ModelInfo
from medvos.version import __version__

MadeFrom = dict[str, str | int | None]
MISSING = "missing"
# Headers whose voxels lie in another file of the same name, and the other way round.
IN_TWO = (".hdr", ".img", ".nhdr")


def made_from(case: Case, settings: Settings) -> MadeFrom:
    """All that decides what the result of a case is; device, threads and time limit do not.

    Files count by what is in them, so that a copied or touched cohort is not run again. The truth of a case may lie
    in the folder of its cine; it does not count.
    """
    return {
        "input": digest(case.cine, but=case.truth),
        "seed": digest(case.seed),
        "phase": case.phase,
        "model": settings.model_digest,
        "medvos": __version__,
    }


def of_model(model: ModelInfo) -> str:
    """SHA-256 of all that is listed of a model: the checksum of its weights, its constants, its terms."""
    listed = {key: value for key, value in asdict(model).items() if key != "path"}
    return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()


def digest(path: Path | None, but: Path | None = None) -> str:
    """SHA-256 of a file, or of the names and contents of all files below a folder; ``missing`` where it is neither.

    A header counts with the file that has its voxels.
    """
    if path is None or not path.exists():
        return MISSING
    if path.is_file():
        in_two = path.suffix.lower() in IN_TWO
        return _of_files(path.parent, path.parent.glob(f"{escape(path.stem)}.*")) if in_two else _of_file(path)
    return _of_files(path, path.rglob("*"), but)


def _of_files(folder: Path, files: Iterable[Path], but: Path | None = None) -> str:
    whole = hashlib.sha256()
    for file in sorted(files):
        if file.is_file() and file != but:
            whole.update(f"{file.relative_to(folder).as_posix()}\0{_of_file(file)}\n".encode(errors="surrogateescape"))
    return whole.hexdigest()


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
