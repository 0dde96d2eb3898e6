"""The stand-ins are as strict as PythonQt, so that code which would fail in Slicer fails here."""

from __future__ import annotations

import functools

import pytest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from widget.standins.ctk_widgets import ctkCollapsibleButton
from widget.standins.pythonqt import failures, qt_module


@pytest.fixture
def qt(qt_application):
    return qt_module()


def test_a_property_is_an_attribute_and_not_a_method(qt):
    label = qt.QLabel("heart")
    assert label.text == "heart"
    label.text = "beats"
    assert label.text == "beats"
    with pytest.raises(TypeError):
        label.text()


def test_an_unknown_attribute_is_refused(qt):
    with pytest.raises(AttributeError):
        qt.QLabel().txet = "heart"
    with pytest.raises(AttributeError):
        _ = qt.QLabel().txet


def test_a_float_is_cut_off_for_an_int_property(qt):
    box = qt.QSpinBox()
    box.value = 7.6
    assert box.value == 7


def test_a_number_is_no_text(qt):
    with pytest.raises(ValueError):
        qt.QLabel().text = 5


def test_a_property_that_can_only_be_read_cannot_be_written(qt):
    with pytest.raises(AttributeError):
        qt.QComboBox().count = 3


def test_enums_are_ints(qt):
    assert qt.Qt.AlignCenter == 0x84 and isinstance(qt.Qt.AlignCenter, int)


def test_a_signal_that_does_not_exist_cannot_be_connected(qt):
    with pytest.raises(ValueError):
        qt.QPushButton().connect("pressedTwice()", lambda: None)


def test_a_slot_gets_as_many_arguments_as_its_signature_and_itself_allow(qt):
    button, got = qt.QPushButton(), []
    button.connect("clicked()", lambda name="mine": got.append(name))
    button.connect("clicked(bool)", lambda: got.append("none"))
    button.connect("clicked(bool)", lambda checked: got.append(checked))
    button.click()
    assert got == ["mine", "none", False]


def test_what_a_slot_raises_is_found(qt):
    button = qt.QPushButton()

    def fail() -> None:
        raise RuntimeError("slot")

    button.connect("clicked()", fail)
    button.click()
    assert [str(error) for error in failures] == ["slot"]
    failures.clear()


def test_a_collapsed_button_hides_its_children_and_remembers_which_were_hidden(qt_application):
    button, (shown, hidden) = ctkCollapsibleButton(), (QLabel("shown"), QLabel("hidden"))
    layout = QVBoxLayout(button)
    for label in (shown, hidden):
        layout.addWidget(label)
    hidden.setVisible(False)
    button.show()
    button.setCollapsed(True)
    assert not shown.isVisible() and button.maximumHeight() == button.buttonSizeHint().height() + 10
    hidden.setVisible(True)
    assert not hidden.isVisible()
    # Qt tells nobody that a hidden widget was hidden once more.
    shown.setVisible(False)
    button.setCollapsed(False)
    assert hidden.isVisible() and shown.isVisible()


def test_the_width_that_the_contents_would_like_is_the_least_width_of_a_collapsible_button(qt_application):
    button = ctkCollapsibleButton()
    label = QLabel("A sentence that is much too long for the panel of a small window. " * 3)
    label.setWordWrap(True)
    QVBoxLayout(button).addWidget(label)
    panel = QWidget()
    QVBoxLayout(panel).addWidget(button)
    assert panel.minimumSizeHint().width() > button.minimumSizeHint().width() + 100


def test_a_decorated_slot_gets_all_arguments_of_the_signal(qt):
    table, got = qt.QTableWidget(2, 2), []

    @functools.wraps(lambda row, column: None)
    def decorated(*values: int) -> None:
        got.append(values)

    table.connect("currentCellChanged(int,int,int,int)", decorated)
    table.setCurrentCell(1, 1)
    assert got == [(1, 1, -1, -1)]
