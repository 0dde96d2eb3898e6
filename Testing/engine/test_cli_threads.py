from __future__ import annotations

import subprocess
import sys

import pytest

from medvos.cli.threads import wait_briefly


def test_threads_wait_briefly_where_nothing_is_set():
    environment: dict[str, str] = {}
    wait_briefly(environment)
    assert 0 < int(environment["GOMP_SPINCOUNT"]) < 300_000
    assert 0 < int(environment["KMP_BLOCKTIME"]) < 200


@pytest.mark.parametrize(
    "own", [{"OMP_WAIT_POLICY": "ACTIVE"}, {"GOMP_SPINCOUNT": "7", "KMP_BLOCKTIME": "3"}], ids=("policy", "numbers")
)
def test_what_the_user_has_set_is_kept(own: dict[str, str]):
    environment = dict(own)
    wait_briefly(environment)
    assert environment == own


@pytest.mark.skipif(sys.platform != "linux", reason="of GNU's library")
def test_the_command_sets_it_before_torch_is_imported(environment: dict[str, str]):
    program = (
        "import sys, os, medvos.cli.main as main\n"
        "seen = []\n"
        "def command(*_, **__):\n"
        "    assert 'torch' not in sys.modules\n"
        "    import torch\n"
        "    torch.ones(512, 512) @ torch.ones(512, 512)\n"
        "main.app = command\n"
        "sys.exit(main.main([]))"
    )
    # GNU's library prints the variables that it has read when it is loaded.
    shown = {**environment, "OMP_DISPLAY_ENV": "VERBOSE"}
    unset = {name: value for name, value in shown.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    answer = subprocess.run([sys.executable, "-c", program], env=unset, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert "GOMP_SPINCOUNT = '10000'" in answer.stderr
