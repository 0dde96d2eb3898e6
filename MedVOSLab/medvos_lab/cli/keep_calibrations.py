"""Calibrate the networks for clips anew: those of echo and TCMN, which know nothing of each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from medvos.models.device import choose_device
from medvos.models.networks import load_echo, load_tcmn
from medvos.models.store import available, models_folder
from medvos_lab.echo.pair_calibration import calibrate_echo
from medvos_lab.recipe_types import constants
from medvos_lab.release import update_manifest
from medvos_lab.tcmn.validate import calibrate_tcmn


def keep_calibrations(data: Path | None, models: Sequence[str], device: str) -> dict[str, dict[str, float]]:
    """Calibrate echo networks and TCMN, by default all that are at hand, and put the constants into the manifest.

    Returns
    -------
    Network to its calibration error on pairs that it was not calibrated on.
    """
    where, errors = choose_device(device), {}
    for info in available():
        if info.network in ("echo", "tcmn") and (not models or info.name in models):
            if info.network == "echo":
                calibration, errors[info.name] = calibrate_echo(load_echo(info, where), data, where)
            else:
                calibration, errors[info.name] = calibrate_tcmn(load_tcmn(info, where), data, where)
            update_manifest(models_folder(), info.name, {"calibration": constants(calibration)})
    return errors
