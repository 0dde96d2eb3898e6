"""The provenance of a result: model, device, time and notes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import torch

from medvos.models.precision import is_reduced
from medvos.models.store import ModelInfo


def provenance_of(
    info: ModelInfo, device: torch.device, notes: Iterable[str], *, began: float | None = None, **more: Any
) -> dict[str, Any]:
    """Return the ``provenance`` of a `medvos.result.Result`, as ``report.json`` stores it.

    Parameters
    ----------
    info: the model that made the result.
    device: where it ran in the end.
    notes: sentences that the report shows.
    began: `time.monotonic` at the start; None where the caller measures the time.
    more: further entries, such as ``intervals``.

    >>> provenance_of(resolve("cstm"), torch.device("cpu"), cine.source.notes, began=began)["model"]
    'cstm'
    """
    seconds = {} if began is None else {"seconds": round(time.monotonic() - began, 2)}
    return {
        "model": info.name,
        "weights_sha256": info.sha256,
        "terms": info.terms,
        **more,
        "device": str(device),
        "precision": "bfloat16" if is_reduced(device) and info.network != "mvo" else "float32",
        **seconds,
        "notes": list(notes),
    }
