"""report.json: the measures, their curves and their provenance, for other programs."""

from __future__ import annotations

import math
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.measure.catalogue import BY_NAME
from medvos.measure.doubt import Doubt, with_doubts
from medvos.measure.ef_grade import grade_document
from medvos.measure.intervals import constants_of
from medvos.measure.measures import Beat, Measure, Measures, Normal
from medvos.measure.subject import AREA_FORMULA, Subject
from medvos.measure.verdict import verdict_of, verdict_sentences, verdict_text
from medvos.measure.wall import WallSegment
from medvos.report.images_digest import images_digest
from medvos.report.reportable import Reportable
from medvos.version import __version__

SCHEMA = "medvos-report-1"
# Of a short-axis stack in a report that does not state which verdicts were held back.
UNCHECKED = Doubt(
    "this result was written by a version that did not check whether verdicts can be given, so that none is given: "
    "measure it again, for ranges with sex and age",
    holds=tuple(BY_NAME),
)


def report_document(result: Reportable, measures: Measures, labels_sha256: str | None = None) -> dict[str, Any]:
    """Return the report as plain JSON values, as ``report.schema.json`` defines it.

    ``labels_sha256`` is the digest of the labels that are written beside it (`medvos.report.labels_digest`).
    """
    return {
        "schema": SCHEMA,
        **measures_document(measures),
        "labels_sha256": labels_sha256,
        "slice_scores": _plain(result.slice_scores),
        "provenance": {
            "made": datetime.now().isoformat(timespec="seconds"),
            **_plain(result.provenance),
            "intervals": _plain(constants_of(result.provenance)),
            "papillary": measures.papillary,
            "medvos": __version__,
            "input": describe_input(result.cine),
            "seeds": [{"phase": int(t), "slice": int(z)} for t, z in np.argwhere(result.seeds)],
        },
    }


def measures_document(measures: Measures) -> dict[str, Any]:
    """Return measures, doubts, curves, bands, phases, wall, reference ranges and beats as plain JSON values."""
    return {
        "measures": {name: _measure(measure) for name, measure in measures.items()},
        "doubts": list(measures.doubts),
        "held": dict(measures.held),
        "moves": _plain(measures.moves),
        "grade": _plain(grade_document(measures)),
        "verdicts": verdict_sentences(measures),
        "subject": subject_document(measures.subject),
        "papillary": measures.papillary,
        "curves": {
            "time_ms": _plain(measures.time_ms),
            **{f"{name}_mL": _plain(curve) for name, curve in measures.volumes_ml.items()},
            **{f"{name}_percent": _plain(curve) for name, curve in measures.percent.items()},
        },
        "bands": {f"{name}_mL": _plain(band) for name, band in measures.bands_ml.items()},
        "phases": {"ED": measures.ed, "ES": measures.es},
        "obstructed": {str(number): _plain(fraction) for number, fraction in measures.obstructed.items()},
        "wall": [_plain(asdict(segment)) | {"unreliable": segment.unreliable} for segment in measures.wall],
        "normal": {
            "reason": measures.no_normal,
            "ranges": {
                name: _plain(asdict(normal))
                | {"verdict": verdict_of(name, measures), "verdict_text": verdict_text(name, measures)}
                for name, normal in measures.normal.items()
            },
        },
        "beats": [_plain(asdict(beat)) for beat in measures.beats],
    }


def subject_document(subject: Subject) -> dict[str, Any]:
    """Return the data of the person that the measures were computed with, without anything that identifies it."""
    stated = _plain(asdict(subject))
    return {**stated, "body_surface_m2": _plain(subject.body_surface_area), "body_surface_formula": AREA_FORMULA}


def describe_input(cine: Cine) -> dict[str, Any]:
    """Describe the cine, without paths and free text: they may identify the patient."""
    return {
        "kind": cine.source.kind,
        "modality": cine.source.description.get("modality"),
        "shape": list(cine.shape),
        "spacing_mm": _plain(cine.spacing),
        "period_ms": _plain(cine.period),
        "heart_rate": _plain(cine.source.heart_rate),
        "heart_rate_given": cine.source.rate_given,
        "spacing_known": cine.source.spacing_known,
        "pictures_sha256": cine.source.digest or None,
        "images_sha256": images_digest(cine),
        "series": list(cine.source.series),
        "missing_slices": list(cine.source.missing_slices),
        "notes": list(cine.source.notes),
    }


def measures_from(document: dict[str, Any]) -> Measures:
    """Return the measures that a report states; the inverse of `measures_document`."""
    curves = {name: _array(curve) for name, curve in document["curves"].items()}
    time_ms = curves.pop("time_ms")
    normal = document["normal"]
    measures = Measures(
        {name: _measure_from(stated) for name, stated in document["measures"].items()},
        time_ms,
        _by_structure(curves, "_mL"),
        document["phases"]["ED"],
        document["phases"]["ES"],
        tuple(map(_segment_from, document["wall"])),
        {name: _normal_from(stated) for name, stated in normal["ranges"].items()},
        normal["reason"],
        tuple(Beat(**beat) for beat in document["beats"]),
        _by_structure({name: _array(band) for name, band in document["bands"].items()}, "_mL"),
        percent=_by_structure(curves, "_percent"),
        doubts=tuple(document.get("doubts", ())),
        obstructed={int(number): fraction for number, fraction in document["obstructed"].items()},
        held=dict(document.get("held", {})),
        ungraded=_ungraded_from(document),
        moves={name: (below, above) for name, (below, above) in document.get("moves", {}).items()},
        subject=_subject_from(document.get("subject", {})),
        papillary=document.get("papillary"),
    )
    return measures if "held" in document or not measures.wall else with_doubts(measures, [UNCHECKED])


def _ungraded_from(document: dict[str, Any]) -> str | None:
    """Return why an LVEF with a value is not graded; earlier versions stated it among the verdicts that are held."""
    reason: str | None = document.get("grade", {}).get("reason") or document.get("held", {}).get("LVEF")
    return reason if document["measures"].get("LVEF", {}).get("value") is not None else None


def _by_structure(curves: dict[str, NDArray[np.float64]], ending: str) -> dict[str, NDArray[np.float64]]:
    """Return the curves whose names have this ending, by structure."""
    return {name.removesuffix(ending): curve for name, curve in curves.items() if name.endswith(ending)}


def _array(values: list[Any]) -> NDArray[np.float64]:
    """Return numbers with NaN where the report has null."""
    return np.array(values, np.float64)


def _measure_from(stated: dict[str, Any]) -> Measure:
    ends = stated["interval"]
    interval = None if ends is None else (ends[0], ends[1])
    return Measure(stated["value"], stated["unit"], interval, stated["reason"], stated.get("unreliable"))


def _segment_from(stated: dict[str, Any]) -> WallSegment:
    """Return a segment; earlier versions only stated whether its contours are unreliable at ED or at ES."""
    either = bool(stated.get("unreliable"))
    known = {field.name: stated[field.name] for field in fields(WallSegment) if field.name in stated}
    return WallSegment(**{"unreliable_ed": either, "unreliable_es": either, **known})


def _normal_from(stated: dict[str, Any]) -> Normal:
    return Normal(**{name: value for name, value in stated.items() if not name.startswith("verdict")})


def _subject_from(stated: dict[str, Any]) -> Subject:
    return Subject(**{name: value for name, value in stated.items() if not name.startswith("body_surface")})


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "value": _plain(measure.value),
        "interval": _plain(measure.interval),
        "unit": measure.unit,
        "reason": measure.reason,
        "unreliable": _plain(measure.unreliable),
    }


def _plain(value: Any) -> Any:
    """Return NumPy values as JSON ones, rounded to four decimals; values that are not finite become null."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
