"""volumes.csv: one row for each phase."""

from __future__ import annotations

import csv
from io import StringIO

import numpy as np

from medvos.measure.measures import Measures


def volumes_csv(measures: Measures) -> str:
    """Return the volume curves as comma-separated text; a cell is empty if the phase has no label."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    curves = {f"{name}_mL": curve for name, curve in measures.volumes_ml.items()}
    curves |= {f"{name}_percent": curve for name, curve in measures.percent.items()}
    writer.writerow(["phase", "time_ms", *curves])
    for phase, time in enumerate(measures.time_ms):
        volumes = [curve[phase] for curve in curves.values()]
        writer.writerow([phase, f"{time:.2f}", *("" if np.isnan(volume) else f"{volume:.3f}" for volume in volumes)])
    return text.getvalue()
