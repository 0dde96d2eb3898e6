"""MedVOSSegment's engine: segment a whole beating heart from one drawn slice.

>>> result = medvos.propagate("cine.nii.gz", "seed.nii.gz", device="cpu")
>>> measures = medvos.measure(result)
>>> measures["LVEF"].unit
'%'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Not lazy: the first import of a folder of the same name would replace the function.
from medvos.api.results import evaluate, export, measure, read_results, report
from medvos.errors import Cancelled, InputError, MedVOSError
from medvos.version import __version__ as __version__

if TYPE_CHECKING:
    from medvos.api.segmenting import propagate, propose, segment
    from medvos.cine.cine import Cine
    from medvos.cine.read import read
    from medvos.cine.seed import Seed, read_seed, seed_from_array
    from medvos.measure.measures import Measures
    from medvos.measure.subject import Subject
    from medvos.report.write_results import write_results
    from medvos.result import Result

_HOME = {
    "Cine": "medvos.cine.cine",
    "Measures": "medvos.measure.measures",
    "Result": "medvos.result",
    "Seed": "medvos.cine.seed",
    "Subject": "medvos.measure.subject",
    "propagate": "medvos.api.segmenting",
    "propose": "medvos.api.segmenting",
    "read": "medvos.cine.read",
    "read_seed": "medvos.cine.seed",
    "seed_from_array": "medvos.cine.seed",
    "segment": "medvos.api.segmenting",
    "write_results": "medvos.report.write_results",
}

__all__ = [
    "Cancelled",
    "Cine",
    "InputError",
    "Measures",
    "MedVOSError",
    "Result",
    "Seed",
    "Subject",
    "evaluate",
    "export",
    "measure",
    "propagate",
    "propose",
    "read",
    "read_results",
    "read_seed",
    "report",
    "seed_from_array",
    "segment",
    "write_results",
]


def __getattr__(name: str) -> Any:
    """Import the heavy parts (torch, pydicom, matplotlib) on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'medvos' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
