"""Labelled real cases, each as a cine with the expert's labels on its grid."""

from medvos.datasets.acdc import acdc_cases
from medvos.datasets.labelled import NOT_LABELLED, LabelledCine
from medvos.datasets.root import data_root
from medvos.datasets.sunnybrook import sunnybrook_4d, sunnybrook_edes

__all__ = ["NOT_LABELLED", "LabelledCine", "acdc_cases", "data_root", "sunnybrook_4d", "sunnybrook_edes"]
