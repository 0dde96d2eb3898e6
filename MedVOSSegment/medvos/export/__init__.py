"""Results in the forms that hospitals and other programs keep. Heavy libraries load when a file is written."""

from medvos.export.export import DICOM, Form, export

__all__ = ["DICOM", "Form", "export"]
