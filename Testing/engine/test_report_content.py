"""The words of a report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from medvos.cine.cine import Source
from medvos.measure.measure import measure
from medvos.measure.subject import Subject
from medvos.mvo_notice import NOTICE
from medvos.report.content import content_of
from medvos.report.numbers import number, pair
from medvos.result import Result
from medvos.structures import LV, MVO, MYO


def test_numbers_have_the_digits_that_they_are_known_to():
    assert [number(value) for value in (148.23, 99.96, 99.94, 5.04, None)] == ["148", "100", "99.9", "5.0", "–"]
    assert (pair(98.21, 104.4), pair(8.16, 12.0)) == ("98 to 104", "8.2 to 12.0")


def test_what_is_not_known_is_said_once_for_each_reason(a_result: Result):
    without_rv = replace(a_result, labels=np.where(a_result.labels == 1, 0, a_result.labels).astype(np.uint8))
    notes = content_of(without_rv, measure(without_rv)).notes
    assert sum("no voxel is labelled RV" in note for note in notes) == 1
    assert any(note.startswith("RVEDV, RVESV, RVSV, RVEF") for note in notes)


def test_lines_hold_interval_range_and_verdict(a_result: Result):
    content = content_of(a_result, measure(a_result, subject=Subject("M", 50)))
    line = next(line for line in content.lines if line.name == "LVEDV")
    assert line.value.endswith(" mL") and " to " in line.interval and line.normal == "109 to 227"
    assert line.verdict.split(" or ")[0] in ("▼ low", "low", "normal", "▲ high", "high", "no verdict")
    assert content.has_intervals and content.has_ranges
    assert any("doi:10.1016/j.jcmg.2024.01.009" in note for note in content.notes)


def test_a_bare_segmentation_has_neither_intervals_nor_ranges(a_result: Result):
    content = content_of(a_result, measure(a_result.labels, a_result.cine))
    assert content.lines and not content.has_intervals and not content.has_ranges
    assert "No reference ranges: both the sex and the age must be stated." in content.notes


def test_the_style_of_drawing_is_not_told_where_nothing_was_drawn(a_result: Result):
    subject = Subject("M", 50)
    told = [note for note in content_of(a_result, measure(a_result, subject=subject)).notes if "given contours" in note]
    undrawn = replace(a_result, seeds=np.zeros_like(a_result.seeds))
    notes = content_of(undrawn, measure(undrawn, subject=subject)).notes
    assert len(told) == 1 and not any("given contours" in note for note in notes)


def test_a_slice_without_contours_is_not_called_an_unreliable_contour(a_result: Result):
    labels, scores = a_result.labels.copy(), np.zeros_like(a_result.slice_scores)
    labels[2, 0], scores[2, 0] = 0, 0.97
    empty = replace(a_result, labels=labels, slice_scores=scores)
    assert "slice 1 at phase 3 (without contours, 97 %)" in content_of(empty, measure(empty)).worst
    assert "missing" in content_of(empty, measure(empty)).look


def test_how_it_was_made_is_told_in_words(a_result: Result):
    made = dict(content_of(a_result, measure(a_result)).made)
    assert made["model"] == "cstm" and made["terms of the weights"] == "for anyone"
    assert made["drawn"] == "phase 1: slice 4" and made["time taken"] == "1.5 s"
    assert made["input"].startswith("synthetic heart, 6 phases, 6 slices of 80 x 80 pixels, 16.00 x 3.00 x 3.00 mm")


def test_a_model_that_is_sure_of_all_says_so(a_result: Result):
    sure = replace(a_result, slice_scores=np.zeros_like(a_result.slice_scores))
    content = content_of(sure, measure(sure))
    assert content.worst == "" and content.look == "The score of every slice is 0."


def test_segments_of_the_wall_that_are_not_known_have_their_reason(a_result: Result):
    assert content_of(a_result, measure(a_result)).wall.startswith("Segment 17 not known")
    without_rv = replace(a_result, labels=np.where(a_result.labels == 1, 0, a_result.labels).astype(np.uint8))
    assert content_of(without_rv, measure(without_rv)).wall.startswith("Wall thickness is not known")


def test_a_verdict_that_the_interval_leaves_open_names_both(a_result: Result):
    measures = replace(measure(a_result, subject=Subject("M", 50)), held={})
    ef, normal = measures["LVEF"], measures.normal["LVEF"]

    def verdict(low: float, high: float) -> str:
        known = {**measures.by_name, "LVEF": replace(ef, interval=(low, high))}
        content = content_of(a_result, replace(measures, by_name=known))
        return next(line.verdict for line in content.lines if line.name == "LVEF")

    assert verdict(normal.low - 5, normal.low + 5) == "low or normal"
    assert verdict(normal.low + 1, normal.low + 5) == "normal"
    assert verdict(normal.low - 9, normal.low - 5) == "▼ low"


def test_a_clip_is_told_of_in_frames(a_result: Result):
    film = Source(kind="video", notes=("One.", "Two."), spacing_known=False)
    cine = replace(a_result.cine, array=a_result.cine.array[:, 3:4], source=film)
    clip = Result(
        cine,
        a_result.labels[:, 3:4],
        a_result.uncertainty[:, 3:4],
        a_result.slice_scores[:, 3:4],
        a_result.seeds[:, 3:4],
        {**a_result.provenance, "notes": list(film.notes)},
    )
    content = content_of(clip, measure(clip))
    made = dict(content.made)
    assert made["drawn"] == "frame 1" and made["notes"] == "One. Two."
    assert made["input"] == "video, 6 frames of 80 x 80 pixels, of unknown size"
    assert "slice" not in content.map + content.look and content.curve_title == "Volume over the clip"


def test_a_clip_without_a_beat_is_told_of_without_beats(a_result: Result):
    cine = replace(a_result.cine, array=a_result.cine.array[:, 3:4], source=Source(kind="video"))
    labels = np.where(a_result.labels[:, 3:4] == LV, np.uint8(7), 0).astype(np.uint8)
    own = Result(
        cine,
        labels,
        a_result.uncertainty[:, 3:4],
        a_result.slice_scores[:, 3:4],
        a_result.seeds[:, 3:4],
        {**a_result.provenance, "followed": {"structure 7": 0.0}},
    )
    content = content_of(own, measure(own))
    assert not content.beats and content.sheet_title == "Frames of the clip"
    assert "Contractions" not in content.look and "Volumes" not in content.method
    words = "by the network structure 7 0 %; the rest by the motion of the images"
    assert dict(content.made)["followed from the drawing"] == words


def test_a_result_without_a_drawing_says_so(a_result: Result):
    undrawn = replace(a_result, seeds=np.zeros_like(a_result.seeds))
    assert content_of(a_result, measure(a_result)).drawn and not content_of(undrawn, measure(undrawn)).drawn


def test_obstruction_of_whatever_origin_has_its_notice(a_result: Result):
    labels = a_result.labels.copy()
    labels[:, 1][labels[:, 1] == MYO] = MVO
    marked = replace(a_result, labels=labels)
    assert "notice" not in marked.provenance and content_of(marked, measure(marked)).notice == NOTICE
    assert content_of(a_result, measure(a_result)).notice == ""


def test_a_card_whose_grade_is_held_back_does_not_deny_its_verdict(a_result: Result):
    measures = replace(measure(a_result, subject=Subject("M", 50)), ungraded="with the doubts it could be 20 to 60 %")
    (card,) = (card for card in content_of(a_result, measures).headlines if card.name == "LVEF")
    assert card.grade == "grade not certain"


def test_no_part_on_unreliable_contours_is_a_zero_and_an_unknown_one_is_empty(a_result: Result):
    measures = measure(a_result)
    parts = {"LVEDV": 0.0, "LVESV": 0.3, "LVEF": None}
    by_name = {name: replace(each, unreliable=parts.get(name)) for name, each in measures.items()}
    content = content_of(a_result, replace(measures, by_name=by_name))
    shown = {line.name: line.part for line in content.lines if line.name in parts}
    assert shown == {"LVEDV": "0 %", "LVESV": "30 %", "LVEF": ""} and content.has_parts
    by_name["LVESV"] = by_name["LVEDV"]
    assert not content_of(a_result, replace(measures, by_name=by_name)).has_parts


def test_slices_that_are_probably_right_are_not_listed_as_the_worst(a_result: Result):
    scores = np.zeros_like(a_result.slice_scores)
    scores[1, 0], scores[1, 1] = 0.2, 0.05
    some = replace(a_result, slice_scores=scores)
    worst = content_of(some, measure(some)).worst
    assert "slice 1 at phase 2" in worst and "slice 2" not in worst
    none = replace(a_result, slice_scores=np.minimum(scores, np.float32(0.09)))
    assert content_of(none, measure(none)).worst == "No slice that was not drawn has a score of 10 % or more."


def test_the_score_is_told_in_words(a_result: Result):
    assert "Dice, the overlap with right ones from 0 to 1, below 0.8" in content_of(a_result, measure(a_result)).look
