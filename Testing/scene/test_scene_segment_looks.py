"""A segment that the user renames or recolours looks the same in every phase."""

from __future__ import annotations

from typing import Any

from scene.session_user import User

from MedVOSSegmentLib.scene.segment_tags import tag_of


def segments(user: User, name: str) -> list[Any]:
    sequence = user.session.nodes.sequence
    items = [sequence.GetNthDataNode(phase) for phase in range(sequence.GetNumberOfDataNodes())]
    return [item.GetSegmentation().GetSegment(name) for item in items]


def test_name_colour_and_terminology_follow_in_all_phases(user: User):
    user.session.go_to(2, 1)
    segment = user.session.nodes.segmentation.GetSegmentation().GetSegment("LV")
    tag = segment.GetTerminologyEntryTagName()
    segment.SetName("Left ventricle")
    segment.SetColor(0.1, 0.2, 0.3)
    segment.SetTag(tag, tag_of(segment, tag).replace("SCT", "X"))
    for other in segments(user, "LV"):
        assert other.GetName() == "Left ventricle" and other.GetColor() == (0.1, 0.2, 0.3)
        assert tag_of(other, tag) == tag_of(segment, tag)
    assert [other.GetName() for other in segments(user, "RV")] == ["RV"] * 6
    user.session.go_to(4, 1)
    assert user.session.nodes.segmentation.GetSegmentation().GetSegment("LV").GetName() == "Left ventricle"


def test_a_segment_of_the_users_own_stays_in_its_phase(user: User):
    user.session.go_to(1, 1)
    user.session.nodes.segmentation.GetSegmentation().AddEmptySegment("mine", "Scar", (1, 0, 0))
    assert [other is not None for other in segments(user, "mine")] == [False, True, False, False, False, False]


def test_a_new_look_is_no_correction(done: User):
    done.session.go_to(2, 1)
    done.session.nodes.segmentation.GetSegmentation().GetSegment("RV").SetColor(0, 1, 0)
    assert not done.session.review.corrections()
    assert not done.session.busy
