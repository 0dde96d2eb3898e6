from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from functools import cache

import pytest
import typer
from medvos_command import ROOT, Medvos

import medvos as package
from medvos.__main__ import main
from medvos.cli.examples import EXAMPLES
from medvos.cli.main import app
from medvos.errors import Cancelled

COMMANDS = ("propagate", "batch", "info", "measure", "evaluate", "train", "bench", "models", "demo")
HEAVY = ("torch", "matplotlib", "pydicom", "nibabel", "scipy", "skimage", "jinja2")


@cache
def whole_command() -> typer.core.TyperCommand:
    """`medvos` with all its commands."""
    return typer.main.get_command(app)


@pytest.fixture(scope="module")
def medvos(medvos_process: Medvos) -> Medvos:
    """Start from nothing, as on a user's machine."""
    return medvos_process


def test_ctrl_c_while_it_imports_cancels_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.delitem(sys.modules, "medvos.cli.main")

    class Interrupted:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "medvos.cli.main":
                raise KeyboardInterrupt

    monkeypatch.setattr(sys, "meta_path", [Interrupted, *sys.meta_path])
    assert main() == Cancelled.exit_code
    assert capsys.readouterr().err == "medvos: Cancelled; nothing was written.\n"


def test_help_names_every_command(medvos: Medvos):
    answer = medvos("--help")
    assert answer.returncode == 0
    assert all(name in answer.stdout for name in COMMANDS)


def test_without_a_command_the_help_is_shown(medvos: Medvos):
    answer = medvos()
    assert answer.returncode == 0
    assert "propagate" in answer.stdout


@pytest.mark.parametrize("command", [*COMMANDS, "segment", "propose", "report", "export"])
def test_every_command_explains_itself_with_an_example(medvos: Medvos, command: str):
    answer = medvos(command, "-h")
    assert answer.returncode == 0
    assert "--help" in answer.stdout and "Examples:" in answer.stdout
    for example in EXAMPLES[command]:
        assert len(example) < 79
        assert example in " ".join(answer.stdout.split())


@pytest.mark.parametrize("example", [example for examples in EXAMPLES.values() for example in examples])
def test_every_example_has_the_options_of_its_command(example: str):
    words = shlex.split(example)[1:]
    command = whole_command()
    while hasattr(command, "commands") and words:
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known


def test_completion_is_offered_and_names_the_commands(medvos: Medvos, environment: dict[str, str]):
    assert "--install-completion" in medvos("-h").stdout
    asked = {"_MEDVOS_COMPLETE": "complete_bash", "COMP_WORDS": "medvos prop", "COMP_CWORD": "1"}
    assert medvos(env={**environment, **asked}).stdout.split() == ["propagate", "propose"]


def test_the_version_is_the_one_of_the_package(medvos: Medvos):
    assert medvos("--version").stdout == f"medvos {package.__version__}\n"


def test_start_up_loads_nothing_heavy(environment: dict[str, str]):
    code = "import sys, medvos.cli.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert not set(HEAVY) & set(loaded.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["propagat"], "propagate"),
        (["propagate"], "INPUT"),
        (["propagate", "cine", "--out", "out"], "--seed"),
        (["propagate", "cine", "--seed", "seed", "--out", "out", "--device", "tpu"], "'cuda'"),
        (["propagate", "cine", "--seed", "seed", "--out", "out", "--phase", "first"], "--phase"),
        (["propagate", "cine", "--seed", "seed", "--out", "out", "--colour"], "--colour"),
        (["bench"], "command"),
        (["train", "resnet", "--out", "there"], "'cstm-paper'"),
        (["train", "cstm", "--data", "here", "--out", "there", "--steps", "0"], "--steps"),
    ],
)
def test_a_mistyped_command_line_exits_2_with_one_helpful_line(medvos: Medvos, arguments: list[str], said: str):
    answer = medvos(*arguments)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert said in answer.stderr
    assert "--help" in answer.stderr


def test_a_package_that_is_not_installed_is_named_with_the_extra_that_brings_it(environment: dict[str, str]):
    code = (
        "import sys, medvos.cli.main as m\n"
        "@m.app.command('fit')\n"
        "def fit():\n"
        "    raise ModuleNotFoundError(name='lightning')\n"
        "sys.exit(m.main(['fit']))\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "pip install 'lightning>=2.4'" in answer.stderr


@pytest.mark.skipif(os.name == "nt", reason="names may be longer there")
def test_a_disk_that_refuses_is_said_in_one_line(medvos: Medvos):
    answer = medvos("train", "cstm", "--out", "n" * 300)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "file name too long" in answer.stderr.lower()


def test_too_little_memory_is_said_in_one_line(environment: dict[str, str]):
    program = (
        "import sys, numpy\n"
        "import medvos.cli.main as main\n"
        "main.app = lambda *_, **__: numpy.empty(2**46)\n"
        "sys.exit(main.main([]))"
    )
    answer = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "memory" in answer.stderr


def test_the_package_gives_out_all_that_it_names():
    assert all(getattr(package, name) is not None for name in package.__all__)
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = package.nothing_of_the_kind


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_while_waiting_for_input_exits_3(environment: dict[str, str], number: signal.Signals):
    code = (
        "import os, sys, medvos.cli.main as m\n"
        "@m.app.command('wait')\n"
        "def wait():\n"
        "    os.kill(os.getpid(), int(sys.argv[-1]))\n"
        "    import time; time.sleep(20)\n"
        "sys.exit(m.main(['wait']))\n"
    )
    command = [sys.executable, "-c", code, str(int(number))]
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=30, cwd=ROOT)
    assert answer.returncode == 3
    assert answer.stderr == "medvos: Cancelled; nothing was written.\n"


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_stopped_training_says_how_it_goes_on(environment: dict[str, str]):
    code = (
        "import os, signal, sys, medvos.cli.main as m\n"
        "m.app = lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.exit(m.main())\n"
    )
    command = [sys.executable, "-c", code, "train", "vivim", "--out", "run"]
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=30, cwd=ROOT)
    assert answer.returncode == 3
    assert answer.stderr == "medvos: Cancelled; the same command resumes from the last checkpoint.\n"
