"""The panel's file and the code that uses it agree."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

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
