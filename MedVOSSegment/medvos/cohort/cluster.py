"""Workers of a batch: threads of this computer, or an existing Dask cluster."""

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
CASE_BYTES = 2 * GIGABYTE  # twice the memory of a large cine
LOGGERS = ("distributed", "asyncio", "tornado")
TORNADO_TIMEOUT = "exception=TimeoutError('Timeout')"


@contextmanager
def this_computer(workers: int) -> Iterator[Client]:
    """Start a cluster with one worker that runs this number of cases at once.

    Its workers are threads: each waits for a process that runs a case.
    """
    from distributed import Client, LocalCluster

    with (
        _quiet(),
        LocalCluster(
            n_workers=1,
            threads_per_worker=workers,
            processes=False,
            memory_limit=None,
            # Dask always serves its dashboards: on this computer only, at free ports.
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def cluster_at(address: str) -> Iterator[Client]:
    """Connect to the cluster with a scheduler at ``address``, such as ``tcp://host:8786``.

    Raises
    ------
    InputError: nothing answers there, or its workers do not have this version of medvos.
    """
    from distributed import Client

    with _quiet():
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
    """Return the number of cases that this computer runs at once without a GPU: one a core, limited by memory."""
    from dask.system import CPU_COUNT
    from distributed.system import MEMORY_LIMIT

    return max(1, min(cases, CPU_COUNT, MEMORY_LIMIT // CASE_BYTES))


def threads_each(workers: int) -> int:
    """Return the number of threads for each of these cases."""
    from dask.system import CPU_COUNT

    return max(1, CPU_COUNT // workers)


def version() -> str:
    """Return the version of medvos on the worker that calls this."""
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


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the logs of Dask and of its event loop as long as the cluster is used; the commands report errors.

    Afterwards the loop may still log the exceptions of the futures of cases that failed or were cancelled, when these
    futures are deleted, also at the end of the program. That one message stays silent for the loops of Dask.
    """
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    logging.getLogger("asyncio").addFilter(_is_of_another)  # adds it once
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _is_of_another(record: logging.LogRecord) -> bool:
    """Whether a message is not that on an exception in a future of Dask or Tornado, after which nobody asked.

    A future of Tornado, as of a connection that is closed while it waits, is known by its exception alone.
    """
    message = record.getMessage()
    own = "distributed" in message or TORNADO_TIMEOUT in message
    return not ("exception was never retrieved" in message and own)
