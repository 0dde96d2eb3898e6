"""Step 3: segment the whole heart, in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from slicer.i18n import tr as _

from medvos.errors import InputError
from MedVOSSegmentLib.device import Device, sentence
from MedVOSSegmentWidgets.messages import say, tells

_TELLING = 0.1
NETWORKS = ("cstm", "tcmn", "echo", "vivim", "mvo")


class PropagateStep:
    """Starts, shows and cancels the segmentation. `prepare` installs what is missing, after asking.

    Attributes
    ----------
    wanted: the device that the user chose, by the engine's name.
    device: what the second process found out about this computer; None while it has not.
    """

    def __init__(self, ui: Any, session: Any, prepare: Callable[[], None]) -> None:
        self._ui, self._session, self._prepare = ui, session, prepare
        self.wanted = "auto"
        self.device: Device | None = None
        self._models: tuple[str, ...] = ()
        ui.logText.visible = ui.progressBar.visible = False
        ui.propagateButton.connect("clicked()", self.on_propagate)
        ui.undrawnButton.connect("clicked()", self.on_undrawn)
        ui.cancelButton.connect("clicked()", self.on_cancel)
        ui.logButton.connect("toggled(bool)", self.on_log_toggled)

    @tells
    def on_propagate(self) -> None:
        faults = self._session.seed_faults()
        blocking = [str(fault) for fault in faults if fault.blocking]
        if blocking:
            raise InputError("\n\n".join(blocking))
        question = "\n\n".join([*map(str, faults), _("Go on with the drawing as it is?")])
        if faults and not slicer.util.confirmYesNoDisplay(question, windowTitle="MedVOSSegment"):
            return
        self._prepare()
        self._ui.logText.setPlainText("")
        self._session.propagate(device=self.wanted)

    @tells
    def on_undrawn(self) -> None:
        self._prepare()
        self._ui.logText.setPlainText("")
        self._session.segment_undrawn(self.wanted)

    @tells
    def on_cancel(self) -> None:
        self._session.cancel()

    def on_log_toggled(self, shown: bool) -> None:
        self._ui.logText.visible = shown

    def log(self, line: str) -> None:
        """A line that the process wrote."""
        self._ui.logText.appendPlainText(line)

    def refresh(self) -> None:
        ui, session, progress = self._ui, self._session, self._session.progress
        is_running = progress is not None
        frames = session.cine.shape[0] * session.cine.shape[1] if session.cine is not None else 0
        ui.propagateButton.enabled = (session.heart is not None or session.is_clip) and not is_running
        ui.undrawnButton.visible, ui.undrawnButton.enabled = session.offers_undrawn, not is_running
        models = (session.model, *session.models)
        if models != self._models:
            self._models = models
            ui.termsLabel.text = "\n".join(terms(name) for name in models)
        ui.cancelButton.enabled = is_running
        ui.progressBar.visible = is_running
        ui.deviceComboBox.enabled = not is_running
        ui.deviceLabel.text = sentence(self.device, self.wanted, frames)
        if is_running:
            # A maximum of zero makes Qt show that something happens, without saying how much.
            ui.progressBar.maximum = progress.total
            ui.progressBar.value = progress.done
        say(ui.progressLabel, remaining(progress) if is_running else "")


def remaining(progress: Any) -> str:
    """What is being done and how long it still takes."""
    message = progress.message[:1].upper() + progress.message[1:]
    # The first frames wait for PyTorch to start and would promise too long.
    if progress.eta_s is None or progress.done < _TELLING * progress.total:
        return message
    return _("{message}, about {seconds} s left").format(message=message, seconds=max(1, round(progress.eta_s)))


def terms(name: str) -> str:
    """What the weights may be used for, or that they are not there."""
    from medvos.models.store import resolve

    try:
        model = resolve(name, *NETWORKS)
    except InputError as error:
        return str(error)
    return _("Weights {name}: {terms}").format(name=model.name, terms=model.terms)
