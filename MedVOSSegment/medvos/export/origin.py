"""Provenance of a result in DICOM objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from medvos.export.uids import digest_of
from medvos.mvo_notice import NOTICE
from medvos.result import Result
from medvos.structures import MVO
from medvos.version import __version__

MANUFACTURER = "MedVOSSegment developers"
PROGRAM = "MedVOSSegment"


def equipment(result: Result) -> dict[str, Any]:
    """Return the program as equipment, with the checksum of the weights as serial number."""
    return {
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": PROGRAM,
        "software_versions": __version__,
        "device_serial_number": weights_of(result),
    }


def algorithm_name(result: Result) -> str:
    """Return the name of the weights."""
    return str(result.provenance.get("model") or PROGRAM)[:64]


def weights_of(result: Result) -> str:
    """Return the SHA-256 of the weights, or ``unknown``."""
    return str(result.provenance.get("weights_sha256") or "unknown")[:64]


def notice_for(result: Result) -> str:
    """Return the notice that stands wherever something of this result is shown; empty for most results."""
    return str(result.provenance.get("notice") or (NOTICE if (result.labels == MVO).any() else ""))


def identity_of(result: Result) -> tuple[str, ...]:
    """Return what distinguishes objects of this result from those of any other result."""
    made = str(result.provenance.get("made"))
    return __version__, weights_of(result), made, digest_of(result.labels)


def dated(dataset: Any, result: Result) -> None:
    """Date ``dataset`` as the result, so that a second export has the same bytes."""
    made = result.provenance.get("made")
    moment = datetime.fromisoformat(made) if made else datetime.now()
    for part in ("InstanceCreation", "Content", "Series"):
        setattr(dataset, f"{part}Date", f"{moment:%Y%m%d}")
        setattr(dataset, f"{part}Time", f"{moment:%H%M%S}")
    for contribution in dataset.get("ContributingEquipmentSequence", []):
        contribution.ContributionDateTime = f"{moment:%Y%m%d%H%M%S}"
