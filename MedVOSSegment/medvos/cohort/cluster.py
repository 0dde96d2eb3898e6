"""Who does the work: threads of this computer, or a Dask cluster that exists."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from medvos.errors import InputError
from medvos.version import __version__

if TYPE_CHECKING:
    from distributed import Client

ANSWER_S = 15
GIGABYTE = 1024**3
CASE_BYTES = 2 * GIGABYTE  # what a large cine takes, twice over


@contextmanager
def this_computer(workers: int) -> Iterator[Client]:
    """A cluster of its own whose one worker runs so many cases at once.

    It is of threads: each waits for a process that runs a case, and another process between would serve nothing.
    """
    from distributed import Client, LocalCluster

    _quiet()
    with (
        LocalCluster(
            n_workers=1,
            threads_per_worker=workers,
            processes=False,
            memory_limit=None,
            # Dask always opens pages of its state; not to the network, and at ports that are free.
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def cluster_at(address: str) -> Iterator[Client]:
    """The cluster whose scheduler answers at ``address``, such as ``tcp://host:8786``.

    Raises
    ------
    InputError: nothing answers there, or its workers do not have this version of medvos.
    """
    from distributed import Client

    _quiet()
    try:
        client = Client(address, timeout=ANSWER_S)
    except (OSError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {address}; start one with `dask scheduler`, or leave out --scheduler to "
            "work on this computer."
        ) from error
    with client:
        _check_workers(client)
        yield client


def cases_at_once(cases: int) -> int:
    """How many cases this computer runs at once without a GPU: one for each core, as far as its memory goes."""
    from dask.system import CPU_COUNT
    from distributed.system import MEMORY_LIMIT

    return max(1, min(cases, CPU_COUNT, MEMORY_LIMIT // CASE_BYTES))


def threads_each(workers: int) -> int:
    """The share of each of so many cases in the cores of this computer."""
    from dask.system import CPU_COUNT

    return max(1, CPU_COUNT // workers)


def version() -> str:
    """Of medvos, where this is called."""
    return __version__


def _check_workers(client: Client) -> None:
    try:
        client.wait_for_workers(1, timeout=ANSWER_S)
        versions = set(client.run(version).values())
    except TimeoutError as error:
        raise InputError("The Dask scheduler has no workers; start some with `dask worker` first.") from error
    except ImportError as error:
        raise InputError("The workers of the Dask cluster do not have medvos; install it for them.") from error
    if versions != {__version__}:
        raise InputError(
            f"The workers of the Dask cluster have medvos {', '.join(sorted(versions))} and this computer has "
            f"{__version__}; install the same version on all."
        )


def _quiet() -> None:
    """What goes wrong is said by the commands; Dask's log of comings and goings would bury it."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
