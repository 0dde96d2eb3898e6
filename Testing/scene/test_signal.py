from __future__ import annotations

import logging

import pytest

from MedVOSSegmentLib.signal import Signal


def test_everybody_who_connected_is_called_in_turn():
    signal, heard = Signal[int](), []
    signal.connect(lambda value: heard.append(("first", value)))
    signal.connect(lambda value: heard.append(("second", value)))
    signal.emit(7)
    assert heard == [("first", 7), ("second", 7)]


def test_who_disconnects_is_called_no_more():
    signal, heard = Signal[int](), []
    disconnect = signal.connect(heard.append)
    disconnect()
    disconnect()
    signal.emit(7)
    assert heard == []


def test_the_same_listener_may_connect_twice_and_leave_once():
    signal, heard = Signal[int](), []
    signal.connect(heard.append)
    signal.connect(heard.append)()
    signal.emit(7)
    assert heard == [7]


def test_a_listener_that_fails_is_logged_and_does_not_stop_the_others(caplog: pytest.LogCaptureFixture):
    signal, heard = Signal[int](), []

    def fails(value: int) -> None:
        raise KeyError(value)

    signal.connect(fails)
    signal.connect(heard.append)
    with caplog.at_level(logging.ERROR):
        signal.emit(7)
    assert heard == [7]
    assert "KeyError: 7" in caplog.text


def test_listeners_may_come_and_go_while_they_are_called():
    signal, heard = Signal[int](), []
    leave = [signal.connect(lambda value: (leave[1](), signal.connect(heard.append)))]
    leave.append(signal.connect(lambda value: heard.append("must not be called")))
    signal.emit(7)
    assert heard == []
    leave[0]()
    signal.emit(8)
    assert heard == [8]
