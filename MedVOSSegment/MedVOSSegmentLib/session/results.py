"""Measures, curves and exports of the current segments."""

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
from MedVOSSegmentLib.job.outcome import PredictedObstruction
from MedVOSSegmentLib.scene.measure_nodes import measure_table, volume_curve_plot
from MedVOSSegmentLib.session.area_cache import AreaCache
from MedVOSSegmentLib.session.correction_input import CorrectionCost
from MedVOSSegmentLib.session.exports import export
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.label_cache import fingerprint
from MedVOSSegmentLib.session.propagation_exchange import cost_of_corrections
from MedVOSSegmentLib.session.state import Findings, State
from MedVOSSegmentLib.text import tr

OF_OBSTRUCTION = names_that_need(Needs.OBSTRUCTION)
NONE: dict[str, Any] = {
    "measures": {},
    "doubts": [],
    "curves": {},
    "phases": {"ED": None, "ES": None},
    "beats": [],
    "obstructed": {},
}


class Results:
    """Measures, curves, exports and the cost of corrections, computed again only when something has changed."""

    def __init__(self, edit: HeartEdit) -> None:
        self._table: Any = None
        self._chart: Any = None
        self._edit = edit
        self._areas = AreaCache(edit)
        self._of: tuple[int, Findings, bytes, int] | None = None
        self._cost: tuple[int, State, CorrectionCost] | None = None
        self._document = NONE
        self._shown: dict[str, Any] = NONE

    @property
    def table(self) -> Any:
        """The vtkMRMLTableNode of the measures, or None without a result; one that was deleted is made again."""
        self._remake_deleted()
        return self._table

    @property
    def chart(self) -> Any:
        """The vtkMRMLPlotChartNode of the curves, or None without a result; one that was deleted is made again."""
        self._remake_deleted()
        return self._chart

    @property
    def document(self) -> dict[str, Any]:
        """Measures, curves and phases as in ``report.json``; empty without a result.

        They are the propagation's own while its labels are unchanged and no slice was accepted.
        """
        edit, found = self._edit, self._edit.state.findings
        if found is None:
            return NONE
        now = fingerprint(edit.cache.marks)
        of = now, found, _settled(edit).tobytes(), edit.obstruction_mark
        if of != self._of:
            self._document = measures_document(self._measured(found))
            self._of = of
        if found.measured == now and not edit.state.accepted.any():
            measures = {
                name: measured if name in OF_OBSTRUCTION else found.measures.get(name, measured)
                for name, measured in self._document["measures"].items()
            }
            return {**self._document, "measures": measures, "phases": found.phases}
        return self._document

    def cost(self, findings: Findings) -> CorrectionCost:
        """Return the cost of propagating the corrections of the result ``findings``."""
        state = self._edit.state
        before = self._cost
        now = fingerprint(self._edit.cache.marks)
        if before is None or before[0] != now or before[1] is not state:
            before = self._cost = now, state, cost_of_corrections(self._edit, findings)
        return before[2]

    def step(self, until: float) -> bool:
        """Prepare the next `document` until `time.monotonic` passes ``until``; return whether it is ready."""
        return self._edit.state.findings is None or self._areas.step(_settled(self._edit), until)

    def show(self) -> None:
        """Update the table and the plot in the scene."""
        document = self.document
        if document == self._shown:
            return
        self._shown = document
        if document is NONE and self._table is None:
            return
        self._table = measure_table(self._edit.nodes, document["measures"], document["beats"], document["obstructed"])
        self._chart = volume_curve_plot(self._edit.nodes, document["curves"])

    def export(self, name: str, folder: Path, dicom: Source | None = None) -> list[Path]:
        """Write the current segments; return the files. Raises InputError without a result, or like `export`.

        ``dicom`` names the DICOM files of the cine, where they are known.
        """
        edit, cine, found = self._edit, self._edit.cine, self._edit.state.findings
        if found is None:
            raise InputError(tr("There is nothing to export yet: have the heart segmented first."))
        settled = _settled(edit)
        uncertainty = edit.uncertainty().copy()
        uncertainty[settled] = 0
        scores = np.where(settled, np.float32(0), found.scores)
        seeds = edit.own & edit.cache.filled
        if dicom is not None:
            source = replace(cine.source, path=dicom.path, kind=dicom.kind, digest=dicom.digest)
            cine = replace(cine, source=source)
        provenance, probability = found.provenance, None
        if edit.state.obstruction is not None:
            provenance = _with_obstruction(provenance, edit.state.obstruction)
            probability = edit.state.obstruction.probability
        result = Result(cine, edit.labelled(), uncertainty, scores, seeds, provenance, probability)
        return export(name, result, folder)

    def _remake_deleted(self) -> None:
        if any(node is not None and node.GetScene() is None for node in (self._table, self._chart)):
            self._shown = NONE
            self.show()

    def _measured(self, found: Findings) -> Measures:
        """Measure the current segments with intervals; slices that the user has drawn or accepted are certain."""
        edit = self._edit
        # The panel does not show wall thickness, and measuring it would block the window.
        measures = measure(edit.cache.labels, edit.cine, wall=False, complete=True)
        if edit.cine.is_echo:
            return measures
        constants = constants_of(found.provenance)
        measures = carry_over(measures, self._areas.tables(_settled(edit)), constants, edit.cine)
        return measures if edit.obstructed is None else with_obstruction(measures, edit.labelled(), edit.cine)


def _with_obstruction(provenance: dict[str, Any], obstruction: PredictedObstruction) -> dict[str, Any]:
    """Return the provenance of a heart with that of an obstruction that was predicted afterwards."""
    how = {name: value for name, value in obstruction.provenance.items() if name != "notice"}
    return {**provenance, "notice": obstruction.notice, "obstruction": how}


def _settled(edit: HeartEdit) -> NDArray[np.bool_]:
    """Return (T, Z) bool: slices that the user has drawn or accepted."""
    return edit.own | edit.state.accepted
