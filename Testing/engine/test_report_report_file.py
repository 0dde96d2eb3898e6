"""A report as a file."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest

from medvos.errors import InputError
from medvos.measure.measure import measure
from medvos.packages import INSTALLED_AS
from medvos.report.report_file import write_report
from medvos.result import Result


def test_the_ending_says_which_form(a_result: Result, tmp_path: Path):
    for name, start in (("a.pdf", b"%PDF"), ("b.HTML", b"<!doctype html>")):
        write_report(tmp_path / "deep" / name, a_result, measure(a_result))
        assert (tmp_path / "deep" / name).read_bytes().startswith(start)


def test_another_ending_is_refused(a_result: Result, tmp_path: Path):
    with pytest.raises(InputError, match=r"neither \.pdf nor \.html"):
        write_report(tmp_path / "report.docx", a_result, measure(a_result))
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_old_report(a_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "report.html").write_text("old")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="no space left on device"):
        write_report(tmp_path / "report.html", a_result, measure(a_result))
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "old"


@pytest.mark.parametrize("package", ["reportlab", "bidi", "arabic_reshaper"])
def test_a_missing_package_is_one_sentence(
    package: str, a_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, package, None)
    name = INSTALLED_AS.get(package, package)
    with pytest.raises(InputError, match=rf"needs the package {name}, .*pip install '{name}"):
        write_report(tmp_path / "report.pdf", a_result, measure(a_result))
    assert not list(tmp_path.iterdir())
