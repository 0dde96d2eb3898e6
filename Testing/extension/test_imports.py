"""Opening the module imports nothing that Slicer may not have yet, and nothing heavy."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from extension.checkout import MODULE

IN_SLICER = {"slicer", "vtk", "qt", "ctk", "numpy", "MedVOSSegmentLib", "MedVOSSegmentWidgets"}
# Parts of the engine that need numpy alone; the rest is imported inside functions.
LIGHT = (
    "medvos.cine",
    "medvos.errors",
    "medvos.measure",
    "medvos.mvo_notice",
    "medvos.propagation.cost",
    "medvos.result",
    "medvos.report.document",
    "medvos.structures",
    "medvos.uncertainty.areas",
)


def shell_files() -> list[Path]:
    folders = (MODULE / "MedVOSSegmentLib", MODULE / "MedVOSSegmentWidgets")
    return [MODULE / "MedVOSSegment.py", *(path for folder in folders for path in sorted(folder.rglob("*.py")))]


def imported_at_file_scope(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", shell_files(), ids=lambda path: path.relative_to(MODULE).as_posix())
def test_only_what_slicer_has_is_imported_at_file_scope(path: Path):
    for name in imported_at_file_scope(path):
        top = name.partition(".")[0]
        light = name == "medvos" or name.startswith(LIGHT)
        assert top in sys.stdlib_module_names or top in IN_SLICER or light, name


def test_the_parts_of_the_engine_that_the_module_imports_need_numpy_alone():
    names = {name for path in shell_files() for name in imported_at_file_scope(path) if name.startswith("medvos.")}
    program = (
        "import importlib, json, sys\n"
        "before = set(sys.modules)\n"
        f"for name in {sorted(names)!r}: importlib.import_module(name)\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=MODULE)
    assert set(json.loads(done.stdout)) - sys.stdlib_module_names == {"medvos", "numpy"}


@pytest.mark.parametrize("path", shell_files(), ids=lambda path: path.relative_to(MODULE).as_posix())
def test_arrows_point_down(path: Path):
    names = {name.partition(".")[0] for name in imported_at_file_scope(path)}
    if "MedVOSSegmentLib" in path.parts:
        assert not names & {"qt", "ctk", "MedVOSSegmentWidgets", "MedVOSSegment"}
        text = path.read_text(encoding="utf-8")
        if path.name != "logics.py":
            assert "slicer.app" not in text and "slicer.modules" not in text
