"""List every tracked file that must be installed in the CMake files.

python Utilities/list_for_cmake.py
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def shipped(folder: Path) -> list[str]:
    """Return the tracked and the new files of `folder`, relative to it; ignored files are left out."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "."]
    names = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted(name for name in names if name != "CMakeLists.txt" and (folder / name).is_file())


def write_list(cmake_file: Path, variable: str, names: Iterable[str]) -> None:
    """Replace the list in ``set(variable ...)`` of `cmake_file` by `names`."""
    lines = "".join(f"  {name}\n" for name in names)
    text = cmake_file.read_text(encoding="utf-8")
    pattern = rf"(set\({variable}\n).*?(  \)\n)"
    cmake_file.write_text(re.sub(pattern, rf"\g<1>{lines}\g<2>", text, flags=re.DOTALL), encoding="utf-8")


def main() -> None:
    """Write the lists of the module and of the resources."""
    module, resources = ROOT / "MedVOSSegment", ROOT / "MedVOSResources"
    # Slicer's macro knows the module's own file by the module's name.
    names = ["${MODULE_NAME}.py" if name == "MedVOSSegment.py" else name for name in shipped(module)]
    write_list(module / "CMakeLists.txt", "MODULE_PYTHON_SCRIPTS", (name for name in names if name.endswith(".py")))
    write_list(
        module / "CMakeLists.txt", "MODULE_PYTHON_RESOURCES", (name for name in names if not name.endswith(".py"))
    )
    write_list(resources / "CMakeLists.txt", "RESOURCES", shipped(resources))


if __name__ == "__main__":
    main()
