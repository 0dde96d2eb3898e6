"""A training that is stopped one step after its checkpoint."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch


def goes_on_as_if_nothing_had_happened(
    train: Callable[[Path], dict[str, Any]],
    run: ModuleType,
    loss: str,
    folder: Path,
    tolerance: float = 1e-5,
    losses_a_step: int = 1,
) -> None:
    """Asserts that four steps in two parts give what four steps in one give.

    Parameters
    ----------
    train: four steps of a run in a folder, with a checkpoint after the second; gives the last checkpoint.
    run: the module in which the training looks up its loss. loss: the name of that function.
    folder: for both runs. tolerance: of the weights. losses_a_step: how often a step calls that function.
    """
    expected = train(folder / "whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, loss, _stopping(getattr(run, loss), 3 * losses_a_step))
        with pytest.raises(KeyboardInterrupt):
            train(folder / "parts")
    assert torch.load(folder / "parts" / "last.ckpt", weights_only=True)["step"] == 2
    found = train(folder / "parts")
    assert found["step"] == expected["step"] == 4
    for part in ("network", "average"):
        for name, value in expected[part].items():
            torch.testing.assert_close(found[part][name], value, atol=tolerance, rtol=10 * tolerance)


def _stopping(loss: Callable[..., Any], after: int) -> Callable[..., Any]:
    calls = itertools.count()

    def stops(*arguments: Any) -> Any:
        if next(calls) == after:
            raise KeyboardInterrupt
        return loss(*arguments)

    return stops
