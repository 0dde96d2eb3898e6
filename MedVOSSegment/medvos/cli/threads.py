"""How the threads of PyTorch wait for each other, chosen before PyTorch is imported."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

# Rounds of waiting in GNU's library (Linux): fractions of a millisecond, the length of the gaps between two parallel
# parts of a network. By default it is 300,000 rounds, some 10 ms, in which a thread that waits takes a core away from
# the thread that it waits for, if other programs keep the machine busy.
SPINS = "GOMP_SPINCOUNT", "10000"
# Milliseconds of waiting in LLVM's (macOS) and Intel's library (Windows), which wait 200 ms by default.
BLOCK_MS = "KMP_BLOCKTIME", "1"
# The standard variable that decides the same; whoever sets it has decided.
POLICY = "OMP_WAIT_POLICY"


def wait_briefly(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let threads that wait give their core away soon; call it before PyTorch is imported, which reads this once.

    Variables that the user has set are kept.

    >>> wait_briefly()
    """
    if POLICY in environment:
        return
    for name, value in (SPINS, BLOCK_MS):
        environment.setdefault(name, value)
