"""Find the cases in a folder: every subfolder, every file in a format of cines and every archive is a case."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from medvos.cine import archive, mask_image, nifti, nrrd, video
from medvos.cine.clutter import is_clutter
from medvos.cohort.case import Case, check_names, folder_name
from medvos.errors import InputError
from medvos.staging import OPTIONAL, RESULTS

LABEL_SUFFIXES = (".nii.gz", ".nii", ".seg.nrrd", ".nrrd")
# By option; a seed may also be a mask of one frame.
SUFFIXES_OF = {"--seeds": (*LABEL_SUFFIXES, *mask_image.SUFFIXES), "--truth": LABEL_SUFFIXES}
# The longest first, so that p1.seq.nrrd is the case p1; an .img is found through its .hdr.
CINE_SUFFIXES = sorted(
    (".seq.nrrd", *nifti.SUFFIXES, *nrrd.SUFFIXES, *video.SUFFIXES, *archive.SUFFIXES), key=len, reverse=True
)
CINE_SUFFIXES.remove(".img")
PLACE = "{case}"
MOST_NAMED = 3


def cases_in(folder: Path, seeds: str, phase: int | None = None, truth: str | None = None) -> list[Case]:
    """Return the cases of a folder, by name.

    >>> cases_in(Path("cohort"), "{case}/seed.nii.gz", phase=0)  # doctest: +SKIP

    Parameters
    ----------
    folder: the folder of the cases. Hidden files, what systems add (``__MACOSX``), the seeds and truths of cases
        and the files of a result that was written there are not cases.
    seeds: the seed of each case: a path with ``{case}`` in it, relative to ``folder``, or a folder of label images with
        the cases' names.
    phase: of 3D seeds.
    truth: the truth of each case, given like ``seeds``.

    Raises
    ------
    InputError: ``seeds`` or ``truth`` is neither, or has two files for one case; two cases have one name, or there is
        no case.
    """
    named = _named(folder)
    apart = {Path(place).resolve() for place in (seeds, truth) if place and PLACE not in place}
    seed_of = {name: _found(folder, seeds, name, "--seeds") for name, _ in named}
    truth_of = {name: _found(folder, truth, name, "--truth") if truth else None for name, _ in named}
    drawings = apart | {path.resolve() for path in (*seed_of.values(), *truth_of.values()) if path}
    cases = [
        Case(name, path, seed_of[name], phase, truth_of[name])
        for name, path in named
        if path.resolve() not in drawings and not any(path.resolve() in place.parents for place in apart)
    ]
    if not cases:
        raise InputError(
            f"{folder} holds no case; give a folder with a subfolder or a 4D file for each case, or a table of them."
        )
    _check_apart(cases)
    check_names(case.name for case in cases)
    return cases


def unmatched_note(option: str, place: str, cases: Iterable[Case]) -> str | None:
    """Return a sentence that names label images of a folder, given with ``option``, that are of no case; None if none.

    A path with ``{case}`` in it, which is of the cases alone, has none.

    >>> unmatched_note("--seeds", "seeds", cases)  # doctest: +SKIP
    "--seeds has patient49.nii.gz, which is no case's name."
    """
    if PLACE in place:
        return None
    names = {case.name for case in cases}
    files = sorted(file.name for file in Path(place).iterdir() if file.is_file() and not is_clutter(file.name))
    strange = [name for name in files if (stem := _label_name(name, option)) is not None and stem not in names]
    if not strange:
        return None
    others = f" and {len(strange) - MOST_NAMED} more" if len(strange) > MOST_NAMED else ""
    are = "is no case's name" if len(strange) == 1 else "are no cases' names"
    return f"{option} has {', '.join(strange[:MOST_NAMED])}{others}, which {are}."


def _label_name(name: str, option: str) -> str | None:
    suffix = next((end for end in SUFFIXES_OF[option] if name.lower().endswith(end)), None)
    return name[: -len(suffix)] if suffix else None


def _check_apart(cases: Sequence[Case]) -> None:
    """Raise InputError that names two files or folders which would be cases of one name on some file systems."""
    seen: dict[str, Path] = {}
    for case in cases:
        other = seen.setdefault(folder_name(case.name), case.cine)
        if other is not case.cine:
            raise InputError(
                f"{other.name} and {case.cine.name} would both be the case '{case.name}': rename one, or keep it "
                "elsewhere."
            )


def case_name(cine: Path) -> str | None:
    """Return the name that a cine has as a case of its folder; None if its file is in no format of cines.

    >>> case_name(Path("scans/P-001.nii.gz"))
    'P-001'
    """
    if cine.is_dir():
        return cine.name or cine.resolve().name  # a link has its own name; the folder "." has none
    suffix = next((s for s in CINE_SUFFIXES if cine.name.lower().endswith(s)), None)
    return cine.name[: -len(suffix)] if suffix else None


def _named(folder: Path) -> list[tuple[str, Path]]:
    names = _names(folder)
    # Of a case whose results were written among the cines.
    results = {*RESULTS, *OPTIONAL} if set(RESULTS) <= set(names) else set()
    entries = sorted(folder / name for name in names if name not in results and not is_clutter(name))
    return [(name, entry) for entry in entries if (name := case_name(entry))]


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:  # each case reads the folder anew, and names are quicker than paths
            return [entry.name for entry in entries]
    except OSError as error:
        raise InputError(f"{folder} cannot be read ({error.strerror}); give yourself permission.") from error


def _found(folder: Path, place: str, name: str, option: str) -> Path | None:
    """Return the label image of a case; the file of a pattern may be missing, which the case reports when it is run."""
    if PLACE in place:
        return folder / place.replace(PLACE, name)
    if not Path(place).is_dir():
        raise InputError(
            f"{option} {place} is not a folder and has no {PLACE} in it; give a folder of label images with the cases' "
            f"names, or a path such as {PLACE}/seed.nii.gz, relative to the folder of the cases."
        )
    files = labels_of(Path(place), name, option)
    if len(files) > 1:
        named = " and ".join(file.name for file in files)
        raise InputError(f"{option} {place} has {named} for the case '{name}': leave the one that counts there.")
    return files[0] if files else None


def labels_of(folder: Path, name: str, option: str = "--seeds") -> list[Path]:
    """Return the label images of a case in a folder of seeds or truths; those of seeds include masks of one frame.

    Their ending may be in capitals, as ``P-001.PNG``; their name is exactly the case's.

    >>> labels_of(Path("seeds"), "P-001")  # doctest: +SKIP
    [PosixPath('seeds/P-001.seg.nrrd')]

    Raises
    ------
    InputError: the folder cannot be read.
    """
    if not folder.is_dir():
        return []
    suffixes = SUFFIXES_OF[option]
    named = [file for file in _names(folder) if file.startswith(name) and file[len(name) :].lower() in suffixes]
    return sorted(file for each in named if (file := folder / each).is_file())
