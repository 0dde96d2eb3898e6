"""Python packages of a fresh Slicer: what is missing cannot be imported until `slicer.util.pip_install` adds it.

Slicer brings numpy, scipy, pydicom and pillow; the others of the requirements come by the module's own question.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from typing import Any

import pytest
import slicer.util


@dataclass
class Packages:
    """Packages that are missing, by requirement name to import name; what pip was asked for."""

    missing: dict[str, str]
    installed: list[str] = field(default_factory=list)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Refuse the import of what is missing."""
        if name.partition(".")[0] in self.missing.values():
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        return None

    def pip_install(self, requirements: str) -> None:
        """Install as `slicer.util.pip_install` does, which takes one text of requirements with spaces between them."""
        for line in requirements.split():
            self.installed.append(line)
            self.missing.pop(line.partition(">=")[0].partition("<")[0], None)


def hide(patch: pytest.MonkeyPatch, missing: dict[str, str]) -> Packages:
    """Hide packages from the import system and from `importlib.metadata` until `patch` is undone."""
    packages = Packages(dict(missing))
    for name in list(sys.modules):
        if name.partition(".")[0] in missing.values():
            patch.delitem(sys.modules, name)
    patch.setattr(sys, "meta_path", [packages, *sys.meta_path])
    found = importlib.metadata.version

    def version(name: str) -> str:
        if name in packages.missing:
            raise importlib.metadata.PackageNotFoundError(name)
        return found(name)

    # The module has taken the function by its name.
    patch.setattr("MedVOSSegmentLib.install.version", version)
    patch.setattr("MedVOSSegmentLib.install._found", set())
    patch.setattr(slicer.util, "pip_install", packages.pip_install, raising=False)
    return packages
