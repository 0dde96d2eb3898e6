"""Read a folder of results: its segmentation onto a cine, or its measures alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine import nifti
from medvos.cine.cine import Cine, Source
from medvos.cine.clip_view import at_scale_of
from medvos.cine.grid import onto_grid
from medvos.cine.guard import reading
from medvos.cine.labels import label_numbers
from medvos.cine.nifti import read_nifti
from medvos.cine.read import read
from medvos.errors import InputError
from medvos.measure.doubt import Doubt, with_doubts
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.measure.subject import FACTS, with_facts_of
from medvos.measure.volumes import label_counts, volumes_of
from medvos.report.document import measures_from
from medvos.report.labels_digest import labels_digest
from medvos.report.read_again import OtherCine, as_before, have_other_images
from medvos.result import CHOSEN_PHASES, Result
from medvos.structures import heart_of

CHANGED = Doubt(
    "segmentation.nii.gz was changed after report.json was written: it was measured anew, with the former uncertainty"
)
SEGMENTATION, UNCERTAINTY, REPORT = "segmentation.nii.gz", "uncertainty.nii.gz", "report.json"


def read_result(folder: str | Path, cine: Cine) -> Result:
    """Read the result that `medvos.report.write_results.write_results` wrote for ``cine``.

    >>> result = read_result("results/", medvos.read("patient/"))  # doctest: +SKIP

    Raises
    ------
    InputError: a file is missing or damaged, or the result is of another cine.
    """
    folder = Path(folder)
    if cine.source.views.several:  # the result may be of another view than the one that is used without a drawing
        cine = at_scale_of(cine, nifti.load(_existing(folder, SEGMENTATION))[1])
    labels = label_numbers(_image(folder, SEGMENTATION, cine), SEGMENTATION)
    uncertainty = _image(folder, UNCERTAINTY, cine).astype(np.float32)
    with _report(folder) as report:
        scores = np.array(report["slice_scores"], np.float32)
        seeds = np.zeros(cine.shape[:2], bool)
        for seed in report["provenance"]["seeds"]:
            if min(seed["phase"], seed["slice"]) < 0:
                raise ValueError("a seed before the first phase or slice")
            seeds[seed["phase"], seed["slice"]] = True
        provenance = dict(report["provenance"])
        chosen = provenance.get(CHOSEN_PHASES, {"ED": None, "ES": None})
        if not all(isinstance(chosen[name], int | None) for name in ("ED", "ES")):
            raise ValueError("chosen phases that are no numbers")
    if scores.shape != seeds.shape:
        raise OtherCine("report.json is of another cine; give the folder of this cine's result.")
    return Result(cine, labels, uncertainty, scores, seeds, provenance)


def stored_result(folder: str | Path) -> Result:
    """Read a result without its cine.

    >>> export(stored_result("results/"), Form.STL, Path("surfaces"))  # doctest: +SKIP

    The result's cine has the geometry, the phase times, the facts of the person and the digest of the one that was
    segmented; its intensities are all 0.

    Raises
    ------
    InputError: a file is missing or damaged.
    """
    folder = Path(folder)
    for name in (SEGMENTATION, UNCERTAINTY, REPORT):
        _existing(folder, name)
    grid = read_nifti(folder / SEGMENTATION)
    with _report(folder) as report:
        stated = report["provenance"]["input"]
        facts = {"heart_rate": stated["heart_rate"]} | report.get("subject", {})
        times = np.array(report["curves"]["time_ms"], np.float64)
        source = Source(
            kind=stated["kind"],
            description={"modality": stated["modality"]} if stated.get("modality") else {},
            notes=tuple(stated["notes"]),
            rate_given=stated.get("heart_rate_given", False),
            known_shunt=facts.get("known_shunt", False),
            spacing_known=stated.get("spacing_known", True),
            digest=stated.get("pictures_sha256") or "",
            series=tuple(stated.get("series") or ()),
            missing_slices=tuple(stated.get("missing_slices") or ()),
            **{name: facts.get(name) for name in FACTS},
        )
        period = float(stated["period_ms"])
    if len(times) != grid.shape[0]:
        raise InputError("report.json and segmentation.nii.gz are of different cines: give a folder as it was written.")
    blank = np.broadcast_to(np.float32(0), grid.shape)
    return read_result(folder, replace(grid, array=blank, times=times, period=period, source=source))


def result_on(folder: str | Path, cine: Cine) -> Result:
    """Read a result on its cine as it was read anew, with what the user stated of the person.

    >>> result_on("results/", read("patient/")).cine.source.heart_rate  # doctest: +SKIP
    65.0

    Raises
    ------
    InputError: a file is missing or damaged, or the result is of another cine.
    """
    result, former = _with_former(folder, cine)
    if former is None:
        return result
    updated = with_facts_of(result.cine, former)
    return replace(result, cine=replace(updated, times=former.times, period=former.period))


def result_to_correct(folder: str | Path, cine: Cine) -> Result:
    """Read a result on its cine as it was read anew, to be corrected: as `result_on`, but see `as_before` on times.

    >>> result_to_correct("results/", read("patient/")).cine.source.heart_rate  # doctest: +SKIP
    65.0

    Raises
    ------
    InputError: a file is missing or damaged, or the result is of another cine.
    """
    result, former = _with_former(folder, cine)
    return result if former is None else replace(result, cine=as_before(result.cine, former))


def _with_former(folder: str | Path, cine: Cine) -> tuple[Result, Cine | None]:
    """Read a result on its cine, and the cine as its report states it; None where the panel has made the report."""
    result = read_result(folder, cine)
    if "input" not in result.provenance:  # the panel's cine states all that is known
        return result, None
    former = stored_result(folder).cine
    if have_other_images(cine, former):
        raise OtherCine("report.json is of other images than the cine's; give the folder of this cine's result.")
    return result, former


def result_with_images(folder: str | Path, source: str | Path) -> Result:
    """Read a result with the images of the cine in ``source``, which was given to `medvos propagate`.

    Raises
    ------
    InputError: a file is missing or damaged, or ``source`` is another cine.
    """
    stored = stored_result(folder)
    cine = read(source, stored.cine.source.series)
    other = f"The images in {Path(source).name} are not those that were segmented: give that cine (--source)."
    try:
        return result_on(folder, cine)
    except OtherCine as error:
        raise InputError(other) from error


def stored_measures(folder: str | Path) -> Measures:
    """Read the measures from the report of a folder, as it states them.

    >>> stored_measures("results/")["LVEF"].interval  # doctest: +SKIP
    (55.1, 61.0)

    Raises
    ------
    InputError: the report is missing or damaged.
    """
    with _report(Path(folder)) as report:
        return measures_from(report)


def written_measures(folder: str | Path, result: Result) -> Measures:
    """Return the measures as the report of a folder states them, if they are those of its ``result``.

    If the labels were changed since, they are measured anew, and a doubt states it.

    >>> written_measures("results/", stored_result("results/"))["LVEF"].interval  # doctest: +SKIP
    (55.1, 61.0)
    """
    folder = Path(folder)
    stated = stored_measures(folder)
    with _report(folder) as report:
        digest: str | None = report.get("labels_sha256")
    if stored_digest(folder) == digest if digest else _are_of(stated, result):
        return stated
    anew = measure(result, subject=stated.subject)
    return with_doubts(anew, [CHANGED])


def chosen_phases(folder: str | Path) -> tuple[int | None, int | None]:
    """Return ED and ES, from 0, that were chosen for a folder of results; None twice where they are found.

    >>> chosen_phases("results/")  # doctest: +SKIP
    (0, 9)
    """
    with _report(Path(folder)) as report:
        chosen = report["provenance"].get(CHOSEN_PHASES, {})
        return chosen.get("ED"), chosen.get("ES")


def was_changed(folder: str | Path) -> bool:
    """Return whether the labels of a folder were changed after its report was written; False where this is unknown.

    An image of other values than labels is a change too.

    >>> was_changed("results/")  # doctest: +SKIP
    False
    """
    folder = Path(folder)
    try:
        with _report(folder) as report:
            digest = report.get("labels_sha256")
        stored = _stored(folder) if digest else None
    except InputError:  # a file is missing or damaged: no work of anybody
        return False
    try:
        return stored is not None and _digest(stored) != digest
    except InputError:
        return True


def stored_digest(folder: Path) -> str:
    """Return the digest of the labels as they are stored, in the order of the file."""
    return _digest(_stored(folder))


def _stored(folder: Path) -> NDArray:
    with reading(SEGMENTATION, "a NIfTI image"):
        return nifti.load(_existing(folder, SEGMENTATION))[0]


def _digest(stored: NDArray) -> str:
    labels = label_numbers(stored, SEGMENTATION)
    return labels_digest(labels.reshape((1,) * (4 - labels.ndim) + labels.shape))


def _are_of(measures: Measures, result: Result) -> bool:
    """Whether the curves of measures are those of the labels, up to the decimals of a report.

    For reports of earlier versions, which have no digest of the labels; curves do not show every change.
    """
    if not measures.volumes_ml:  # one slice, or a clip without a pixel size
        return True
    if result.cine.is_echo:
        curves = measure(result, subject=measures.subject).volumes_ml
    else:
        curves = volumes_of(label_counts(heart_of(result.labels)), result.cine.affine)
    return curves.keys() == measures.volumes_ml.keys() and all(
        np.allclose(curve, curves[name], atol=1e-3, equal_nan=True) for name, curve in measures.volumes_ml.items()
    )


@contextmanager
def _report(folder: Path) -> Iterator[dict[str, Any]]:
    """Give the content of ``report.json``; a lookup in it that fails means that the file is damaged."""
    path = _existing(folder, REPORT)
    with reading(REPORT, "a report of medvos"):
        yield json.loads(path.read_text(encoding="utf-8"))


def _existing(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        # A relative path such as "." has no name of its own.
        raise InputError(f"{folder.resolve().name} has no {name}: give a folder that medvos has written.")
    return path


def _image(folder: Path, name: str, cine: Cine) -> NDArray:
    """Read an image of the folder onto the grid of the cine."""
    path = _existing(folder, name)
    with reading(name, "a NIfTI image"):
        array, affine = nifti.load(path)[:2]
    placed = onto_grid(array, affine, cine.shape[1:], cine.affine)
    if placed is None or placed.shape != cine.shape:
        raise OtherCine(f"{name} is on another grid than the cine; give the folder of this cine's result.")
    return placed
