"""Step 4: review the slices with the highest uncertainty, correct them, and propagate the corrections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from MedVOSSegmentLib.session.open_cine import Place
from MedVOSSegmentLib.session.review_logic import ReviewLogic
from MedVOSSegmentWidgets.button_rows import fill
from MedVOSSegmentWidgets.messages import say, shows_errors
from MedVOSSegmentWidgets.review_map import ACCEPTED, CORRECTED, DRAWN, FRAMES_IN_ROW, IN_VIEW, ReviewMap
from MedVOSSegmentWidgets.surface_queue import SurfaceQueue

_LISTED = 20


class ReviewStep:
    """The map, the worst-first list, acceptance, and the cost of corrections.

    Attributes
    ----------
    surfaces: surfaces of the heart for 3D views, made phase by phase.
    """

    def __init__(self, ui: Any, logic: ReviewLogic, prepare: Callable[[], None]) -> None:
        self._ui, self._logic, self._prepare = ui, logic, prepare
        self._map = ReviewMap(ui.reviewMap)
        self.surfaces = SurfaceQueue()
        self._worst: list[tuple[int, int, float]] = []
        self._costed: tuple[Any, list[Place]] = (None, [])
        self._explained_for_clip: bool | None = None
        say(ui.correctionsLabel, "")
        ui.legendLabel.text = _(
            "{drawn} drawn   {corrected} corrected   {accepted} accepted and locked   {in_view} in view"
        ).format(drawn=DRAWN, corrected=CORRECTED, accepted=ACCEPTED, in_view=IN_VIEW)
        ui.surfaceButton.checkable = True
        fill(ui.correctBox, [ui.correctButton, ui.correctionsLabel])
        fill(ui.reviewButtons, [ui.previousButton, ui.nextButton, ui.acceptButton])
        ui.reviewMap.connect("cellClicked(int,int)", self.on_cell)
        ui.reviewMap.connect("currentCellChanged(int,int,int,int)", self.on_current_cell)
        ui.worstList.connect("itemClicked(QListWidgetItem*)", self.on_worst)
        ui.worstList.connect("itemActivated(QListWidgetItem*)", self.on_worst)
        ui.previousButton.connect("clicked()", self.on_previous)
        ui.acceptButton.connect("clicked()", self.on_accept)
        ui.nextButton.connect("clicked()", self.on_next)
        ui.correctButton.connect("clicked()", self.on_correct)
        ui.surfaceButton.connect("clicked()", self.on_surface)

    @shows_errors
    def on_cell(self, row: int, column: int) -> None:
        place = self._map.place_of(row, column)
        if place is not None and place != self._logic.place:
            self._logic.go_to(*place)

    def on_current_cell(self, row: int, column: int, _row: int, _column: int) -> None:
        """Follow the arrow keys."""
        self.on_cell(row, column)

    @shows_errors
    def on_worst(self, item: Any) -> None:
        self._logic.go_to(*self._worst[self._ui.worstList.row(item)][:2])

    @shows_errors
    def on_next(self) -> None:
        self._logic.go_to_worst(1)

    @shows_errors
    def on_previous(self) -> None:
        self._logic.go_to_worst(-1)

    @shows_errors
    def on_accept_key(self) -> None:
        if self._ui.acceptButton.enabled:
            self._ui.acceptButton.click()

    @shows_errors
    def on_accept(self) -> None:
        place = self._logic.place
        if place is not None:
            (self._logic.accept if self._ui.acceptButton.checked else self._logic.unaccept)(*place)

    @shows_errors
    def on_surface(self) -> None:
        if self._ui.surfaceButton.checked and self._logic.nodes is not None:
            self.surfaces.begin(self._logic.nodes)
        else:
            self.surfaces.end()

    @shows_errors
    def on_correct(self) -> None:
        self._prepare()
        self._logic.propagate_corrections()

    def refresh(self) -> None:
        """Show the map, the list and the cost."""
        ui, logic = self._ui, self._logic
        cells = logic.cells()
        ui.reviewMap.visible = cells is not None
        if cells is not None:
            self._map.show(cells, logic.named_phases(), is_clip=logic.is_clip)
        self._list(logic.uncertain_slices()[:_LISTED])
        is_idle = not logic.is_running
        corrections = logic.corrections()
        ui.nextButton.enabled = ui.previousButton.enabled = bool(self._worst)
        ui.uncertaintyCheckBox.enabled = logic.can_review
        ui.surfaceButton.visible = not logic.is_clip
        self._explain(logic.is_clip)
        ui.surfaceButton.enabled = logic.can_review and is_idle
        ui.surfaceButton.checked = self.surfaces.shows(logic.nodes)
        ui.correctButton.enabled = logic.can_propagate_corrections and is_idle
        if is_idle:
            self._show_cost(corrections)
        self.refresh_place()

    def follow_theme(self) -> None:
        """Show the map in the colours of the present theme."""
        self._map.follow_theme()

    def refresh_place(self) -> None:
        """Mark the slice in view in the map, and show whether it is accepted."""
        place = self._logic.place
        self._ui.acceptButton.enabled = self._logic.can_accept
        if place is not None and self._logic.nodes is not None:
            self._map.select(*place)
            self._ui.acceptButton.checked = self._logic.is_accepted(place)

    def _explain(self, is_clip: bool) -> None:
        if is_clip is self._explained_for_clip:
            return
        self._explained_for_clip = is_clip
        ui = self._ui
        ui.mapLabel.text = (
            _("Frames from left to right, {count} in a row.").format(count=FRAMES_IN_ROW)
            if is_clip
            else _("Slices (down) by phases (across).")
        ) + _(" The darker a cell, the more likely a bad outline. Click one, or use the arrow keys, to go there.")
        ui.nextButton.toolTip, ui.acceptButton.toolTip = (
            (
                _("Show the frame that next most needs a look (key N)."),
                _("Lock this frame; nothing will change it any more (key A)."),
            )
            if is_clip
            else (
                _("Show the slice and phase that next most needs a look (key N)."),
                _("Lock this slice at this phase; nothing will change it any more (key A)."),
            )
        )
        ui.previousButton.toolTip = _("Go back to the one that was shown before (Shift+N).")
        ui.correctButton.toolTip = (
            _("Segment all frames again, following those that you drew, corrected or accepted.")
            if is_clip
            else _("Redo only what depends on the slices that you corrected.")
        )

    def _list(self, worst: list[tuple[int, int, float]]) -> None:
        if worst == self._worst:
            return
        self._worst = worst
        self._ui.worstList.clear()
        text = _("Slice {slice}, phase {phase}: {percent} %")
        if self._logic.is_clip:
            text = _("Frame {phase}: {percent} %")
        for phase, z, score in worst:
            self._ui.worstList.addItem(text.format(slice=z + 1, phase=phase + 1, percent=round(100 * score)))

    def _show_cost(self, corrections: list[Place]) -> None:
        """Show the cost; it takes a moment, so it is computed only where the state or the corrections changed."""
        state = self._logic.state
        if (state, corrections) == self._costed:
            return
        self._costed = state, corrections
        if not corrections:
            say(self._ui.correctionsLabel, "")
            return
        cost = self._logic.cost_of_corrections()
        seconds, percent = max(1, round(cost.seconds)), round(100 * cost.fraction)
        text = _("{count} corrected, about {seconds} s") if cost.seconds else _("{count} corrected")
        say(self._ui.correctionsLabel, text.format(count=len(corrections), seconds=seconds))
        if self._logic.is_clip:
            self._ui.correctionsLabel.toolTip = _(
                "Corrected. All frames are segmented again, by the network that follows drawn frames, so that the "
                "numbers can change. What you drew, corrected or accepted stays."
            )
            return
        if cost.fraction >= 1:
            self._ui.correctionsLabel.toolTip = _(
                "Corrected. To propagate the corrections takes about as long as the first run. What you drew, "
                "corrected or accepted stays."
            )
            return
        self._ui.correctionsLabel.toolTip = _(
            "Corrected, and about the time to propagate them: {percent} % of the first run. "
            "What you drew, corrected or accepted stays."
        ).format(percent=percent)
