"""The checkout's root, and the type of the fixture that runs the command ``medvos``."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
Medvos = Callable[..., subprocess.CompletedProcess[str]]
