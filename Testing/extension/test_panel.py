"""The panel's file and the code that uses it agree, and each step of the panel is paired with its logic."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ElementTree

import pytest
from extension.checkout import MODULE

UI = MODULE / "Resources" / "UI" / "MedVOSSegment.ui"


def named_in_code() -> set[str]:
    files = [MODULE / "MedVOSSegment.py", *(MODULE / "MedVOSSegmentWidgets").glob("*.py")]
    return {name for file in files for name in re.findall(r"\bui\.(\w+)", file.read_text(encoding="utf-8"))}


def named_in_ui() -> set[str]:
    return {widget.get("name", "") for widget in ElementTree.parse(UI).iter("widget")}


def test_every_widget_named_in_code_is_in_the_panel():
    assert named_in_code() <= named_in_ui()


def test_every_button_and_box_of_the_panel_is_used():
    kinds = {"QPushButton", "QToolButton", "QCheckBox", "QComboBox", "QTableWidget", "QListWidget", "qMRMLTableView"}
    root = ElementTree.parse(UI)
    widgets = [widget for widget in root.iter("widget") if widget.get("class") in kinds]
    bound = {w.get("name") for w in widgets if w.find("property[@name='SlicerParameterName']") is not None}
    assert {widget.get("name") for widget in widgets} - bound <= named_in_code()


def test_every_button_says_what_it_does():
    for widget in ElementTree.parse(UI).iter("widget"):
        if widget.get("class") in ("QPushButton", "QToolButton"):
            tip = widget.findtext("property[@name='toolTip']/string")
            assert tip, widget.get("name")


def session_modules_of(step: str) -> set[str]:
    """Names of the files of the session from which a step of the panel imports a class of logic or the session."""
    tree = ast.parse((MODULE / "MedVOSSegmentWidgets" / f"{step}_step.py").read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names = {name.rpartition(".")[2] for name in modules if name.startswith("MedVOSSegmentLib.session.")}
    return {name for name in names if name.endswith("_logic") or name in ("session", "workspace")}


STEPS = sorted(file.name.removesuffix("_step.py") for file in (MODULE / "MedVOSSegmentWidgets").glob("*_step.py"))


def test_the_panel_has_its_seven_steps():
    assert STEPS == ["cine", "export", "measure", "obstruction", "propagate", "review", "seed"]


@pytest.mark.parametrize("step", STEPS)
def test_each_step_of_the_panel_is_given_its_own_logic_and_no_other(step: str):
    assert session_modules_of(step) == {f"{step}_logic"}
