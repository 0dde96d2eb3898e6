"""Baselines without a network, each as ``(cine, seed) -> labels (T, Z, Y, X)``."""

from medvos_lab.bench.baselines.copy_seed import copy_seed
from medvos_lab.bench.baselines.optical_flow import optical_flow

BASELINES = {"copy": copy_seed, "flow": optical_flow}

__all__ = ["BASELINES", "copy_seed", "optical_flow"]
