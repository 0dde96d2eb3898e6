"""Write Docs/reference/commands.md from the commands themselves.

    python Utilities/write_commands.py

Run it after an option or a help text was changed; a test checks that the page is up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "Docs" / "reference" / "commands.md"
HEAD = """# Commands

`python Utilities/write_commands.py` writes this page from the commands themselves. In a shell, `medvos --help` lists
the commands, and `medvos propagate --help` describes one. The [command line](../command-line.md) page explains inputs,
results and exit codes.
"""


def page() -> str:
    """Return the text of the page."""
    sys.path[:0] = [str(ROOT / part) for part in ("MedVOSSegment", "MedVOSLab", "Utilities/site")]
    from commands import command_reference

    from medvos.cli.main import app

    return f"{HEAD}\n{command_reference(app, 'medvos')}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
