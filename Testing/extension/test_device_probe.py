"""A plain sentence on what will compute."""

from __future__ import annotations

import sys
import time

from MedVOSSegmentLib.device_probe import DeviceProbe, FoundDevice, describe_device


def test_the_second_process_is_asked_and_nobody_waits_for_it():
    probe = DeviceProbe(sys.executable)
    end = time.monotonic() + 60
    while (device := probe.poll()) is None and time.monotonic() < end:
        time.sleep(0.05)
    assert device is not None and device.kind in ("cpu", "cuda", "mps")


def test_a_python_without_pytorch_is_reported_apart(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('not installed')")
    probe = DeviceProbe(sys.executable, {"PYTHONPATH": str(tmp_path)})
    while (device := probe.poll()) is None:
        time.sleep(0.05)
    assert device == FoundDevice(None)
    assert "not installed yet" in describe_device(device, "auto", None)


def test_a_python_that_is_not_there_is_no_reason_to_stop(tmp_path):
    probe = DeviceProbe(tmp_path / "python")
    assert probe.poll() == FoundDevice(None)
    probe.close()


def test_a_time_is_promised_only_where_one_is_known():
    assert describe_device(FoundDevice("cpu"), "auto", None) == "The processor will be used."
    assert "about 21 s" in describe_device(FoundDevice("cpu"), "auto", 21.3)


def test_the_graphics_card_is_named():
    assert "NVIDIA H100" in describe_device(FoundDevice("cuda", "NVIDIA H100"), "auto", None)


def test_a_graphics_card_that_is_not_there_is_refused_in_advance():
    assert "no such graphics card" in describe_device(FoundDevice("cpu"), "cuda", None)


def test_the_processor_can_be_chosen_beside_a_graphics_card():
    assert "The processor will be used" in describe_device(FoundDevice("cuda", "NVIDIA H100"), "cpu", None)
