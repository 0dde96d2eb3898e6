"""The reference of the commands in the documentation is that of the present commands."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_the_commands_is_up_to_date(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    script = runpy.run_path(str(ROOT / "Utilities" / "write_commands.py"))
    text = script["PAGE"].read_text(encoding="utf-8")
    assert text == script["page"](), "run python Utilities/write_commands.py"
    assert "## medvos propagate" in text and "`--seed <path>`" in text and "## medvos bench" in text
