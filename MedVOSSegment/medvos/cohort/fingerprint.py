"""Digests of inputs and settings, to decide whether a stored result is up to date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from glob import escape
from pathlib import Path

from medvos.cine.label_description import names_beside
from medvos.cine.proposal import has_unchanged_proposal
from medvos.cohort.case import Case
from medvos.cohort.settings import Settings
from medvos.errors import InputError
from medvos.models.store import ModelInfo, resolve
from medvos.propagation.suited_model import DRAWN_MODELS, DRAWN_NETWORKS
from medvos.version import __version__

MadeFrom = dict[str, str | int | None]
MISSING = "missing"
# Headers whose voxels lie in another file of the same name, and the other way round.
IN_TWO = (".hdr", ".img", ".nhdr")


def made_from(case: Case, settings: Settings) -> MadeFrom:
    """Return what determines the result of a case; device, threads and time limit do not.

    Files are identified by their content, so that a copied or touched cohort is not run again. The truth of a case,
    which may lie in the folder of its cine, is left out. What a description beside the seed names its labels counts,
    and that proposals are confirmed does for a case that has one.
    """
    names = described(case.seed)
    confirmed = settings.confirmed and case.seed is not None and has_unchanged_proposal(case.seed)
    return {
        "input": digest(case.cine, but=case.truth),
        "seed": digest(case.seed),
        "phase": case.phase,
        "model": settings.model_digest,
        "medvos": __version__,
        **({"labels": settings.labels} if settings.labels else {}),
        **({"names": names} if names else {}),
        **({"confirmed": True} if confirmed else {}),
    }


def described(labels: Path | None) -> str:
    """Return the names that a description beside a label image gives its labels, '' where there is none.

    >>> described(Path("seeds/P-001.nii.gz"))  # with seeds/P-001.label  # doctest: +SKIP
    '1 LV, 2 Myo'
    """
    names = {} if labels is None else names_beside(labels)
    return ", ".join(f"{number} {names[number]}" for number in sorted(names))


def of_model(model: ModelInfo) -> str:
    """Return the SHA-256 of a model's manifest entry: checksums of weights and companion, constants, terms."""
    listed = {key: value for key, value in asdict(model).items() if key != "path"}
    if model.companion:
        listed["companion"] = resolve(model.companion, "vivim").sha256
    return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()


def of_default_models() -> str:
    """Return the SHA-256 of the manifest entries of the models that segment the cases where none is named.

    Raises
    ------
    InputError: there are no weights of any of them, so that every case would fail.
    """
    each = []
    for name in DRAWN_MODELS:
        try:
            each.append(of_model(resolve(name, *DRAWN_NETWORKS)))
        except InputError:
            each.append(MISSING)  # a case that needs it fails by itself
    if set(each) == {MISSING}:
        resolve(DRAWN_MODELS[0], *DRAWN_NETWORKS)
    return hashlib.sha256(" ".join(each).encode()).hexdigest()


def digest(path: Path | None, but: Path | None = None) -> str:
    """Return the SHA-256 of a file, or of the names and contents of all files in a folder; ``missing`` if neither.

    A header is digested with the file that has its voxels.
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
