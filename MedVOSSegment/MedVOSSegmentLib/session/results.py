"""The numbers of what the segments hold now, in the scene and in files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Source
from medvos.errors import InputError
from medvos.measure.catalogue import Needs, names_that_need
from medvos.measure.intervals import carry_over, constants_of
from medvos.measure.measure import measure, with_obstruction
from medvos.measure.measures import Measures
from medvos.report.document import measures_document
from medvos.result import Result
from MedVOSSegmentLib.job.obstruction import Obstruction
from MedVOSSegmentLib.scene.tables import measure_table, volume_curve_plot
from MedVOSSegmentLib.session.areas import Areas
from MedVOSSegmentLib.session.corrections import Cost
from MedVOSSegmentLib.session.exports import export
from MedVOSSegmentLib.session.known import fingerprint
from MedVOSSegmentLib.session.propagating import cost_of_corrections
from MedVOSSegmentLib.session.state import Findings, State
from MedVOSSegmentLib.session.work import Work

OF_OBSTRUCTION = names_that_need(Needs.OBSTRUCTION)
NONE: dict[str, Any] = {"measures": {}, "curves": {}, "phases": {"ED": None, "ES": None}, "beats": [], "obstructed": {}}


class Results:
    """Measures, curves, exports and the cost of corrections, computed again only when something has changed.

    Attributes
    ----------
    table: the vtkMRMLTableNode of the measures, or None without a result.
    chart: the vtkMRMLPlotChartNode of the curves, or None without a result.
    """

    def __init__(self, work: Work) -> None:
        self.table: Any = None
        self.chart: Any = None
        self._work = work
        self._areas = Areas(work)
        self._of: tuple[int, Findings, bytes, int] | None = None
        self._cost: tuple[int, State, Cost] | None = None
        self._document = NONE
        self._shown: dict[str, Any] = NONE

    @property
    def document(self) -> dict[str, Any]:
        """Measures, curves and phases as ``report.json`` has them; empty without a result.

        They are those of the propagation while the labels are those that it found and none was accepted.
        """
        work, found = self._work, self._work.state.findings
        if found is None:
            return NONE
        now = fingerprint(work.known.marks)
        of = now, found, _settled(work).tobytes(), work.obstruction_mark
        if of != self._of:
            self._document = measures_document(self._measured())
            self._of = of
        if found.measured == now and not work.state.accepted.any():
            measures = {
                name: one if name in OF_OBSTRUCTION else found.measures.get(name, one)
                for name, one in self._document["measures"].items()
            }
            return {**self._document, "measures": measures, "phases": found.phases}
        return self._document

    @property
    def cost(self) -> Cost:
        """What following the corrections takes; there must be a result."""
        known, state = self._work.known, self._work.state
        before = self._cost
        now = fingerprint(known.marks)
        if before is None or before[0] != now or before[1] is not state:
            before = self._cost = now, state, cost_of_corrections(self._work)
        return before[2]

    def step(self, until: float) -> bool:
        """Prepare the next `document` until a time of `time.monotonic`; whether it is ready to be asked for."""
        return self._work.state.findings is None or self._areas.step(_settled(self._work), until)

    def show(self) -> None:
        """Bring the table and the plot in the scene up to date."""
        document = self.document
        if document == self._shown:
            return
        self._shown = document
        if document is NONE and self.table is None:
            return
        self.table = measure_table(self._work.heart, document["measures"], document["beats"], document["obstructed"])
        self.chart = volume_curve_plot(self._work.heart, document["curves"])

    def export(self, name: str, folder: Path, dicom: Source | None = None) -> list[Path]:
        """Write what the segments hold now; the files. Raises InputError without a result, or like `export`.

        ``dicom`` tells the DICOM files of the cine, where they are known.
        """
        work, cine = self._work, self._work.cine
        if work.state.findings is None:
            raise InputError("There is nothing to export yet: have the heart segmented first.")
        settled = _settled(work)
        uncertainty = work.uncertainty().copy()
        uncertainty[settled] = 0
        scores = np.where(settled, np.float32(0), work.state.findings.scores)
        seeds = work.own & work.known.filled
        if dicom is not None:
            told = {"path": dicom.path, "kind": dicom.kind, "digest": dicom.digest}
            cine = replace(cine, source=replace(cine.source, **told))
        provenance, probability = work.state.findings.provenance, None
        if work.state.obstruction is not None:
            provenance, probability = (
                _with_obstruction(provenance, work.state.obstruction),
                work.state.obstruction.probability,
            )
        result = Result(cine, work.labelled(), uncertainty, scores, seeds, provenance, probability)
        return export(name, result, folder)

    def _measured(self) -> Measures:
        """What the segments hold, with intervals; slices that the user settled are sure."""
        work = self._work
        # The panel shows no wall, and the window would wait for it.
        measures = measure(work.known.labels, work.cine, wall=False)
        if work.cine.is_echo:
            return measures
        constants = constants_of(work.state.findings.provenance)
        measures = carry_over(measures, self._areas.tables(_settled(work)), constants, work.cine)
        return measures if work.obstructed is None else with_obstruction(measures, work.labelled(), work.cine)


def _with_obstruction(provenance: dict[str, Any], obstruction: Obstruction) -> dict[str, Any]:
    """How a heart was made whose obstruction was looked for afterwards."""
    how = {name: value for name, value in obstruction.provenance.items() if name != "notice"}
    return {**provenance, "notice": obstruction.notice, "obstruction": how}


def _settled(work: Work) -> NDArray[np.bool_]:
    """(T, Z): slices that the user drew or accepted."""
    return work.own | work.state.accepted
