"""Step 3: segment the whole heart, in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from slicer.i18n import tr as _

from medvos.errors import InputError
from MedVOSSegmentLib.device_probe import FoundDevice, describe_device
from MedVOSSegmentLib.job.events import Advanced
from MedVOSSegmentLib.session.propagate_logic import PropagateLogic
from MedVOSSegmentWidgets.messages import say, shows_errors

# Fraction of the frames before which the remaining time is not shown: the first ones wait for PyTorch to start.
_ESTIMATE_FROM = 0.1
NETWORKS = ("cstm", "tcmn", "echo", "vivim", "mvo")


class PropagateStep:
    """Starts, shows and cancels the segmentation.

    Parameters
    ----------
    prepare: installs missing packages with the user's consent.
    models: returns the networks that are offered, whose terms are shown.

    Attributes
    ----------
    wanted: the device that the user chose, by the engine's name.
    device: the device that the second process has found; None before its answer.
    """

    def __init__(
        self, ui: Any, logic: PropagateLogic, prepare: Callable[[], None], models: Callable[[], tuple[str, ...]]
    ) -> None:
        self._ui, self._logic, self._prepare, self._models = ui, logic, prepare, models
        self.wanted = "auto"
        self.device: FoundDevice | None = None
        self._shown_models: tuple[str, ...] = ()
        ui.logText.visible = ui.progressBar.visible = False
        ui.propagateButton.connect("clicked()", self.on_propagate)
        ui.undrawnButton.connect("clicked()", self.on_undrawn)
        ui.cancelButton.connect("clicked()", self.on_cancel)
        ui.logButton.connect("toggled(bool)", self.on_log_toggled)

    @shows_errors
    def on_propagate(self) -> None:
        faults = self._logic.seed.faults()
        blocking = [str(fault) for fault in faults if fault.blocking]
        if blocking:
            raise InputError("\n\n".join(blocking))
        question = "\n\n".join([*map(str, faults), _("Go on with the drawing as it is?")])
        if faults and not slicer.util.confirmYesNoDisplay(question, windowTitle="MedVOSSegment"):
            return
        self._prepare()
        self._ui.logText.setPlainText("")
        self._logic.propagate(device=self.wanted)

    @shows_errors
    def on_undrawn(self) -> None:
        self._prepare()
        self._ui.logText.setPlainText("")
        self._logic.segment_undrawn(self.wanted)

    @shows_errors
    def on_cancel(self) -> None:
        self._logic.cancel()

    def on_log_toggled(self, shown: bool) -> None:
        self._ui.logText.visible = shown

    def log(self, line: str) -> None:
        """Append one line of the process's log."""
        self._ui.logText.appendPlainText(line)

    def refresh(self) -> None:
        """Enable the buttons, and show the progress, the device and the terms of the weights."""
        ui, logic, progress = self._ui, self._logic, self._logic.progress
        is_running = progress is not None
        ui.propagateButton.enabled = logic.can_propagate
        ui.undrawnButton.visible, ui.undrawnButton.enabled = logic.offers_undrawn, not is_running
        models = self._models()
        if models != self._shown_models:
            self._shown_models = models
            ui.termsLabel.text = "\n".join(terms(name) for name in models)
        ui.cancelButton.enabled = is_running
        ui.progressBar.visible = is_running
        ui.deviceComboBox.enabled = not is_running
        ui.deviceLabel.text = describe_device(self.device, self.wanted, logic.frames)
        if progress is not None:
            # A maximum of zero makes Qt show activity without a fraction.
            ui.progressBar.maximum = progress.total
            ui.progressBar.value = progress.done
        say(ui.progressLabel, "" if progress is None else remaining(progress))


def remaining(progress: Advanced) -> str:
    """Return the current activity and the remaining time."""
    message = progress.message[:1].upper() + progress.message[1:]
    if progress.eta_s is None or progress.done < _ESTIMATE_FROM * progress.total:
        return message
    return _("{message}, about {seconds} s left").format(message=message, seconds=max(1, round(progress.eta_s)))


def terms(name: str) -> str:
    """Return the terms of use of the weights ``name``, or why they are missing."""
    from medvos.models.store import resolve

    try:
        model = resolve(name, *NETWORKS)
    except InputError as error:
        return str(error)
    return _("Weights {name}: {terms}").format(name=model.name, terms=model.terms)
