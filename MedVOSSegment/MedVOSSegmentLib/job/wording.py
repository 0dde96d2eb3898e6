"""What the user is told of a job that cannot start or ends badly, for each kind of work."""

from __future__ import annotations

from dataclasses import dataclass

from MedVOSSegmentLib.text import tr


@dataclass(frozen=True)
class Wording:
    """Sentences of one kind of work.

    Attributes
    ----------
    running: another job of this kind is running.
    no_room: its input cannot be written; ``{why}``.
    no_results: it has ended well, but its results are missing or damaged.
    defect: it failed by a defect of this program.
    stopped: its process was stopped from outside.
    no_memory: its process ran out of memory.
    missing_package: ``{package}`` is not installed.
    unexpected: its process ended in another way; ``{how}``.
    """

    running: str
    no_room: str
    no_results: str
    defect: str
    stopped: str
    no_memory: str
    missing_package: str
    unexpected: str


SEGMENTATION = Wording(
    running=tr("A segmentation is running already: wait for its end or cancel it first."),
    no_room=tr(
        "The cine cannot be handed to the segmentation process ({why}): make room in the folder for temporary files."
    ),
    no_results=tr("The segmentation process ended without whole results: start it again, or see its log."),
    defect=tr("The segmentation could not be carried out because of a defect in MedVOSSegment: see its log."),
    stopped=tr("The segmentation process was stopped from outside: start it again."),
    no_memory=tr("The segmentation ran out of memory: close other programs, or crop the cine to the heart."),
    missing_package=tr(
        "The segmentation needs the Python package {package}, which is missing: start it again and install it."
    ),
    unexpected=tr("The segmentation process ended unexpectedly ({how}): start it again, or see its log."),
)
EXPORT = Wording(
    running=tr("An export is being written already: wait for its end or cancel it first."),
    no_room=tr(
        "The result cannot be handed to the export process ({why}): make room in the folder for temporary files."
    ),
    no_results=tr("The export process ended without whole files: export again, or see the log in step 3."),
    defect=tr("The export could not be written because of a defect in MedVOSSegment: see the log in step 3."),
    stopped=tr("The export process was stopped from outside: export again."),
    no_memory=tr("The export ran out of memory: close other programs and export again."),
    missing_package=tr("The export needs the Python package {package}, which is missing: export again and install it."),
    unexpected=tr("The export process ended unexpectedly ({how}): export again, or see the log in step 3."),
)
