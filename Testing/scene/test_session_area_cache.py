from __future__ import annotations

import gc
import time
from dataclasses import replace

import numpy as np
import pytest
from session_fakes import an_outcome

from medvos.synth.heart import SyntheticHeart
from medvos.uncertainty.areas import area_tables, slice_areas
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.session import area_cache as module
from MedVOSSegmentLib.session.area_cache import AreaCache
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.state import Findings


@pytest.fixture
def edit(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> HeartEdit:
    heart_nodes.set_labels(small_heart.labels)
    edit = HeartEdit(heart_nodes, small_heart.cine)
    edit.do("propagation", replace(edit.state, findings=findings(small_heart), marks=edit.cache.marks.copy()))
    return edit


def findings(heart: SyntheticHeart) -> Findings:
    out = an_outcome(heart.cine, heart.labels)
    return Findings(out.slice_scores, out.measures, 0, out.phases, out.provenance, "cstm", "cpu", 9.0, out.uncertainty)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """One entry for each slice that is computed."""
    calls: list[tuple[int, ...]] = []

    def counted(labels: np.ndarray, doubt: np.ndarray) -> dict[int, np.ndarray]:
        calls.append(labels.shape)
        return slice_areas(labels, doubt)

    monkeypatch.setattr(module, "slice_areas", counted)
    return calls


def expected(edit: HeartEdit, settled: np.ndarray) -> dict[int, np.ndarray]:
    doubt = edit.state.findings.uncertainty.copy()
    doubt[settled] = 0
    return area_tables(edit.cache.labels, doubt)


def test_areas_are_those_of_the_engine_with_settled_slices_sure(edit: HeartEdit):
    settled = np.zeros(edit.cine.shape[:2], bool)
    settled[1, 2] = settled[3, 3] = True
    found = AreaCache(edit).tables(settled)
    for label, table in expected(edit, settled).items():
        np.testing.assert_array_equal(found[label], table)


def test_only_slices_that_changed_are_computed_again(edit: HeartEdit, small_heart: SyntheticHeart, computed: list):
    areas, settled = AreaCache(edit), np.zeros(edit.cine.shape[:2], bool)
    areas.tables(settled)
    assert len(computed) == settled.size
    labels = edit.cache.labels[2].copy()
    labels[3] = 0
    edit.cache.update_phase(2, labels)
    settled[4, 4] = True
    found = areas.tables(settled)
    assert len(computed) == settled.size + 2
    for label, table in expected(edit, settled).items():
        np.testing.assert_array_equal(found[label], table)
    edit.state = replace(edit.state, findings=findings(small_heart))
    areas.tables(settled)
    assert len(computed) == 2 * settled.size + 2


def test_areas_can_be_computed_in_parts_and_are_the_same(edit: HeartEdit):
    settled = np.zeros(edit.cine.shape[:2], bool)
    areas = AreaCache(edit)
    assert not areas.step(settled, until=0.0)
    while not areas.step(settled, until=time.monotonic() + 0.001):
        pass
    for label, table in expected(edit, settled).items():
        np.testing.assert_array_equal(areas.tables(settled)[label], table)


def test_steps_without_time_end_too_and_never_put_a_loaded_uncertainty_together(edit: HeartEdit, monkeypatch):
    reads, read = [], edit.uncertainty
    monkeypatch.setattr(edit, "uncertainty", lambda: reads.append(1) or read())
    areas, settled = AreaCache(edit), np.zeros(edit.cine.shape[:2], bool)
    steps = 0
    while not areas.step(settled, until=0.0):
        steps += 1
        assert steps <= settled.size
    assert not reads


def test_looking_for_changes_gives_python_no_garbage_to_collect(edit: HeartEdit):
    areas, settled = AreaCache(edit), np.zeros(edit.cine.shape[:2], bool)
    areas.step(settled)
    collections: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            collections.append(info["generation"])

    before = gc.get_threshold()
    gc.collect()
    gc.callbacks.append(note)
    gc.set_threshold(settled.size, *before[1:])
    try:
        for _ in range(100):
            areas.step(settled)
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(note)
    assert collections == []
