"""Whose images they are: patient and study as every new object of the same study has to state them."""

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
# The character set tells how to read all others, in whatever script the patient's name is.
OPTIONAL = (
    "SpecificCharacterSet",
    "StudyDescription",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)


def study_of(path: Path) -> Dataset:
    """Patient, study and frame of reference of the image in ``path``.

    What is missing is empty, and so is a date, a time or a sex that DICOM does not allow, as programs that remove
    names leave behind.
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
    """A copy without its character set: highdicom refuses those that Japanese and Korean archives use."""
    from copy import deepcopy

    bare = deepcopy(study)
    bare.pop("SpecificCharacterSet", None)
    return bare


def with_character_set(dataset: Dataset, study: Dataset) -> None:
    """Have ``dataset``, which has the names of ``study``, write them in its character set too."""
    if "SpecificCharacterSet" in study:
        dataset["SpecificCharacterSet"] = study["SpecificCharacterSet"]


def _allowed(text: str, kind: Callable[[str], Any]) -> str:
    """``text`` where ``kind`` can be made of it, else ''."""
    try:
        kind(text)
    except ValueError:
        return ""
    return text
