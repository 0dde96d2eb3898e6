"""Step 6: take the results elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

from MedVOSSegmentLib.session.exports import NO_DICOM
from MedVOSSegmentWidgets.messages import tells

_COLUMNS = 2


class ExportStep:
    """One button for each export that the session offers."""

    def __init__(self, ui: Any, session: Any, prepare: Callable[[], None]) -> None:
        self._ui, self._session, self._prepare = ui, session, prepare
        self._buttons: list[tuple[Any, Any]] = []
        self._has_result: bool | None = None
        for number, export in enumerate(session.exports()):
            button = qt.QPushButton(export.label)
            button.connect("clicked()", lambda name=export.name: self.on_export(name))
            ui.exportButtons.layout().addWidget(button, number // _COLUMNS, number % _COLUMNS)
            self._buttons.append((export, button))

    @tells
    def on_export(self, name: str) -> None:
        folder = qt.QFileDialog.getExistingDirectory(self._ui.exportButtons, _("Folder for the results"))
        if folder:
            self._prepare()
            files = self._session.export(name, folder)
            names = ", ".join(file.name for file in files)
            self._ui.exportLabel.text = _("Written to {folder}: {names}.").format(folder=folder, names=names)

    def refresh(self) -> None:
        has_result = self._session.scores is not None
        for export, button in self._buttons:
            tied = not export.is_dicom or self._session.dicom is not None
            button.enabled = has_result and self._session.progress is None and tied
            button.toolTip = "" if tied else NO_DICOM
        if has_result is not self._has_result:
            self._has_result = has_result
            self._ui.exportLabel.text = "" if has_result else _("There is nothing to export yet.")
