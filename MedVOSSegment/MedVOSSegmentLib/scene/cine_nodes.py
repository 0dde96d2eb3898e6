"""Cines in the scene: a volume sequence in a sequence browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.nrrd import CLIP, TIMING, clip_entry, clip_source
from medvos.cine.timing import from_values
from medvos.errors import InputError
from MedVOSSegmentLib.scene.foreign_sequences import ULTRASOUND, is_ultrasound_clip, stated_times, states_pixel_size
from MedVOSSegmentLib.scene.image_arrays import image_of, voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.sequences import browse, items_of, sequences_of
from MedVOSSegmentLib.scene.volume_grid import VolumeGrid, matrix_of
from MedVOSSegmentLib.text import tr

# The role of a node that this module added to the scene; a cine never has one.
ROLE = "MedVOS.Role"

# Of the period; times are rounded when a sequence is saved.
SAME_TIMES = 0.02


def cine_sequence(browser: Any) -> Any:
    """Return the sequence node of images that `browser` shows, its master if that has images.

    Raises
    ------
    InputError: no sequence of the browser has images.
    """
    for sequence in sequences_of(browser):
        first = sequence.GetNthDataNode(0)
        is_image = (
            first is not None and first.IsA("vtkMRMLScalarVolumeNode") and not first.IsA("vtkMRMLLabelMapVolumeNode")
        )
        if is_image and sequence.GetAttribute(ROLE) is None:
            return sequence
    raise InputError(
        tr("This sequence browser shows no volumes: choose one whose sequence holds the images of a cine.")
    )


def in_role(browser: Any, role: str) -> Any:
    """Return the browser's sequence that this module added in `role`, or None."""
    return next((node for node in sequences_of(browser) if node.GetAttribute(ROLE) == role), None)


def cine_grid(browser: Any, sequence: Any) -> VolumeGrid:
    """Return the voxel grid that all phases of `sequence` share.

    Raises
    ------
    InputError: a phase has no image or another geometry, or the browser steps through other phases.
    """
    phases = sequence.GetNumberOfDataNodes()
    if phases != browser.GetNumberOfItems():
        raise InputError(
            tr(
                "The volumes of this browser have {phases} phases and the browser {items} items: choose a "
                "browser of the cine alone."
            ).format(phases=phases, items=browser.GetNumberOfItems())
        )
    for phase, volume in enumerate(items_of(sequence)):
        if volume.GetImageData() is None or not all(volume.GetImageData().GetDimensions()):
            raise InputError(
                tr("Phase {phase} of this cine has no image: load the cine again.").format(phase=phase + 1)
            )
        if phase == 0:
            grid = VolumeGrid.of_volume(volume)
        elif not grid.is_same(VolumeGrid.of_volume(volume)):
            raise InputError(
                tr(
                    "Phase {phase} of this cine has another size or position than phase 1: choose a cine whose "
                    "phases all lie on one grid."
                ).format(phase=phase + 1)
            )
    return grid


def shows_cine(browser: Any) -> bool:
    """Return whether `browser` shows images of two phases or more that lie on one grid."""
    try:
        return bool(browser.GetNumberOfItems() > 1 and cine_grid(browser, cine_sequence(browser)))
    except InputError:
        return False


def read_cine(browser: Any, sequence: Any = None) -> Cine:
    """Read the cine that `browser` shows, or the one in `sequence` if given, with colours as grey values.

    Raises
    ------
    InputError: the browser shows no cine, its phases differ in geometry or have no image.
    """
    sequence = sequence or cine_sequence(browser)
    grid = cine_grid(browser, sequence)
    array = np.empty((sequence.GetNumberOfDataNodes(), *grid.shape), np.float32)
    for image, volume in zip(array, items_of(sequence), strict=True):
        grey = voxels(volume.GetImageData())
        image[:] = grid.on_cine(grey if grey.ndim == 3 else grey.mean(axis=-1))
    times, period, heart_rate, notes = _timing(sequence)
    entry = sequence.GetAttribute(CLIP)
    clip = clip_source(entry)
    if entry is None and is_ultrasound_clip(browser, sequence):
        clip = {"description": {"modality": ULTRASOUND}, "spacing_known": states_pixel_size(grid.affine)}
    source = Source("", "scene", tuple(notes), heart_rate=heart_rate, **clip)
    return Cine(array, grid.affine, times, period, source)


def find_cine(scene: Any, cine: Cine) -> Any:
    """Return the sequence browser in the scene that shows the images of `cine` at their position and times, or None."""
    for number in range(scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode")):
        browser = scene.GetNthNodeByClass(number, "vtkMRMLSequenceBrowserNode")
        try:
            sequence = cine_sequence(browser)
            grid = cine_grid(browser, sequence)
        except InputError:
            continue
        if _shows(sequence, grid, cine) and _has_times_of(sequence, cine):
            return browser
    return None


def _has_times_of(sequence: Any, cine: Cine) -> bool:
    """Whether the phases have about the times of `cine`; a sequence of another reader may have none."""
    times, period, _, _ = _timing(sequence)
    most = SAME_TIMES * cine.period
    return abs(period - cine.period) <= most and bool(np.abs(np.asarray(times) - cine.times).max() <= most)


def _shows(sequence: Any, grid: VolumeGrid, cine: Cine) -> bool:
    if (sequence.GetNumberOfDataNodes(), *grid.shape) != cine.shape:
        return False
    z, y, x = grid.shape
    if not VolumeGrid((z, y, x), grid.affine).is_same(VolumeGrid((z, y, x), cine.affine)):
        return False
    images = (voxels(volume.GetImageData()) for volume in items_of(sequence))
    return all(
        image.ndim == 3 and np.array_equal(grid.on_cine(image), frame)
        for image, frame in zip(images, cine.array, strict=True)
    )


def with_images(cine: Cine) -> tuple[Cine, list[Any]]:
    """Return a cine and a vtkImageData of each phase, which take long to make and may be made on any thread."""
    return cine, [image_of(np.asarray(frame, np.float32)) for frame in cine.array]


def show_cine(logics: Logics, cine: Cine, name: str, images: Sequence[Any] | None = None) -> Any:
    """Add `cine` to the scene and return its sequence browser, which plays it at the heart rate.

    All nodes are named after `name`. ``images`` are those of `with_images`, if they are made already.
    """
    import slicer

    scene = logics.scene
    name = scene.GetUniqueNameByString(name)
    sequence = scene.AddNewNodeByClass("vtkMRMLSequenceNode", name)
    sequence.SetIndexName("time")
    sequence.SetIndexUnit("ms")
    empty = slicer.vtkMRMLScalarVolumeNode()
    empty.SetIJKToRASMatrix(matrix_of(cine.affine))
    for image, time in zip(images or with_images(cine)[1], cine.times, strict=True):
        # The sequence copies the node that it is given; the image comes afterwards, so that it is not copied too.
        item = sequence.SetDataNodeAtValue(empty, f"{time:.6f}".rstrip("0").rstrip("."))
        item.SetAndObserveImageData(image)
    # Index values contain neither the duration of the last phase nor whether the times were assumed.
    timing = {"period": cine.period, "heart_rate": cine.source.heart_rate, "notes": cine.source.notes}
    sequence.SetAttribute(TIMING, json.dumps(timing))
    if cine.is_echo:
        sequence.SetAttribute(CLIP, clip_entry(cine.source))
    browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", scene.GetUniqueNameByString(f"{name} browser"))
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    browser.SetPlaybackRateFps(1000.0 * len(cine.times) / cine.period)
    show_volume(logics, browser, sequence, cine).SetName(name)
    return browser


def show_volume(logics: Logics, browser: Any, sequence: Any, cine: Cine) -> Any:
    """Return the volume node that shows the images of `cine` in `sequence`; create it where there is none."""
    proxy = browser.GetProxyNode(sequence)
    if proxy is None:
        proxy = browse(logics.sequences, browser, sequence)
        _show_with_one_window(proxy, cine)
    return proxy


def _show_with_one_window(proxy: Any, cine: Cine) -> None:
    """Set one window for all phases: an automatic one would flicker while the cine plays."""
    sample = cine.array[:, :, ::4, ::4]  # of a whole cine, percentiles take longer than a window may wait
    sample = sample[np.isfinite(sample)]
    darkest, brightest = np.percentile(sample, (0.5, 99.5)) if sample.size else (0.0, 1.0)
    proxy.CreateDefaultDisplayNodes()
    display = proxy.GetDisplayNode()
    display.AutoWindowLevelOff()
    display.SetWindowLevel(float(brightest - darkest) or 1.0, float(darkest + brightest) / 2)


def _timing(sequence: Any) -> tuple[NDArray[np.float64], float, float | None, tuple[str, ...]]:
    """Return times in ms, the period in ms, beats per minute if known, and notes on these for the user.

    Index values are read in their unit; they may also be mere numbers of phases, or names.
    """
    texts, unit = stated_times(sequence)
    try:
        values = np.array([float(text) for text in texts])
    except ValueError:
        values = np.full(len(texts), np.nan)
    saved = json.loads(sequence.GetAttribute(TIMING) or "{}")
    if saved:
        return values, saved["period"], saved["heart_rate"], tuple(saved["notes"])
    timing = from_values(values.tolist(), unit.strip().lower())
    return timing.times, timing.period, timing.heart_rate, timing.notes
