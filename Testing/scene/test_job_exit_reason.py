from __future__ import annotations

import signal

import pytest

from MedVOSSegmentLib.job.exit_reason import explain_exit


def test_what_the_engine_says_of_the_input_is_passed_on_as_it_is():
    log = "UserWarning: something\nmedvos: The seed is empty: draw a slice.\n"
    assert explain_exit(2, log) == "The seed is empty: draw a slice."


@pytest.mark.parametrize(
    "log",
    [
        "MemoryError",
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 9.00 GiB for an array",
        "RuntimeError: [enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: can't allocate memory: you tried",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "RuntimeError: could not create a primitive",
        "OpenBLAS error: Memory allocation still failed after 10 retries, giving up.",
        "ImportError: libtorch_cpu.so: failed to map segment from shared object",
    ],
)
def test_short_memory_is_called_that(log: str):
    assert "ran out of memory" in explain_exit(1, f"Traceback (most recent call last):\n{log}\n")


def test_a_full_disk_is_that_of_the_temporary_files():
    log = "medvos: Cannot write results to out (no space left on device); choose another folder."
    assert "temporary files is full" in explain_exit(2, log)


@pytest.mark.parametrize("code", [-signal.SIGKILL, 128 + signal.SIGKILL])
def test_a_kill_may_have_been_short_memory(code: int):
    assert "(killed, out of memory?)" in explain_exit(code, "")


@pytest.mark.parametrize("code", [-signal.SIGSEGV, 128 + signal.SIGSEGV])
def test_a_crash_names_its_signal(code: int):
    assert "(crashed, SIGSEGV)" in explain_exit(code, "Fatal Python error: Segmentation fault")


def test_a_missing_package_is_named():
    log = "Traceback (most recent call last):\nModuleNotFoundError: No module named 'torch'"
    assert "Python package torch" in explain_exit(1, log)


def test_no_advice_to_type_pip_reaches_slicer():
    log = "medvos: The PDF needs the package reportlab, which is not installed: pip install 'reportlab>=4.2'."
    assert explain_exit(2, log) == (
        "The PDF needs the package reportlab, which is not installed: start again and agree to its installation."
    )
    log = "medvos: This needs the package dask, which is not installed: pip install 'dask[distributed]>=2024.8'."
    assert "pip" not in explain_exit(2, log) and "agree" in explain_exit(2, log)


def test_a_stop_from_outside_is_not_called_a_crash():
    assert "stopped from outside" in explain_exit(3, "medvos: Cancelled; nothing was written.")


@pytest.mark.parametrize("code", [1, 2, 127, 255, 0xC0000005])
def test_without_a_word_the_exit_code_is_all_there_is(code: int):
    assert f"(exit code {code})" in explain_exit(code, "")


@pytest.mark.parametrize("code", [1, 2, 3, -9, -11, 77])
def test_it_is_always_one_line(code: int):
    assert "\n" not in explain_exit(code, "a\nmedvos: One sentence.\nb\n")
