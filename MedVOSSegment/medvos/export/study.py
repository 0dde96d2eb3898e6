"""Patient and study attributes that every new object of the same study must have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medvos.cine.guard import reading

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

REQUIRED = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "ReferringPhysicianName",
    "FrameOfReferenceUID",
    "PositionReferenceIndicator",
)
# The character set decides how all other attributes are read.
OPTIONAL = (
    "SpecificCharacterSet",
    "StudyDescription",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)


def study_of(path: Path) -> Dataset:
    """Read patient, study and frame of reference of the image in ``path``.

    Missing attributes are empty, and so are invalid dates, times or sexes, which anonymisation programs write.
    """
    from pydicom import dcmread
    from pydicom.dataset import Dataset
    from pydicom.valuerep import DA, TM

    study = Dataset()
    with reading(path.name, "DICOM"):
        data = dcmread(path, stop_before_pixels=True, force=True, specific_tags=[*REQUIRED, *OPTIONAL])
        for keyword in (*REQUIRED, *OPTIONAL):
            if keyword in data:
                study[keyword] = data[keyword]
            elif keyword in REQUIRED:
                setattr(study, keyword, "")
        for keyword, kind in (("PatientBirthDate", DA), ("StudyDate", DA), ("StudyTime", TM)):
            setattr(study, keyword, _allowed(str(study[keyword].value or ""), kind))
        if study.PatientSex not in ("M", "F", "O"):
            study.PatientSex = ""
    return study


def for_library(study: Dataset) -> Dataset:
    """Return a copy without its character set: highdicom rejects those of Japanese and Korean archives."""
    from copy import deepcopy

    bare = deepcopy(study)
    bare.pop("SpecificCharacterSet", None)
    return bare


def with_character_set(dataset: Dataset, study: Dataset) -> None:
    """Set the character set of ``study`` in ``dataset``, which has its names."""
    if "SpecificCharacterSet" in study:
        dataset["SpecificCharacterSet"] = study["SpecificCharacterSet"]


def _allowed(text: str, kind: Callable[[str], Any]) -> str:
    """Return ``text`` if ``kind`` accepts it, else ''."""
    try:
        kind(text)
    except ValueError:
        return ""
    return text
