"""Within step 5, the facts of the person and the choice of ED and ES, in a group that the user opens."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from slicer.i18n import tr as _

from medvos.errors import InputError
from medvos.measure.subject import Sex, Subject
from MedVOSSegmentLib.session.subject_logic import SubjectLogic
from MedVOSSegmentWidgets.messages import shows_errors

_SEXES: tuple[Sex | None, ...] = (None, "F", "M")


class PatientFacts:
    """Shows what the files state, and hands on what the user gives instead."""

    def __init__(self, ui: Any, logic: SubjectLogic) -> None:
        self._ui, self._logic = ui, logic
        self._edits = {
            "age_years": ui.ageEdit,
            "height_cm": ui.heightEdit,
            "weight_kg": ui.weightEdit,
            "heart_rate": ui.heartRateEdit,
        }
        self._shown: Subject | None = None
        self._texts: dict[str, str] = {}
        self._count = -1
        for text in (_("not stated"), _("female"), _("male")):
            ui.sexBox.addItem(text)
        ui.sexBox.connect("activated(int)", self.on_sex)
        for edit in self._edits.values():
            edit.connect("editingFinished()", self.on_edited)
        ui.shuntCheckBox.connect("toggled(bool)", self.on_shunt)
        for box in (ui.edBox, ui.esBox):
            box.connect("activated(int)", self.on_phases)

    @shows_errors
    def on_sex(self, index: int) -> None:
        self._logic.give(replace(self._logic.subject, sex=_SEXES[index]))

    @shows_errors
    def on_shunt(self, known: bool) -> None:
        if known != self._logic.subject.known_shunt:  # not where `_show` has set it
            self._logic.give(replace(self._logic.subject, known_shunt=known))

    @shows_errors
    def on_edited(self) -> None:
        changed = {name: edit.text for name, edit in self._edits.items() if edit.text != self._texts.get(name)}
        if not changed:
            return
        try:
            numbers: dict[str, Any] = {name: _number(name, text) for name, text in changed.items()}
            if numbers.get("heart_rate", 0) is None:  # unlike the person, the cine has one of its own
                numbers["heart_rate"] = self._logic.heart_rate
            self._logic.give(replace(self._logic.subject, **numbers))
            self._show(self._logic.subject)
        except InputError:
            # Before the message: the field loses the focus to it, and would be read again.
            self._show(self._logic.subject)
            raise

    @shows_errors
    def on_phases(self, _index: int) -> None:
        try:
            self._logic.choose(*(box.currentIndex - 1 if box.currentIndex > 0 else None for box in self._boxes))
        except InputError:
            self._show_phases()
            raise

    def refresh(self) -> None:
        """Show the facts and the phases of the open cine."""
        ui, logic = self._ui, self._logic
        ui.factsGroup.enabled = logic.can_give
        if logic.subject != self._shown:
            self._show(logic.subject)
        if logic.count != self._count:
            self._count = logic.count
            for box in self._boxes:
                box.clear()
                box.addItem(_("from the volumes"))
                for phase in range(self._count):
                    box.addItem(str(phase + 1))  # as the report counts
        self._show_phases()

    @property
    def _boxes(self) -> tuple[Any, Any]:
        return self._ui.edBox, self._ui.esBox

    def _show(self, subject: Subject) -> None:
        self._shown = subject
        self._ui.sexBox.currentIndex = _SEXES.index(subject.sex)
        self._ui.shuntCheckBox.checked = subject.known_shunt
        for name, edit in self._edits.items():
            value = getattr(subject, name)
            self._texts[name] = edit.text = "" if value is None else f"{round(value, 1):g}"
        area = subject.body_surface_area
        text = (
            ""
            if area is None
            else _("Body surface area {area:.2f} m\N{SUPERSCRIPT TWO} (Mosteller).").format(area=area)
        )
        kept = _("Kept until the scene is closed, and never saved with it.")
        self._ui.factsLabel.text = f"{text} {kept}".strip()

    def _show_phases(self) -> None:
        for box, phase in zip(self._boxes, self._logic.chosen, strict=True):
            box.enabled = self._logic.can_choose
            box.currentIndex = 0 if phase is None else phase + 1


def _number(name: str, text: str) -> float | int | None:
    """Return the number in a field, None for an empty one; raises InputError where it is none."""
    text = text.strip().replace(",", ".")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(_("'{text}' is no number: correct it, or leave the field empty.").format(text=text))
    return round(value) if name == "age_years" else value
