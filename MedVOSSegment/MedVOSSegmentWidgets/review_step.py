"""Step 4: look where the model is unsure, correct, and have the corrections followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from slicer.i18n import tr as _

from MedVOSSegmentWidgets.messages import say, tells
from MedVOSSegmentWidgets.review_map import ACCEPTED, CORRECTED, DRAWN, IN_VIEW, ReviewMap
from MedVOSSegmentWidgets.surfaces import Surfaces

_LISTED = 20


class ReviewStep:
    """The map, the worst-first list, acceptance, and what a correction will cost.

    Attributes
    ----------
    surfaces: of the heart in 3D, made phase by phase.
    """

    def __init__(self, ui: Any, session: Any, prepare: Callable[[], None]) -> None:
        self._ui, self._session, self._prepare = ui, session, prepare
        self._map = ReviewMap(ui.reviewMap)
        self.surfaces = Surfaces()
        self._worst: list[tuple[int, int, float]] = []
        self._named: dict[str, int | None] = {}
        self._costed: tuple[Any, list[tuple[int, int]]] = (None, [])
        say(ui.correctionsLabel, "")
        ui.legendLabel.text = _(
            "{drawn} drawn   {corrected} corrected   {accepted} accepted and locked   {in_view} in view"
        ).format(drawn=DRAWN, corrected=CORRECTED, accepted=ACCEPTED, in_view=IN_VIEW)
        ui.reviewMap.connect("cellClicked(int,int)", self.on_cell)
        ui.worstList.connect("itemClicked(QListWidgetItem*)", self.on_worst)
        ui.acceptButton.connect("clicked()", self.on_accept)
        ui.nextButton.connect("clicked()", self.on_next)
        ui.correctButton.connect("clicked()", self.on_correct)
        ui.surfaceButton.connect("clicked()", self.on_surface)

    @tells
    def on_cell(self, row: int, column: int) -> None:
        self._session.go_to(column, row)

    @tells
    def on_worst(self, item: Any) -> None:
        self._session.go_to(*self._worst[self._ui.worstList.row(item)][:2])

    @tells
    def on_next(self) -> None:
        self._session.go_to(*self._worst[0][:2])

    @tells
    def on_accept(self) -> None:
        if self._ui.acceptButton.checked:
            self._session.accept(*self._session.place)
        else:
            self._session.unaccept(*self._session.place)

    @tells
    def on_surface(self) -> None:
        self.surfaces.begin(self._session.heart)

    @tells
    def on_correct(self) -> None:
        self._prepare()
        self._session.propagate_corrections()

    def refresh(self) -> None:
        ui, session = self._ui, self._session
        ui.reviewMap.visible = session.heart is not None
        if session.heart is not None:
            scores = np.full(session.cine.shape[:2], np.nan) if session.scores is None else session.scores
            drawn = session.state.drawn if session.scores is not None else session.corrected
            corrected = session.corrected if session.scores is not None else np.zeros_like(drawn)
            if not session.busy:  # they take a moment, which the session takes in parts
                self._named = session.phases()
            self._map.show(scores, drawn, corrected, session.state.accepted, self._named)
        self._list(session.uncertain_slices()[:_LISTED])
        is_idle = session.progress is None
        corrections = session.corrections()
        ui.nextButton.enabled = bool(self._worst)
        ui.uncertaintyCheckBox.enabled = session.scores is not None
        ui.surfaceButton.enabled = session.scores is not None and is_idle
        ui.correctButton.enabled = bool(corrections) and is_idle
        if is_idle:
            self._show_cost(corrections)
        self.refresh_place()

    def refresh_place(self) -> None:
        session, place = self._session, self._session.place
        self._ui.acceptButton.enabled = session.scores is not None and session.progress is None and place is not None
        if place is not None and session.heart is not None:
            self._map.select(*place)
            self._ui.acceptButton.checked = bool(session.state.accepted[place])

    def _list(self, worst: list[tuple[int, int, float]]) -> None:
        if worst == self._worst:
            return
        self._worst = worst
        self._ui.worstList.clear()
        text = _("Slice {slice}, phase {phase}: {percent} % chance of a bad outline")
        if self._session.is_clip:
            text = _("Frame {phase}: {percent} % chance of a bad outline")
        for phase, z, score in worst:
            self._ui.worstList.addItem(text.format(slice=z, phase=phase, percent=round(100 * score)))

    def _show_cost(self, corrections: list[tuple[int, int]]) -> None:
        """It is worked out again only where other slices are corrected: that takes a moment."""
        state = self._session.state
        if (state, corrections) == self._costed:
            return
        self._costed = state, corrections
        if not corrections:
            say(self._ui.correctionsLabel, "")
            return
        cost = self._session.cost_of_corrections()
        text = _(
            "{count} corrected: following that takes about {seconds} s, {share} % of the first run. "
            "What you drew, corrected or accepted stays."
        )
        seconds, fraction = max(1, round(cost.seconds)), round(100 * cost.fraction)
        say(self._ui.correctionsLabel, text.format(count=len(corrections), fraction=fraction, seconds=seconds))
