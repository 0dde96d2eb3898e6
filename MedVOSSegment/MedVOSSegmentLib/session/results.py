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
from medvos.measure.doubt import with_doubts
from medvos.measure.echo import measure_volumes
from medvos.measure.intervals import carry_over, constants_of
from medvos.measure.measure import measure, with_obstruction
from medvos.measure.measures import Measures
from medvos.measure.misfit import unfollowed_doubts
from medvos.measure.subject import stating, subject_of
from medvos.measure.trust import judge, with_trust
from medvos.propagation.unconfirmed import without_confirmed
from medvos.report.document import measures_document
from medvos.result import OWN_NAMES, Result
from medvos.structures import LV, MYO, RV
from medvos.uncertainty.areas import STATED
from MedVOSSegmentLib.job.export_task import ExportTask
from MedVOSSegmentLib.job.outcome import PredictedObstruction
from MedVOSSegmentLib.scene.measure_nodes import measure_table, volume_curve_plot
from MedVOSSegmentLib.session.area_cache import AreaCache
from MedVOSSegmentLib.session.band_cache import BandCache
from MedVOSSegmentLib.session.clip_volumes import ClipVolumes
from MedVOSSegmentLib.session.correction_input import CorrectionCost
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.label_cache import fingerprint
from MedVOSSegmentLib.session.own_segments import own_names
from MedVOSSegmentLib.session.propagation_exchange import cost_of_corrections
from MedVOSSegmentLib.session.state import Findings, State
from MedVOSSegmentLib.text import tr

# What the process cannot have measured: obstruction comes later, and the facts of a person stay here.
_OWN = {*names_that_need(Needs.OBSTRUCTION), *names_that_need(Needs.BODY_SIZE)}
_OF_HEART_RATE = names_that_need(Needs.HEART_RATE, Needs.CURVE)
NONE: dict[str, Any] = {
    "measures": {},
    "doubts": [],
    "verdicts": [],
    "curves": {},
    "bands": {},
    "phases": {"ED": None, "ES": None},
    "beats": [],
    "obstructed": {},
    "normal": {"reason": None, "ranges": {}},
}


class Results:
    """Measures, curves, exports and the cost of corrections, computed again only when something has changed.

    Attributes
    ----------
    subject: facts of the person, for indexed values and reference ranges.
    table: the vtkMRMLTableNode of the measures, or None before `show` had a result.
    chart: the vtkMRMLPlotChartNode of the curves, or None likewise.
    """

    def __init__(self, edit: HeartEdit) -> None:
        self.table: Any = None
        self.chart: Any = None
        self.subject = subject_of(edit.cine)
        self._edit = edit
        self._areas = AreaCache(edit)
        self._bands = BandCache(edit)
        self._clip = ClipVolumes(edit)
        self._of: tuple[Any, ...] | None = None
        self._cost: tuple[int, State, CorrectionCost] | None = None
        self._document = NONE
        self._shown: dict[str, Any] = NONE

    @property
    def shown(self) -> dict[str, Any]:
        """The `document` that table and plot show, which may be older than the segments; empty before the first."""
        return self._shown

    @property
    def document(self) -> dict[str, Any]:
        """Measures, curves and phases as in ``report.json``; empty without a result.

        They are the propagation's own while its labels are unchanged and no slice was accepted.
        """
        edit, found = self._edit, self._edit.state.findings
        if found is None:
            return NONE
        self._measure(found)
        now = fingerprint(edit.cache.marks)
        if found.measured == now and not edit.state.accepted.any() and edit.state.chosen == (None, None):
            own = _OWN if self.subject.heart_rate == edit.cine.source.heart_rate else {*_OWN, *_OF_HEART_RATE}
            measures = {
                name: measured if name in own else found.measures.get(name, measured)
                for name, measured in self._document["measures"].items()
            }
            return {**self._document, "measures": measures, "phases": found.phases}
        return self._document

    def _measure(self, found: Findings) -> None:
        """Measure the current segments, unless that is done."""
        of = self._key(found)
        if of != self._of:
            self._document = measures_document(self._measured(found))
            self._of = of

    def _key(self, found: Findings) -> tuple[Any, ...]:
        """Return all on which the measures depend."""
        edit, now = self._edit, fingerprint(self._edit.cache.marks)
        return now, found, _settled(edit).tobytes(), edit.obstruction_mark, self.subject, edit.state.chosen

    @property
    def doubts_of_seeds(self) -> list[str]:
        """Why the drawings from which the result was made are doubted: they are proposals that nobody has confirmed."""
        edit, found = self._edit, self._edit.state.findings
        if found is None:
            return []
        stated = without_confirmed(found.provenance, edit.changed | edit.state.accepted)
        return list(stated.get("doubts", ()))

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
        found = self._edit.state.findings
        if found is None:
            return True
        if self._of == self._key(found):
            return True
        if self._edit.cine.is_echo:
            is_prepared = self._clip.step(self._clip.labelled(self._edit.cine), until)
        else:
            settled, areas = _settled(self._edit), self._areas
            is_prepared = areas.step(settled, until) and self._bands.step(lambda: areas.tables(settled), settled)
        if is_prepared:  # to measure takes a moment, and so does showing it, which comes with the next call
            self._measure(found)
        return False

    def show(self) -> None:
        """Update the table and the plot in the scene."""
        document = self.document
        if document == self._shown:
            return
        self._shown = document
        if document is NONE and self.table is None:
            return
        ranges = document["normal"]["ranges"]
        self.table = measure_table(
            self._edit.nodes, document["measures"], document["beats"], document["obstructed"], ranges
        )
        self.chart = volume_curve_plot(self._edit.nodes, document["curves"], document["bands"], document["phases"])

    def remake_deleted(self) -> None:
        """Make a table or a plot again that was deleted from the scene; it shows the segments of now."""
        if any(node is not None and node.GetScene() is None for node in (self.table, self.chart)):
            self._shown = NONE
            self.show()

    def export_task(self, name: str, folder: Path, dicom: Source | None = None) -> ExportTask:
        """Return the task that writes the segments of now into ``folder``; it touches no node of the scene.

        Raises InputError without a result. ``dicom`` names the DICOM files of the cine, where they are known.
        """
        edit, cine, found = self._edit, self._edit.cine, self._edit.state.findings
        if found is None:
            raise InputError(tr("There is nothing to export yet: have the heart segmented first."))
        settled = _settled(edit)
        uncertainty = edit.uncertainty()  # never changed in place
        scores = np.where(settled, np.float32(0), found.scores)
        seeds = edit.own & edit.cache.filled
        if dicom is not None:
            where = {name: getattr(dicom, name) for name in ("path", "kind", "digest", "series", "given")}
            source = replace(cine.source, **where)
            cine = replace(cine, source=source)
        cine = stating(cine, self.subject)
        provenance, probability = without_confirmed(found.provenance, edit.changed | edit.state.accepted), None
        if names := own_names(edit.nodes):
            provenance = {**provenance, OWN_NAMES: {str(label): name for label, name in names.items()}}
        if edit.state.obstruction is not None:
            provenance = _with_obstruction(provenance, edit.state.obstruction)
            probability = edit.state.obstruction.probability
        # The user may draw while the result is handed over.
        labels, phases = edit.labelled().copy(), self._fitting_phases()

        def result() -> Result:
            certain = uncertainty.copy()
            certain[settled] = 0
            return Result(cine, labels, certain, scores, seeds, provenance, probability)

        return ExportTask(name, result, folder, phases)

    def _measured(self, found: Findings) -> Measures:
        """Measure the current segments with intervals; slices that the user has drawn or accepted are certain."""
        edit = self._edit
        try:
            measures = self._measured_at(*edit.state.chosen)
        except InputError:
            measures = self._measured_at(None, None)
            lost = tr("The ED and ES that were chosen do not fit the segments any more: those of the volumes are used.")
            measures = replace(measures, doubts=(*measures.doubts, lost))
        if edit.cine.is_echo:
            return with_doubts(measures, unfollowed_doubts(found.provenance))
        constants = constants_of(found.provenance)
        settled = _settled(edit)
        tables = self._areas.tables(settled)
        measures = carry_over(measures, tables, constants, edit.cine)
        stated = {label: areas[..., STATED] for label, areas in tables.items() if label in (RV, MYO, LV)}
        scores = np.where(settled, np.float32(0), found.scores)
        measures = with_trust(measures, stated, scores, settled, found.provenance, edit.cine.spacing)
        measures = replace(measures, bands_ml=self._bands.bands(tables, settled, measures.volumes_ml))
        measures = judge(measures, found.provenance.get("papillary"))
        return measures if edit.obstructed is None else with_obstruction(measures, edit.labelled(), edit.cine)

    def check_phases(self, ed: int | None, es: int | None) -> None:
        """Raise InputError where the current segments cannot be measured at these phases."""
        self._measured_at(ed, es)

    def _measured_at(self, ed: int | None, es: int | None) -> Measures:
        """Measure the current segments; the panel does not show wall thickness, which would block the window."""
        # A fact that the user has cleared must not come back from the file.
        labels, cine = self._edit.cache.labels, stating(self._edit.cine, self.subject)
        if cine.is_echo:
            cine = self._clip.labelled(cine)
            volumes, areas = self._clip.measured(cine)
            return measure_volumes(volumes, cine, areas, subject=self.subject, ed=ed, es=es)
        return measure(labels, cine, subject=self.subject, ed=ed, es=es, wall=False, complete=True, judged=False)

    def _fitting_phases(self) -> tuple[int | None, int | None]:
        """Return ED and ES as chosen; found from the volumes where an edit has made the choice impossible."""
        chosen = self._edit.state.chosen
        if chosen != (None, None):
            try:
                self.check_phases(*chosen)
            except InputError:
                return None, None
        return chosen


def _with_obstruction(provenance: dict[str, Any], obstruction: PredictedObstruction) -> dict[str, Any]:
    """Return the provenance of a heart with that of an obstruction that was predicted afterwards."""
    how = {name: value for name, value in obstruction.provenance.items() if name != "notice"}
    return {**provenance, "notice": obstruction.notice, "obstruction": how}


def _settled(edit: HeartEdit) -> NDArray[np.bool_]:
    """Return (T, Z) bool: slices that the user has drawn or accepted."""
    return edit.own | edit.state.accepted
