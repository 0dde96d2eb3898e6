"""Step 1: which beating heart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

from MedVOSSegmentWidgets.messages import say, tells


class CineStep:
    """Opens cines; `logic` brings them into the scene and `choose` makes one of them the current one."""

    def __init__(self, ui: Any, session: Any, logic: Any, choose: Callable[[Any], None]) -> None:
        self._ui, self._session, self._logic, self._choose = ui, session, logic, choose
        ui.openFolderButton.connect("clicked()", self.on_open_folder)
        ui.openFileButton.connect("clicked()", self.on_open_file)
        ui.sampleButton.connect("clicked()", self.on_sample)

    @tells
    def on_open_folder(self) -> None:
        self._open(qt.QFileDialog.getExistingDirectory(self._ui.openFolderButton, _("Folder of DICOM files")))

    @tells
    def on_open_file(self) -> None:
        kinds = _("Cines") + " (*.nii *.nii.gz *.nrrd *.avi *.mp4)"
        self._open(qt.QFileDialog.getOpenFileName(self._ui.openFileButton, _("Cine"), "", kinds))

    @tells
    def on_sample(self) -> None:
        self._choose(self._while_busy(self._logic.makeSyntheticPatient))

    def refresh(self) -> None:
        cine = self._session.cine
        say(self._ui.cineLabel, "" if cine is None else describe(cine))

    def _open(self, path: str) -> None:
        if path:
            self._choose(self._while_busy(lambda: self._logic.openPath(path)))

    def _while_busy(self, work: Callable[[], Any]) -> Any:
        """Events are processed meanwhile, so nothing else may be started."""
        self._ui.MedVOSSegment.enabled = False
        say(self._ui.cineLabel, _("One moment\N{HORIZONTAL ELLIPSIS}"))
        try:
            return work()
        finally:
            self._ui.MedVOSSegment.enabled = True
            self.refresh()


def describe(cine: Any) -> str:
    """Size, spacing and pace of a cine."""
    phases, slices, rows, columns = cine.shape
    z, y, x = cine.spacing
    if cine.is_echo:
        size = _(" of {x:.2f} \N{MULTIPLICATION SIGN} {y:.2f} mm").format(x=x, y=y) if cine.source.spacing_known else ""
        return _(
            "{frames} frames of {columns} \N{MULTIPLICATION SIGN} {rows} pixels{size}, {rate:.0f} a second."
        ).format(frames=phases, columns=columns, rows=rows, size=size, rate=1000 * phases / cine.period)
    return _(
        "{phases} phases of {slices} slices, {columns} \N{MULTIPLICATION SIGN} {rows} pixels of "
        "{x:.2f} \N{MULTIPLICATION SIGN} {y:.2f} mm every {z:.1f} mm; one beat takes {period:.0f} ms."
    ).format(phases=phases, slices=slices, rows=rows, columns=columns, x=x, y=y, z=z, period=cine.period)
