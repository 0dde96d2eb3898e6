"""Progress of a computation, and the callable that it is reported to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """The part of the work that is done, counted in images: slices times phases of the cine.

    ``done`` of ``total`` images are segmented; both are 0 while the number of images is not known. Work that is done
    several times for each image, such as several passes and the writing of files, counts in parts of an image.
    ``message`` names the current step.
    """

    done: int
    total: int
    message: str


@dataclass(frozen=True)
class Estimated(Progress):
    """Progress of work that estimates its remaining time itself.

    ``left_s``: seconds that are left at the time of the report, None while that is not known.
    """

    left_s: float | None = None


WRITING = 0.9
"""The fraction of the time after which the results of a whole cine are measured and written."""

Report = Callable[[Progress], None]
"""Called after each step; an exception that it raises stops the work."""


class Parts:
    """Joins the progress of successive parts of one work into a single count of images, which never falls.

    >>> parts = Parts(print)
    >>> parts.part(0.0, 0.9)(Progress(10, 20, "propagating"))
    Progress(done=9, total=20, message='propagating')
    >>> parts.part(0.9, 1.0)(Progress(20, 20, "written"))
    Progress(done=20, total=20, message='written')
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._done = self._total = 0

    def part(self, start: float, end: float) -> Report:
        """Return what the part reports to that takes the time from ``start`` to ``end``, fractions of the whole."""

        def show(progress: Progress) -> None:
            self._total = self._total or progress.total
            fraction = progress.done / progress.total if progress.total else 0.0
            # A part that begins anew, as on the CPU after a GPU, counts on once it is further than before.
            self._done = max(self._done, int(self._total * (start + (end - start) * fraction) + 1e-6))
            self._report(Progress(self._done, self._total, progress.message))

        return show


def stepwise(report: Report | None, images: int, steps: int) -> Callable[[str], None]:
    """Return a callable that names the next of so many equal steps when it begins, and the end after the last.

    >>> begin = stepwise(print, 300, 2)
    >>> begin("writing report.json"), begin("writing report.html"), begin("written")
    Progress(done=0, total=300, message='writing report.json')
    Progress(done=150, total=300, message='writing report.html')
    Progress(done=300, total=300, message='written')
    (None, None, None)
    """
    begun = 0

    def begin(message: str) -> None:
        nonlocal begun
        if report is not None:
            report(Progress(images * min(begun, steps) // steps, images, message))
        begun += 1

    return begin
