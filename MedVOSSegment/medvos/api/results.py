"""The functions of the package that work on results: measure, read, export, report and evaluate them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

# The first import of a folder replaces the function of the same name in `medvos`, so it precedes the functions.
import medvos.evaluate
import medvos.export
import medvos.measure
import medvos.report  # noqa: F401
from medvos.api.arguments import Place, cine_of, result_of
from medvos.cine.cine import Cine
from medvos.result import Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from medvos.cine.seed import Labels
    from medvos.measure.measures import Measures
    from medvos.measure.subject import Subject


def measure(
    result: Result | Place | NDArray[np.integer],
    cine: Cine | Place | None = None,
    *,
    subject: Subject | None = None,
    ed: int | None = None,
    es: int | None = None,
    wall: bool = True,
    complete: bool | None = None,
) -> Measures:
    """Measure volumes, function and mass of both ventricles; in an echo clip those of the LV by the method of disks.

    >>> measures = medvos.measure("results")
    >>> round(measures["LVEF"].value), measures["LVEF"].unit
    (72, '%')

    Parameters
    ----------
    result: a `medvos.Result`, the folder of one, or a (T, Z, Y, X) label map (1 RV, 2 Myo, 3 LV).
    cine: geometry and time of a label map, or its path.
    subject: data of the person, in place of what the cine's files state.
    ed, es: phases to measure at instead of those that are found, counted from 0.
    wall: measure the wall of each segment too, which takes most of the time.
    complete: whether every phase was segmented; default: those of a result were.

    Raises
    ------
    InputError: a file cannot be read, the labels are not on the grid of the cine, or the cine has no such phase.
    TypeError: a label map without a cine.
    """
    from medvos.measure.measure import measure as measured

    given = result_of(result, "measure") if isinstance(result, Place) else result
    grid = None if cine is None else cine_of(cine, "measure")
    return measured(given, grid, subject=subject, ed=ed, es=es, wall=wall, complete=complete)


def read_results(folder: Place, cine: Cine | Place | None = None) -> Result:
    """Read the folder that `medvos.write_results` or a command has written.

    >>> medvos.read_results("results").labels.shape  # (T, Z, Y, X)
    (6, 6, 80, 80)

    Parameters
    ----------
    folder: with the files of the result.
    cine: the images that were segmented, or their path; without them the intensities of the result's cine are all 0.

    Raises
    ------
    InputError: a file is missing or damaged, or the result is of another cine.
    """
    from medvos.report.read_results import read_result, result_with_images, stored_result

    if cine is None:
        return stored_result(folder)
    if isinstance(cine, Place):
        return result_with_images(folder, cine)
    return read_result(folder, cine_of(cine, "read_results"))


def export(
    result: Result | Place,
    to: str,
    folder: Place,
    source: Place | None = None,
    *,
    subject: Subject | None = None,
    ed: int | None = None,
    es: int | None = None,
) -> list[Path]:
    """Write a result in a format for another program or an archive; return the files.

    >>> [file.name for file in medvos.export("results", "nifti", "for-itk")]
    ['segmentation.nii.gz']

    Parameters
    ----------
    result: or its folder.
    to: ``dicom-seg``, ``dicom-sr``, ``stl``, ``seg-nrrd``, ``seq-nrrd`` or ``nifti``.
    folder: where the files go; made where it does not exist.
    source: the DICOM images that were segmented, for the two DICOM formats.
    subject, ed, es: as in `medvos.measure`, for ``dicom-sr``.

    Raises
    ------
    InputError: there is no such format, nothing is labelled, the folder cannot be written, or the DICOM images are
        missing or are not those that were segmented.
    """
    from medvos.errors import InputError
    from medvos.export import Form
    from medvos.export import export as exported

    if to not in list(Form):
        raise InputError(f"There is no export to '{to}': choose {', '.join(Form)}.")
    images = None if source is None else Path(source)
    return exported(result_of(result, "export"), Form(to), Path(folder), images, subject=subject, ed=ed, es=es)


def report(
    result: Result | Place,
    path: Place,
    *,
    source: Cine | Place | None = None,
    subject: Subject | None = None,
    ed: int | None = None,
    es: int | None = None,
) -> Measures:
    """Write the report of a result as PDF or as one HTML page, by the ending of ``path``; return its measures.

    The measures of a folder are those that are written in it, unless a subject or phases are given.

    >>> medvos.report("results", "report.html", subject=medvos.Subject("F", 54))["LVEDV"].unit
    'mL'

    Parameters
    ----------
    result: or its folder.
    path: of the file to write, .pdf or .html.
    source: the cine of a folder, or its path, for the images behind the contours.
    subject, ed, es: as in `medvos.measure`.

    Raises
    ------
    InputError: another ending, the file cannot be written, or a file of the result is missing or damaged.
    """
    from medvos.report.read_results import written_measures
    from medvos.report.report_file import check_ending, write_report

    check_ending(Path(path))
    whole = read_results(result, source) if isinstance(result, Place) else result_of(result, "report")
    if isinstance(result, Place) and subject is None and ed is None and es is None:
        measures = written_measures(result, whole)
    else:
        measures = measure(whole, subject=subject, ed=ed, es=es)
    write_report(Path(path), whole, measures)
    return measures


def evaluate(
    prediction: Place, truth: Place, labels: Labels = None, pred_labels: Labels = None, structures: str | None = None
) -> dict[str, Any]:
    """Compare a segmentation, or those of a folder, with the truth: overlap, surface distance and function.

    >>> medvos.evaluate("results", "truth.nii.gz")["mean_dice"]
    1.0

    Parameters
    ----------
    prediction: a label image, or a folder that medvos has written; or a folder of them.
    truth: a label image on the same grid; slices that hold the label 255 are not scored. Or a folder.
    labels, pred_labels: what the labels of the truth and of the prediction are, such as ``lv=1,myo=2,rv=3``.
    structures: those to score, such as ``LV,Myo``; by default all that the truth has.

    Raises
    ------
    InputError: a file cannot be read, the two are on different grids, or there is nothing to compare.
    """
    from medvos.evaluate.compare import compare_files
    from medvos.evaluate.compare_folders import compare_folders

    if Path(truth).is_dir() and not (Path(truth) / "segmentation.nii.gz").is_file():
        return compare_folders(Path(prediction), Path(truth), labels, pred_labels, structures)
    return compare_files(prediction, truth, labels, pred_labels, structures)
