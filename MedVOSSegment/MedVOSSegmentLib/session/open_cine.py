"""A cine that is open in a sequence browser, and the phase and slice that the views show."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from medvos.errors import InputError
from MedVOSSegmentLib.scene.cine_nodes import cine_sequence, read_cine, show_volume
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.open_heart import OpenHeart
from MedVOSSegmentLib.session.positions import Point, from_world, in_world, middle_of, point_of, slice_at
from MedVOSSegmentLib.text import tr

if TYPE_CHECKING:
    from medvos.cine.cine import Cine
    from medvos.cine.find import SeedPlace

Place = tuple[int, int]
"""Phase and slice, counted from 0."""


class OpenCine:
    """One cine from its opening to its closing.

    Raises InputError where the browser shows no cine.

    Attributes
    ----------
    browser: the vtkMRMLSequenceBrowserNode. images: its vtkMRMLSequenceNode of volumes.
    cine: the cine that it shows.
    heart: its segments with their edits and results; None before the first segments are made.
    """

    def __init__(self, logics: Logics, browser: Any) -> None:
        self.browser = browser
        self.images = cine_sequence(browser)
        self.cine = read_cine(browser, self.images)
        if browser.GetSelectedItemNumber() < 0:  # a reader may have selected no phase
            browser.SetSelectedItemNumber(0)
        show_volume(logics, browser, self.images, self.cine)
        self.heart: OpenHeart | None = None
        self._logics = logics
        # Of a large cine it takes longer than a window may wait, so it is computed before it is asked for.
        self._seed_place: Future[SeedPlace] = _seed_place_of(self.cine)
        self._slice: int | None = None
        self._centre: tuple[float, float] | None = None

    @property
    def is_clip(self) -> bool:
        """Whether it is an ultrasound clip or a video, which has frames in place of slices and phases."""
        return self.cine.is_echo

    @property
    def volume(self) -> Any:
        """The vtkMRMLScalarVolumeNode that shows the images."""
        return self.browser.GetProxyNode(self.images)

    @property
    def place(self) -> Place | None:
        """The phase of the browser and the slice that was last shown; None before one was."""
        if self._slice is None:
            return None
        return int(self.browser.GetSelectedItemNumber()), self._slice

    def find_seed_place(self) -> Place:
        """Return end-diastole and a mid-ventricular slice, where drawing is easiest."""
        found = self._seed_place.result()
        self._centre = found.centre
        return found.phase, found.slice

    def go_to(self, phase: int, z: int) -> Point:
        """Show a phase and remember a slice; return the point (RAS in mm) that the views should show.

        Raises InputError where the cine has no such phase or slice.
        """
        phases, slices = self.cine.shape[:2]
        if not (0 <= phase < phases and 0 <= z < slices):
            raise InputError(
                tr("Choose a phase from 0 to {phases} and a slice from 0 to {slices}, both counted from 0.").format(
                    phases=phases - 1, slices=slices - 1
                )
            )
        self._slice = z
        self.browser.SetSelectedItemNumber(phase)
        self._logics.sequences.UpdateProxyNodesFromSequences(self.browser)
        drawn = None if self.heart is None else middle_of(self.heart.edit.cache.labels[phase, z])
        return in_world(self.volume, point_of(self.cine, z, drawn or self._centre))

    def look_at(self, point: Point) -> bool:
        """Remember the slice at a point (RAS in mm) to which the user moved the views; whether it is another one."""
        z = slice_at(self.cine, from_world(self.volume, point))
        is_other = z != self._slice
        self._slice = z
        return is_other


def _seed_place_of(cine: Cine) -> Future[SeedPlace]:
    from medvos.cine.find import find_seed_place

    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(find_seed_place, cine)
    finally:
        pool.shutdown(wait=False)  # the thread ends with its only task
