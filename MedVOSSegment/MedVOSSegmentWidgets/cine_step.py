"""Step 1: open a cine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

from medvos.cine.cine import Cine
from MedVOSSegmentLib.session.cine_logic import CineLogic
from MedVOSSegmentWidgets.messages import say, shows_errors


class CineStep:
    """Opens cines from files, and describes the open one.

    Parameters
    ----------
    module: the logic of the module, which reads files into the scene.
    choose: makes a browser the current one of the panel.
    """

    def __init__(self, ui: Any, logic: CineLogic, module: Any, choose: Callable[[Any], None]) -> None:
        self._ui, self._logic, self._module, self._choose = ui, logic, module, choose
        ui.openFolderButton.connect("clicked()", self.on_open_folder)
        ui.openFileButton.connect("clicked()", self.on_open_file)
        ui.sampleButton.connect("clicked()", self.on_sample)

    @shows_errors
    def on_open_folder(self) -> None:
        self._open(qt.QFileDialog.getExistingDirectory(self._ui.openFolderButton, _("Folder of DICOM files")))

    @shows_errors
    def on_open_file(self) -> None:
        kinds = _("Cines") + " (*.nii *.nii.gz *.nrrd *.avi *.mp4)"
        self._open(qt.QFileDialog.getOpenFileName(self._ui.openFileButton, _("Cine"), "", kinds))

    @shows_errors
    def on_sample(self) -> None:
        self._choose(self._while_busy(self._module.makeSyntheticPatient))

    def refresh(self) -> None:
        """Describe the open cine."""
        cine = self._logic.cine
        say(self._ui.cineLabel, "" if cine is None else describe(cine))

    def _open(self, path: str) -> None:
        if path:
            self._choose(self._while_busy(lambda: self._module.openPath(path)))

    def _while_busy(self, make: Callable[[], Any]) -> Any:
        """Return the browser that ``make`` gives; the panel is disabled meanwhile, since events are processed."""
        self._ui.MedVOSSegment.enabled = False
        say(self._ui.cineLabel, _("One moment\N{HORIZONTAL ELLIPSIS}"))
        try:
            return make()
        finally:
            self._ui.MedVOSSegment.enabled = True
            self.refresh()


def describe(cine: Cine) -> str:
    """Return size, spacing and frame rate or period of a cine as a sentence."""
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
