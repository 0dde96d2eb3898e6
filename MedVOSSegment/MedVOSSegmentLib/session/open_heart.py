"""A heart that is open: its segments with their edits, and its results."""

from __future__ import annotations

from medvos.cine.cine import Cine
from medvos.measure.subject import Subject
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.outlines import Outlines
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.results import Results
from MedVOSSegmentLib.session.state import Findings, State


class OpenHeart:
    """One heart from its opening to its closing; it always has a cine, edits and results.

    Attributes
    ----------
    edit: the labels, their owners and their history.
    outlines: the outlines in the slice views.
    results: measures, curves, exports and costs.
    has_stale_measures: the labels have changed since the measures were shown; `Session.poll` computes them again.
    """

    def __init__(self, nodes: HeartNodes, cine: Cine, subject: Subject | None = None) -> None:
        self.edit = HeartEdit(nodes, cine)
        self.outlines = Outlines(nodes)
        self.results = Results(self.edit)
        if subject is not None:
            self.results.subject = subject
        # Those of a saved result take longer than a window may wait.
        self.has_stale_measures = self.findings is not None
        if not self.has_stale_measures:
            self.results.show()

    @property
    def cine(self) -> Cine:
        """The cine that is segmented."""
        return self.edit.cine

    @property
    def nodes(self) -> HeartNodes:
        """The nodes in the scene."""
        return self.edit.nodes

    @property
    def state(self) -> State:
        """The user's slices, accepted slices, step and findings."""
        return self.edit.state

    @property
    def findings(self) -> Findings | None:
        """The last result; None where there is none."""
        return self.edit.state.findings

    @property
    def is_drawn(self) -> bool:
        """Whether the user has drawn anything."""
        return bool((self.edit.own & self.edit.cache.filled).any())
