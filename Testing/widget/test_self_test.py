"""The module's own test, which Slicer runs, passes here too."""

from __future__ import annotations

from widget.conftest import Desktop


def test_the_modules_own_test_passes(desktop: Desktop):
    desktop.module.MedVOSSegmentTest().runTest()
    assert not desktop.dialogs.messages


def test_without_packages_the_modules_own_test_stops_before_the_segmentation(desktop: Desktop, monkeypatch):
    monkeypatch.setattr("MedVOSSegmentLib.install.missing", lambda wanted: list(wanted))
    desktop.module.MedVOSSegmentTest().runTest()
    assert not desktop.dialogs.asked
