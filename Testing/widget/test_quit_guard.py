"""Before Slicer is quit, it is asked for what is being computed or written."""

from __future__ import annotations

import pytest
from scene.session_fakes import FakeRunner
from widget.conftest import Desktop


def quits(desktop: Desktop, *, answer: bool) -> bool:
    """Whether the main window closes where the user gives this answer to any question."""
    desktop.dialogs.answer = answer
    return bool(desktop.window.close())


@pytest.mark.parametrize("what", ["segmentation", "export"])
def test_what_is_under_way_is_not_lost_without_a_question(faked: Desktop, started: FakeRunner, tmp_path, what: str):
    faked.wait(lambda: not faked.session.busy)
    faked.pass_time()
    if what == "segmentation":
        faked.click(faked.ui.propagateButton)
    else:
        faked.session.export._runner = FakeRunner()
        faked.dialogs.folder = str(tmp_path)
        faked.click(next(each for each in faked.ui.exportButtons.children() if hasattr(each, "click")))
    assert not quits(faked, answer=False) and faked.window.isVisible()
    assert len(faked.dialogs.asked) == 1 and "still running" in faked.dialogs.asked[0]
    assert quits(faked, answer=True) and len(faked.dialogs.asked) == 2


def test_an_idle_module_asks_nothing(faked: Desktop):
    faked.wait(lambda: not faked.session.busy)
    faked.pass_time()
    assert quits(faked, answer=False) and faked.dialogs.asked == []


def test_a_module_that_has_ended_asks_nothing(faked: Desktop, started: FakeRunner):
    faked.click(faked.ui.propagateButton)
    faked.widget.cleanup()
    assert quits(faked, answer=False) and faked.dialogs.asked == []
