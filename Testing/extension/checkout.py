"""The files of the checkout, and what its CMake files list."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "MedVOSSegment"
RESOURCES = ROOT / "MedVOSResources"


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git has or would take, in the working tree, as it was at the first call."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(ROOT / name for name in names if (ROOT / name).is_file())


def listed(cmake_file: Path, variable: str) -> list[str]:
    """What `set(variable ...)` holds."""
    found = re.search(rf"set\({variable}\s(.*?)\)\n", cmake_file.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{cmake_file} sets no {variable}"
    return found[1].replace("${MODULE_NAME}", "MedVOSSegment").split()


def shipped(folder: Path) -> list[str]:
    """The files of `folder` that must be installed, relative to it."""
    inside = (path for path in tracked() if path.is_relative_to(folder) and path.name != "CMakeLists.txt")
    return sorted(path.relative_to(folder).as_posix() for path in inside)
