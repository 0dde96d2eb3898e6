"""What imports what: the module opens without heavy packages, and arrows between parts point down."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from extension.checkout import MODULE, ROOT
from extension.import_rules import Arrow, arrows, between_floors, circles, forbidden, modules_of, upward

IN_SLICER = {"slicer", "vtk", "qt", "ctk", "DICOMLib", "numpy", "MedVOSSegmentLib", "MedVOSSegmentWidgets"}
ENGINE = MODULE / "medvos"
LIB, WIDGETS, SHELL = MODULE / "MedVOSSegmentLib", MODULE / "MedVOSSegmentWidgets", MODULE / "MedVOSSegment.py"
LAB = ROOT / "MedVOSLab" / "medvos_lab"
PACKAGES = (ENGINE, LAB, LIB, WIDGETS)
DESKTOP = {"MedVOSSegment", "MedVOSSegmentWidgets", "qt", "ctk"}
# What each package, and the module's own file, must never import.
FORBIDDEN = {
    ENGINE: {*DESKTOP, "MedVOSSegmentLib", "slicer", "vtk", "medvos_lab"},
    LAB: {*DESKTOP, "MedVOSSegmentLib", "slicer", "vtk"},
    LIB: {*DESKTOP, "medvos_lab"},
    WIDGETS: {"MedVOSSegment", "medvos_lab"},
    SHELL: {"medvos_lab"},
}
# The engine's floors, from the ground up: each may import those before it and none after it. Data flow from `cine` to
# `cohort`; two floors stand lower than their place in the flow, as others compute with them: `uncertainty` is applied
# while slices are propagated, and `synth` makes the hearts that a seed proposal is matched with.
FLOORS = (
    "errors", "structures", "version", "pins", "packages", "notebook", "mvo_notice", "progress", "staging", "septum",
    "wall_ring",
    "cine", "result", "uncertainty", "models", "provenance",
    "propagation", "synth", "segmentation", "measure", "evaluate", "report", "export", "cohort", "api", "cli",
    "__main__", "__init__",
)  # fmt: skip
# Parts of the engine that need numpy alone; the rest is imported inside functions.
LIGHT = (
    "medvos.cine",
    "medvos.errors",
    "medvos.measure",
    "medvos.mvo_notice",
    "medvos.pins",
    "medvos.propagation.cost",
    "medvos.propagation.suited_model",
    "medvos.result",
    "medvos.report.document",
    "medvos.propagation.unconfirmed",
    "medvos.structures",
    "medvos.uncertainty.areas",
)


def shell_files() -> list[Path]:
    return [SHELL, *(path for folder in (LIB, WIDGETS) for path in sorted(folder.rglob("*.py")))]


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


@pytest.mark.parametrize("place", FORBIDDEN, ids=lambda place: place.stem)
def test_nothing_imports_what_lies_above_it(place: Path):
    modules = modules_of(place) if place.is_dir() else {place.stem: place}
    assert modules and forbidden(modules, FORBIDDEN[place]) == []


@pytest.mark.parametrize("path", sorted(LIB.rglob("*.py")), ids=lambda path: path.relative_to(LIB).as_posix())
def test_only_one_file_below_the_panel_reaches_for_the_application(path: Path):
    text = path.read_text(encoding="utf-8")
    assert path.name == "logics.py" or ("slicer.app" not in text and "slicer.modules" not in text)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_no_imports_go_in_a_circle(package: Path):
    found = arrows(package)
    assert found and circles(found) == []
    assert circles(between_floors(found)) == []


@pytest.fixture(scope="module")
def engine() -> list[Arrow]:
    """Every import between two modules of the engine."""
    return arrows(ENGINE)


def test_no_arrow_of_the_engine_points_up(engine):
    assert upward(engine, FLOORS) == []


def test_every_floor_of_the_engine_has_its_place_and_every_place_its_floor():
    floors = {path.stem for path in ENGINE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert sorted(FLOORS) == sorted(floors)
