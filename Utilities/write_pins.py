"""Write the packages of pyproject.toml, with their versions, where the engine finds them for its advice.

    python Utilities/write_pins.py

Run it after a dependency was changed; a test checks that ``medvos/pins.py`` is up to date. 3D Slicer's copy of the
engine has no metadata that could be asked.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT / "MedVOSSegment" / "medvos" / "pins.py"
HEAD = '''"""The packages of pyproject.toml with their versions, written by ``python Utilities/write_pins.py``."""

PINS = {
'''


def written_pins() -> str:
    """Return the text of ``medvos/pins.py``: each package that an extra or medvos itself asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    names = {re.split(r"[\[<>=]", line)[0].lower(): line for line in wanted}
    lines = [f'    "{name}": "{line}",\n' for name, line in sorted(names.items()) if name != "medvos"]
    return HEAD + "".join(lines) + "}\n"


if __name__ == "__main__":
    PINS.write_text(written_pins(), encoding="utf-8")
