"""The real second process with segments of the reader's own: in a stack, in a clip, and after a correction."""

from __future__ import annotations

import time

import numpy as np
from clip_case import clip
from clip_case import labels as clip_labels
from own_segment import OWN, draw_own
from second_process import until
from segment_editor import SegmentEditor
from session_user import SEED, User

from medvos.evaluate.metrics import dice
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.runner import Runner
from MedVOSSegmentLib.scene.cine_nodes import show_cine
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.history import ONE_STROKE_S
from MedVOSSegmentLib.session.session import Session


def test_a_real_second_process_follows_it_in_a_cine(logics: Logics, small_heart: SyntheticHeart):
    user = User(logics, show_cine(logics, small_heart.cine, "Cine"), small_heart)
    user.session.close()
    session = Session(logics, Runner())
    messages: list[str] = []
    session.message.connect(messages.append)
    session.cines.open(user.session.browser or logics.scene.GetFirstNodeByClass("vtkMRMLSequenceBrowserNode"))
    user.session, user.editor = session, SegmentEditor(session.nodes)
    user.draw(SEED)
    mask = draw_own(user)
    session.propagation.propagate(device="cpu")
    until(lambda: session.poll() or not session.busy, 300)
    labels = session.nodes.labels()
    overlaps = [dice(labels[phase, SEED[1]] == OWN, mask[SEED[1]]) for phase in range(len(labels))]
    assert min(overlaps) > 0.6, messages
    assert (labels[:, SEED[1]] == 3).any((1, 2)).all()
    assert "structure 4" not in "".join(messages) and "'Aorta'" in "".join(messages)
    # Another one, drawn afterwards on what was found.
    session.go_to(2, SEED[1])
    editor = SegmentEditor(session.nodes)
    editor.add_segment("Lung")
    lung = np.zeros(labels.shape[1:], bool)
    lung[SEED[1], 66:76, 4:14] = True
    editor.paint("Lung", lung)
    assert (2, SEED[1]) in session.review.corrections()
    session.review.propagate_corrections()
    until(lambda: session.poll() or not session.busy, 300)
    labels = session.nodes.labels()
    assert min(dice(labels[phase, SEED[1]] == OWN, mask[SEED[1]]) for phase in range(len(labels))) > 0.6, messages
    # The slice that was drawn first stays as it was drawn.
    assert min(dice(labels[phase, SEED[1]] == OWN + 1, lung[SEED[1]]) for phase in range(1, 6)) > 0.6, messages
    assert not (labels[SEED] == OWN + 1).any() and "'Lung'" in messages[-1]
    session.close()


def test_a_real_second_process_follows_a_segment_of_the_reader_alone_in_a_clip(logics: Logics):
    truth = clip_labels()
    session = Session(logics, Runner())
    messages: list[str] = []
    session.message.connect(messages.append)
    session.cines.open(show_cine(logics, clip(), "Clip"))
    session.seed.make_segments()
    session.go_to(0, 0)
    editor = SegmentEditor(session.nodes)
    editor.add_segment("Cavity")
    editor.paint("Cavity", truth[0] > 0)
    assert session.propagation.model == "tcmn" and [str(fault) for fault in session.seed.faults()] == []
    session.propagation.propagate(device="cpu")
    until(lambda: session.poll() or not session.busy, 300)
    labels = session.nodes.labels()
    assert set(np.unique(labels)) == {0, OWN}, messages
    overlaps = [dice(labels[t] == OWN, truth[t] > 0) for t in range(len(truth))]
    assert np.mean(overlaps) > 0.7
    assert all(each["value"] is None for each in session.measurement.measures().values())
    session.close()


def test_a_real_second_process_follows_it_beside_the_lv_of_a_clip_and_its_correction(logics: Logics):
    truth = clip_labels()
    block = np.zeros(truth.shape[1:], bool)
    block[0, 40:54, 4:14] = True
    session = Session(logics, Runner())
    messages: list[str] = []
    session.message.connect(messages.append)
    session.cines.open(show_cine(logics, clip(), "Clip"))
    session.seed.make_segments()
    session.go_to(0, 0)
    editor = SegmentEditor(session.nodes)
    editor.paint("LV", truth[0] > 0)
    editor.add_segment("Septum")
    editor.paint("Septum", block)
    time.sleep(1.2 * ONE_STROKE_S)
    session.propagation.propagate(device="cpu")
    until(lambda: session.poll() or not session.busy, 300)
    labels = session.nodes.labels()
    assert np.mean([dice(labels[t] == 3, truth[t] > 0) for t in range(len(truth))]) > 0.7, messages
    assert np.mean([dice(labels[t] == OWN, block) for t in range(len(truth))]) > 0.6
    session.go_to(10, 0)
    editor.erase("Septum", np.ones(truth.shape[1:], bool))
    moved = np.roll(block, -4, axis=1) & (labels[10] != 3)
    editor.paint("Septum", moved)
    session.review.propagate_corrections()
    until(lambda: session.poll() or not session.busy, 300)
    again = session.nodes.labels()
    np.testing.assert_array_equal(again[10] == OWN, moved)
    assert dice(again[11] == OWN, moved) > dice(labels[11] == OWN, moved)
    assert session.measurement.measures()["LVEF"]["value"] > 10
    session.close()
