"""Connecting to a real scheduler over TCP, in threads of this process."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest
from distributed import LocalCluster

from medvos.cohort import cluster
from medvos.cohort.cluster import cases_at_once, cluster_at, this_computer, threads_each
from medvos.errors import InputError


@pytest.fixture(scope="module")
def a_cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as made:
        yield made


def test_this_computer_works_and_is_open_to_nobody_else():
    before = listening()
    with this_computer(2) as client:
        assert client.submit(sum, [1, 2]).result() == 3
        assert {host for host, _ in listening() - before} <= {"127.0.0.1"}


def listening() -> set[tuple[str, int]]:
    connections = psutil.Process().net_connections()
    return {tuple(c.laddr) for c in connections if c.status == psutil.CONN_LISTEN}


def test_a_cluster_that_exists_works(a_cluster: LocalCluster):
    with cluster_at(a_cluster.scheduler_address) as client:
        assert client.submit(sum, [1, 2]).result() == 3


def test_a_future_that_nobody_asked_after_leaves_no_word_on_the_terminal(environment: dict[str, str]):
    program = """
import gc, threading
from medvos.cohort.cluster import this_computer
with this_computer(1) as client:
    loop, done = client.loop.asyncio_loop, threading.Event()
    def leave():
        loop.create_future().set_exception(ValueError("a case that failed"))
        gc.collect()
        done.set()
    loop.call_soon_threadsafe(leave)
    done.wait()
"""
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stderr == run.stdout == ""


def test_a_connection_that_timed_out_leaves_no_word_at_the_end_of_the_program(environment: dict[str, str]):
    program = """
import asyncio, gc
from tornado.util import TimeoutError
from medvos.cohort.cluster import this_computer
with this_computer(1):
    pass
async def closes():
    asyncio.get_running_loop().create_future().set_exception(TimeoutError("Timeout"))
    gc.collect()
asyncio.run(closes())
"""
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stderr == run.stdout == ""


@pytest.mark.parametrize("address", [True, False])
def test_other_programs_of_the_process_log_as_before(
    a_cluster: LocalCluster, address: bool, caplog: pytest.LogCaptureFixture
):
    loggers = [logging.getLogger(name) for name in ("distributed", "asyncio", "tornado")]
    before = [logger.level for logger in loggers]
    with cluster_at(a_cluster.scheduler_address) if address else this_computer(1):
        assert [logger.level for logger in loggers] == [logging.CRITICAL] * 3
    assert [logger.level for logger in loggers] == before
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task of another program>")
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task .../distributed/client.py>")
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == [
        "Task exception was never retrieved\nfuture: <Task of another program>"
    ]


def test_workers_with_another_version_are_refused(a_cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "version", lambda: "0.0.1")
    with pytest.raises(InputError, match=r"have medvos 0\.0\.1"), cluster_at(a_cluster.scheduler_address):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "127.0.0.1", "nonsense://there:1"])
def test_where_no_scheduler_answers_it_is_said(address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "ANSWER_S", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = address.format(port=free.getsockname()[1])
        with pytest.raises(InputError, match="No Dask scheduler answers"), cluster_at(place):
            pass


def test_a_scheduler_without_workers_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "ANSWER_S", 1)
    with (
        LocalCluster(
            n_workers=0, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as empty,
        pytest.raises(InputError, match="no workers"),
        cluster_at(empty.scheduler_address),
    ):
        pass


def test_cases_at_once_share_the_cores(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dask.system.CPU_COUNT", 8)
    monkeypatch.setattr("distributed.system.MEMORY_LIMIT", 64 * cluster.GIGABYTE)
    assert (cases_at_once(100), cases_at_once(3)) == (8, 3)
    assert (threads_each(8), threads_each(3), threads_each(16)) == (1, 2, 1)
    monkeypatch.setattr("distributed.system.MEMORY_LIMIT", 9 * cluster.GIGABYTE)
    assert cases_at_once(100) == 4
    monkeypatch.setattr("distributed.system.MEMORY_LIMIT", cluster.GIGABYTE)
    assert cases_at_once(100) == 1
