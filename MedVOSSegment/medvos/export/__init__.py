"""Export results to DICOM, STL, NRRD and NIfTI. Heavy libraries are imported when a file is written."""

from medvos.export.export import DICOM, Form, export

__all__ = ["DICOM", "Form", "export"]
