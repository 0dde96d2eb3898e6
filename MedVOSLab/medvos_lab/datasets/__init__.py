"""Labelled real cases, each as a cine with the expert's labels on its grid."""

from medvos_lab.datasets.acdc import acdc_cases
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.datasets.root import data_root
from medvos_lab.datasets.sunnybrook import sunnybrook_4d, sunnybrook_edes

__all__ = ["LabelledCine", "acdc_cases", "data_root", "sunnybrook_4d", "sunnybrook_edes"]
