"""Step 3: segment the whole heart, in the background."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import slicer
from slicer.i18n import tr as _

from medvos.errors import InputError
from MedVOSSegmentLib.device_probe import FoundDevice, describe_device
from MedVOSSegmentLib.install import missing, requirements
from MedVOSSegmentLib.session.model_choice import UNDRAWN_STACK
from MedVOSSegmentLib.session.propagate_logic import PropagateLogic
from MedVOSSegmentWidgets.messages import say, shows_errors
from MedVOSSegmentWidgets.run_times import RunTimes

NETWORKS = ("cstm", "tcmn", "echo", "vivim", "mvo")


class PropagateStep:
    """Starts the segmentation, and shows the device, the expected time and the terms.

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
        self._times = RunTimes()
        # When a run was started, and the result before it.
        self._started: tuple[float, Any] | None = None
        # What `prepare` will look for is looked for here, where nobody waits for a click: it takes a tenth of a second.
        missing(requirements())
        ui.logText.visible = ui.termsLabel.visible = False
        ui.propagateButton.connect("clicked()", self.on_propagate)
        ui.undrawnButton.connect("clicked()", self.on_undrawn)
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
        self._begin()
        self._logic.propagate(device=self.wanted)

    @shows_errors
    def on_undrawn(self) -> None:
        self._begin()
        self._logic.segment_undrawn(self.wanted)

    def on_log_toggled(self, shown: bool) -> None:
        self._ui.logText.visible = self._ui.termsLabel.visible = shown

    def log(self, line: str) -> None:
        """Append one line of the process's log."""
        self._ui.logText.appendPlainText(line)

    def poll(self) -> None:
        """Take the time of a run at its end, also while the user is in another module."""
        if self._logic.progress is None:
            self._time()

    def refresh(self) -> None:
        """Enable the buttons, and show the device and the terms of the weights."""
        ui, logic = self._ui, self._logic
        is_running = logic.progress is not None
        ui.propagateButton.enabled = logic.can_propagate
        ui.undrawnButton.visible, ui.undrawnButton.enabled = logic.offers_undrawn, not is_running
        ui.propagateButton.text = _("Segment the clip") if logic.is_clip else _("Segment the whole heart")
        ui.propagateButton.toolTip = (
            _("Segment the LV in every frame, from the drawn frames if there are any.")
            if logic.is_clip
            else _("Propagate the drawn slices through every slice and phase.")
        )
        models = self._models()
        if models != self._shown_models:
            self._shown_models = models
            ui.termsLabel.text = "\n".join(terms(name) for name in models)
        ui.deviceComboBox.enabled = not is_running
        # The progress shows the time from now on.
        expected = None if is_running else self._times.expected(logic.model, self._kind, logic.frames)
        say(ui.deviceLabel, describe_device(self.device, self.wanted, expected))
        ui.undrawnButton.toolTip = self._undrawn_tip()

    def _undrawn_tip(self) -> str:
        tip = _("Segment every slice and phase automatically, for you to correct.")
        expected = self._times.expected(UNDRAWN_STACK, self._kind, self._logic.frames)
        if expected is None:
            return tip
        seconds = max(1, round(expected))
        return tip + " " + _("About {seconds} s, as fast as the last run on this computer.").format(seconds=seconds)

    @property
    def _kind(self) -> str:
        found = "cpu" if self.device is None or self.device.kind is None else self.device.kind
        return found if self.wanted == "auto" else self.wanted

    def _begin(self) -> None:
        self._prepare()
        self._ui.logText.setPlainText("")
        self._started = time.monotonic(), self._logic.findings

    def _time(self) -> None:
        """Remember how long a run took that has ended with a result."""
        if self._started is None:
            return
        (started, before), self._started = self._started, None
        found = self._logic.findings
        if found is not None and found is not before:
            self._times.remember(found.model, self._kind, self._logic.frames, time.monotonic() - started)


def terms(name: str) -> str:
    """Return the terms of use of the weights ``name``, or why they are missing."""
    from medvos.models.store import resolve

    try:
        model = resolve(name, *NETWORKS)
    except InputError as error:
        return str(error)
    return _("Weights {name}: {terms}").format(name=model.name, terms=model.terms)
