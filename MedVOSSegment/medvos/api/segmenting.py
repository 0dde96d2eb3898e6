"""The functions of the package that segment: a cine or a seed may be given as a path."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from medvos.api.arguments import Place, cine_of, result_of, seed_of
from medvos.cine.cine import Cine
from medvos.cine.seed import Seed, digest_of, seed_from_array
from medvos.result import Result

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from medvos.cine.seed import Labels
    from medvos.progress import Report
    from medvos.propagation.propagate import OnSlice
    from medvos.propagation.settings import PropagationSettings


def propagate(
    cine: Cine | Place,
    seed: Seed | Place,
    *,
    phase: int | None = None,
    labels: Labels = None,
    model: str | None = None,
    device: str = "auto",
    progress: Report | None = None,
    settings: PropagationSettings | None = None,
    previous: Result | Place | None = None,
    on_slice: OnSlice | None = None,
) -> Result:
    """Segment every slice and phase of a cine from the slices that are drawn in a seed.

    >>> result = medvos.propagate("cine.nii.gz", "seed.nii.gz", device="cpu")
    >>> result.labels.shape  # (T, Z, Y, X)
    (6, 6, 80, 80)

    Parameters
    ----------
    cine: or its path, as `medvos.read` takes it.
    seed: or the path of a label image on the cine's grid, as `medvos.read_seed` takes it.
    phase, labels: of a seed given as a path: the phase of a 3D image, counted from 0, and what its labels are.
    model: a name that ``medvos models`` lists; by default cstm, and tcmn for an ultrasound clip or a video.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    progress: called with a `medvos.progress.Progress`; an exception that it raises stops the work.
    settings: see `medvos.propagation.settings.PropagationSettings`.
    previous: a result of this cine, or its folder, that the seed corrects: only slices that depend on new drawings are
        predicted again, no interval becomes wider, and ED and ES that were chosen for it stay chosen. What it
        states of the person counts, unless ``cine`` was read before.
    on_slice: called with the index and the labels (T, Y, X) of each slice as soon as there is a first version of it.

    Raises
    ------
    InputError: a file cannot be read, the seed is empty or not on the cine's grid, or there is no such model or device.
    TypeError: an argument is neither of these; the message names the function that makes one.
    """
    from medvos.measure.correction import correcting
    from medvos.propagation.propagate import propagate as run

    was_read = isinstance(cine, Cine)
    cine = cine_of(cine, "propagate")
    seed = seed_of(seed, cine, phase, labels, "propagate")
    if previous is not None:
        from medvos.report.read_again import as_before
        from medvos.report.read_results import read_result, result_to_correct

        if isinstance(previous, Place) and was_read:
            previous = read_result(previous, cine)
        elif isinstance(previous, Place):
            previous = result_to_correct(previous, cine)
            cine = previous.cine
        else:
            previous = result_of(previous, "propagate")
            cine = cine if was_read else as_before(cine, previous.cine)
    result = run(
        cine,
        seed,
        model=model,
        device=device,
        progress=progress,
        settings=settings,
        previous=previous,
        on_slice=on_slice,
    )
    return result if previous is None else correcting(result, previous)


def propose(
    cine: Cine | Place,
    *,
    phase: int | None = None,
    slice: int | None = None,  # noqa: A002
    model: str = "cstm",
    device: str = "auto",
) -> Seed:
    """Propose a drawing of LV, Myo and RV on one slice, to look at and correct before it is propagated.

    >>> seed = medvos.propose("cine.nii.gz", phase=0, slice=3, device="cpu")
    >>> seed.labels[0, 3].any(), seed.labels[1:].any()
    (np.True_, np.False_)

    Parameters
    ----------
    cine: or its path.
    phase, slice: counted from 0; by default end-diastole and a mid-ventricular slice.
    model: one whose network is CSTM or Vivim.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Raises
    ------
    InputError: the cine cannot be read, no heart is found, or there is no such slice, model or device.
    TypeError: ``cine`` is neither a `medvos.Cine` nor a path.
    """
    from medvos.segmentation.seed_proposal import propose_seed

    cine = cine_of(cine, "propose")
    phase, z, drawing = propose_seed(cine, model, device, phase, slice)
    labels = np.zeros(cine.shape, np.uint8)
    labels[phase, z] = drawing
    return replace(seed_from_array(labels, cine), proposals=(digest_of(labels[phase, z]),))


def segment(
    cine: Cine | Place,
    *,
    model: str | None = None,
    myocardium: Result | NDArray[np.integer] | None = None,
    device: str = "auto",
    progress: Report | None = None,
) -> Result:
    """Segment every image of a cine MRI or an echo clip without a drawing.

    >>> medvos.segment("cine.nii.gz", device="cpu").labels.shape  # (T, Z, Y, X)
    (6, 6, 80, 80)

    Parameters
    ----------
    cine: or its path. A long echo clip is held in memory; the command ``medvos segment`` reads it frame by frame.
    model: a name that ``medvos models`` lists; by default echo-lv for a clip, mvo with ``myocardium``, else vivim.
    myocardium: the segmented heart, as a result or as labels (T, Z, Y, X), in which obstruction is predicted.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    progress: called with a `medvos.progress.Progress`; an exception that it raises stops the work.

    Raises
    ------
    InputError: the cine cannot be read, no heart is found, the model does not fit the cine, or there is no such model
        or device.
    TypeError: ``cine`` is neither a `medvos.Cine` nor a path.
    """
    from medvos.segmentation.segment import segment_cine

    heart = myocardium.labels if isinstance(myocardium, Result) else myocardium
    return segment_cine(cine_of(cine, "segment"), model, heart, device, progress)
