"""DICOM structured report of the measures (PS3.16, TID 1500 Measurement Report)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medvos.errors import InputError
from medvos.export.codes import ANATOMICAL_STRUCTURE, COMMENT, END_DIASTOLE, END_SYSTOLE, IMAGING, structure_code
from medvos.export.dicom_file import write_dicom
from medvos.export.images import SourceImages
from medvos.export.measurement import measurement
from medvos.export.origin import (
    MANUFACTURER,
    PROGRAM,
    algorithm_name,
    dated,
    equipment,
    identity_of,
    notice_for,
    weights_of,
)
from medvos.export.study import for_library, with_character_set
from medvos.export.uids import stable_uid
from medvos.measure.catalogue import row_of
from medvos.measure.dicom_code import Code
from medvos.measure.intervals import LEVEL
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.measure.subject import Subject
from medvos.measure.verdict import verdict_sentences
from medvos.result import Result
from medvos.version import __version__

if TYPE_CHECKING:
    from highdicom.sr import ComprehensiveSR, MeasurementsAndQualitativeEvaluations, ObservationContext
    from pydicom.dataset import Dataset

SERIES_NUMBER = 9101


def write_report(
    result: Result,
    images: SourceImages,
    folder: Path,
    *,
    subject: Subject | None = None,
    ed: int | None = None,
    es: int | None = None,
) -> None:
    """Write ``measurements.dcm``. A measure that is not known is left out.

    Parameters
    ----------
    subject, ed, es: as in `medvos.measure`.

    Raises
    ------
    InputError: no measure is known, or there is no such phase.
    OSError: the disk fails or is full.
    """
    measures = measure(result, subject=subject, ed=ed, es=es, wall=False)
    if all(each.value is None for each in measures.values()):
        reason = next(iter(measures.values())).reason
        raise InputError(f"There is no measure to report ({reason}): export the segmentation instead.")
    write_dicom(folder / "measurements.dcm", report_of(result, measures, images))


def report_of(result: Result, measures: Measures, images: SourceImages) -> ComprehensiveSR:
    """Return the report: one group of measurements for each structure, the program as the observer.

    Doubts, grade, reference ranges and withheld verdicts are comments, worded as everywhere.
    """
    from highdicom.sr import ComprehensiveSR, MeasurementReport, TextContentItem
    from pydicom.sr import coding

    at = {point: images.at[phase] if phase is not None else () for point, phase in _points(measures).items()}
    shown = {point: [image for image in row if image is not None] for point, row in at.items()}
    sites: dict[Code, list[str]] = {}
    notice = notice_for(result)
    for name, each in measures.items():
        if each.value is not None:
            sites.setdefault(structure_code(row_of(name).structure), []).append(name)
    content = MeasurementReport(
        observation_context=_observer(),
        procedure_reported=coding.Code(*IMAGING),
        imaging_measurements=[
            _group(result, site, images, [measurement(name, measures[name], shown, notice) for name in names])
            for site, names in sites.items()
        ],
    )
    doubts = (f"Doubt: {doubt}" for doubt in (*result.provenance.get("doubts", ()), *measures.doubts))
    for sentence in filter(None, (notice, *doubts, *verdict_sentences(measures))):
        content[0].ContentSequence.append(TextContentItem(coding.Code(*COMMENT), sentence, "CONTAINS"))
    values = [(name, each.value, each.interval) for name, each in measures.items()]
    series = stable_uid("sr", images.identity, *identity_of(result))
    maker = equipment(result)
    report = ComprehensiveSR(
        evidence=_evidence(images),
        content=content[0],
        series_instance_uid=series,
        series_number=SERIES_NUMBER,
        sop_instance_uid=stable_uid(series, values, measures.ed, measures.es),
        instance_number=1,
        manufacturer=maker.pop("manufacturer"),
        is_complete=True,
        series_description="Measures of the heart",
        **maker,
    )
    dated(report, result)
    with_character_set(report, images.study)
    return report


def _points(measures: Measures) -> dict[Code, int | None]:
    return {END_DIASTOLE: measures.ed, END_SYSTOLE: measures.es}


def _observer() -> ObservationContext:
    from highdicom.sr import DeviceObserverIdentifyingAttributes, ObservationContext, ObserverContext
    from pydicom.sr.codedict import codes

    program = DeviceObserverIdentifyingAttributes(
        uid=stable_uid("program", __version__),
        name=PROGRAM,
        manufacturer_name=MANUFACTURER,
        model_name=f"medvos {__version__}",
    )
    return ObservationContext(observer_device_context=ObserverContext(codes.DCM.Device, program))


def _group(
    result: Result, site: Code, images: SourceImages, measurements: list
) -> MeasurementsAndQualitativeEvaluations:
    """Return the measures of one structure (TID 1501)."""
    from highdicom.sr import (
        AlgorithmIdentification,
        FindingSite,
        MeasurementsAndQualitativeEvaluations,
        TrackingIdentifier,
    )
    from pydicom.sr import coding

    algorithm = AlgorithmIdentification(
        name=algorithm_name(result),
        version=__version__,
        parameters=[f"weights_sha256={weights_of(result)}", f"interval={100 * LEVEL:g} %"],
    )
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            stable_uid("measured", images.study.StudyInstanceUID, site.value), site.meaning
        ),
        finding_category=coding.Code(*ANATOMICAL_STRUCTURE),
        finding_type=coding.Code(*site),
        finding_sites=[FindingSite(coding.Code(*site))],
        algorithm_id=algorithm,
        measurements=measurements,
    )


def _evidence(images: SourceImages) -> list[Dataset]:
    """Return every image of the cine, with the attributes that a reference needs."""
    evidence = []
    for uid, image in {
        shown.sop_instance: shown for phase in images.at for shown in phase if shown is not None
    }.items():
        item = for_library(images.study)
        item.SOPClassUID, item.SOPInstanceUID, item.SeriesInstanceUID = image.sop_class, uid, image.series
        evidence.append(item)
    return evidence
