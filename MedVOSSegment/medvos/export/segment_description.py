"""Description of a segment in a DICOM Segmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medvos.export.codes import category_code, structure_code
from medvos.export.origin import PROGRAM, algorithm_name, notice_for, weights_of
from medvos.export.titles import ascii_title_of
from medvos.export.uids import stable_uid
from medvos.result import Result
from medvos.structures import EVERY_STRUCTURE, MVO, name_of
from medvos.version import __version__

if TYPE_CHECKING:
    from highdicom.seg import SegmentDescription


def segment(result: Result, study: str, label: int, number: int) -> SegmentDescription:
    """Describe segment ``number`` with ``label``; its tracking ID is the same throughout the ``study``."""
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.color import CIELabColor
    from highdicom.seg import SegmentDescription
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    algorithm = AlgorithmIdentificationSequence(
        name=algorithm_name(result),
        family=codes.cid7162.ArtificialIntelligence,
        version=__version__,
        source=PROGRAM,
        parameters={"weights_sha256": weights_of(result)},
    )
    colours = {structure.label: structure.colour for structure in EVERY_STRUCTURE}
    description = SegmentDescription(
        segment_number=number,
        segment_label=ascii_title_of(result, label),
        segmented_property_category=Code(*category_code(label)),
        segmented_property_type=Code(*structure_code(label)),
        algorithm_type="SEMIAUTOMATIC" if result.seeds.any() else "AUTOMATIC",
        algorithm_identification=algorithm,
        tracking_uid=stable_uid("structure", study, label),
        tracking_id=name_of(label),
        display_color=CIELabColor.from_rgb(*colours[label]) if label in colours else None,
    )
    if label == MVO and notice_for(result):
        description.SegmentDescription = notice_for(result)
    return description
