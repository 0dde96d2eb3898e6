"""Step 5, the measures and the volume curves."""

from __future__ import annotations

from typing import Any

from MedVOSSegmentLib.session.results import NONE, Results
from MedVOSSegmentLib.session.workspace import Workspace


class MeasureLogic:
    """Gives the measures of the segments in view, and their table and plot in the scene."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def is_busy(self) -> bool:
        """Whether the measures are being computed, or a job is changing the segments."""
        return self._workspace.is_busy

    @property
    def is_running(self) -> bool:
        """Whether a job is running, during which nothing is measured."""
        return self._workspace.background.is_running

    @property
    def is_outdated(self) -> bool:
        """Whether segments or facts have changed since the table was written, which follows after the job alone."""
        return self._workspace.has_outdated_measures

    @property
    def has_result(self) -> bool:
        """Whether the open heart is segmented."""
        return self._workspace.has_result

    def measures(self) -> dict[str, dict[str, Any]]:
        """Return name to value, interval, unit and reason, of the current segments; empty without a result.

        Example: ``session.measurement.measures()["LVEF"]["value"]``
        """
        return self._document["measures"]

    def doubts(self) -> list[str]:
        """Return why the measures are doubted, one sentence each; of a measure that is void it is the reason."""
        heart = self._workspace.heart
        return [] if heart is None else [*heart.results.doubts_of_seeds, *self._document["doubts"]]

    def verdicts(self) -> list[str]:
        """Return grade, reference ranges and withheld verdicts, one sentence each, as the report words them."""
        return self._document["verdicts"]

    def curves(self) -> dict[str, list[float | None]]:
        """Return ``time_ms`` and the volume of each structure, such as ``LV_mL``, over the beat; empty without one."""
        return self._document["curves"]

    def beats(self) -> list[dict[str, Any]]:
        """Return ``ed`` and ``es`` frame and ``ef`` in % of each beat of a clip."""
        return self._document["beats"]

    def phases(self) -> dict[str, int | None]:
        """Return ``ED`` and ``ES`` of the current segments."""
        return self._document["phases"]

    def ranges(self) -> dict[str, dict[str, Any]]:
        """Return name to the reference range of a measure, as in ``report.json``, of those that have one."""
        return self._document["normal"]["ranges"]

    @property
    def table(self) -> Any:
        """The vtkMRMLTableNode of the measures; None without a result, and before the first measures of a heart."""
        results = self._results
        return None if results is None else results.table

    @property
    def chart(self) -> Any:
        """The vtkMRMLPlotChartNode of the curves; None likewise."""
        results = self._results
        return None if results is None else results.chart

    @property
    def _results(self) -> Results | None:
        heart = self._workspace.heart
        if heart is None or heart.findings is None:
            return None
        if not self.is_busy:
            heart.results.remake_deleted()
        return heart.results

    @property
    def _document(self) -> dict[str, Any]:
        heart = self._workspace.heart
        return NONE if heart is None else heart.results.document
