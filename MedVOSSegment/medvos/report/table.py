"""volumes.csv: one row per phase."""

from __future__ import annotations

import csv
from io import StringIO

import numpy as np

from medvos.measure.measures import Measures


def volumes_csv(measures: Measures) -> str:
    """The volume curves as comma-separated text; a cell is empty where the phase carries no label."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["phase", "time_ms", *(f"{name}_mL" for name in measures.volumes_ml)])
    for phase, time in enumerate(measures.time_ms):
        volumes = [curve[phase] for curve in measures.volumes_ml.values()]
        writer.writerow([phase, f"{time:.2f}", *("" if np.isnan(volume) else f"{volume:.3f}" for volume in volumes)])
    return text.getvalue()
