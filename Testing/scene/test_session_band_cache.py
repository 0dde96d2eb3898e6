from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from session_fakes import an_outcome

from medvos.measure.intervals import BANDS_BEFORE, constants_of, with_intervals
from medvos.measure.measure import measure
from medvos.result import Result
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.session.area_cache import AreaCache
from MedVOSSegmentLib.session.band_cache import BandCache
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.label_cache import fingerprint
from MedVOSSegmentLib.session.state import Findings


@pytest.fixture
def edit(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> HeartEdit:
    heart_nodes.set_labels(small_heart.labels)
    edit = HeartEdit(heart_nodes, small_heart.cine)
    out = an_outcome(small_heart.cine, small_heart.labels)
    measured = fingerprint(edit.cache.marks)
    findings = Findings(
        out.slice_scores, out.measures, measured, out.phases, out.provenance, "cstm", "cpu", 9.0, out.uncertainty
    )
    edit.do("propagation", replace(edit.state, findings=findings, marks=edit.cache.marks.copy()))
    return edit


def test_the_bands_are_those_of_the_engine(edit: HeartEdit):
    nothing = np.zeros(edit.cine.shape[:2], bool)
    labels, uncertainty = edit.cache.labels, edit.uncertainty()
    result = Result(edit.cine, labels, uncertainty, edit.state.findings.scores, nothing, edit.state.findings.provenance)
    expected = with_intervals(measure(labels, edit.cine, wall=False), result)
    found = BandCache(edit).bands(AreaCache(edit).tables(nothing), nothing, expected.volumes_ml)
    assert set(found) == {"LV", "RV"}
    for name, band in found.items():
        np.testing.assert_allclose(band, expected.bands_ml[name], rtol=1e-5)


def test_a_corrected_result_has_no_wider_bands_than_before(edit: HeartEdit):
    nothing = np.zeros(edit.cine.shape[:2], bool)
    curves = measure(edit.cache.labels, edit.cine, wall=False).volumes_ml
    free = BandCache(edit).bands(AreaCache(edit).tables(nothing), nothing, curves)["LV"]
    widest = (0.5 * (free[1] - free[0])).tolist()
    provenance = {"intervals": {**constants_of(edit.state.findings.provenance), BANDS_BEFORE: {"LV": widest}}}
    findings = replace(edit.state.findings, provenance=provenance)
    edit.do("correction", replace(edit.state, findings=findings))
    limited = BandCache(edit).bands(AreaCache(edit).tables(nothing), nothing, curves)["LV"]
    np.testing.assert_allclose(limited[1] - limited[0], widest, rtol=1e-5)


def test_a_step_computes_one_structure_and_no_more_and_nothing_twice(edit: HeartEdit):
    nothing = np.zeros(edit.cine.shape[:2], bool)
    cache, tables = BandCache(edit), AreaCache(edit).tables(nothing)
    for _ in range(2):  # LV and RV; what follows is for a call of its own
        assert not cache.step(lambda: tables, nothing)

    def never() -> None:
        raise AssertionError("it was computed again")

    assert cache.step(never, nothing)
    settled = np.ones_like(nothing)
    assert not cache.step(lambda: tables, settled)
