"""The command ``medvos``: one file per command, exit codes as other programs rely on them."""

from __future__ import annotations

import errno
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from medvos.cli import (
    batch,
    demo,
    evaluate,
    export,
    handed_over,
    info,
    measure,
    models,
    propagate,
    propose,
    report,
    segment,
)
from medvos.cli.examples import COMPLETION, examples_of
from medvos.cli.lab import add_lab_commands
from medvos.cli.threads import wait_briefly
from medvos.errors import Cancelled, InputError, MedVOSError
from medvos.packages import INSTALLED_AS, needs
from medvos.pins import PINS
from medvos.version import __version__

# Messages after a stop, of the commands that write while they run.
LEFT_BEHIND = {
    "train": "the same command resumes from the last checkpoint.",
    "bench": "tables that are already written are kept.",
}
TORCH_WITHOUT_MEMORY = "DefaultCPUAllocator"
# Disk errors that the user can correct; other system errors are defects.
DISK_FAULTS = (errno.EACCES, errno.EDQUOT, errno.ENAMETOOLONG, errno.ENOSPC, errno.EPERM, errno.EROFS)

app = typer.Typer(
    help="One drawn slice in, the whole beating heart segmented out.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=COMPLETION,
)
for name, command in (
    ("propagate", propagate.propagate),
    ("segment", segment.segment),
    ("propose", propose.propose),
    ("batch", batch.batch),
    ("info", info.info),
    ("measure", measure.measure),
    ("report", report.report),
    ("export", export.export),
    ("evaluate", evaluate.evaluate),
    ("models", models.models),
    ("demo", demo.demo),
):
    app.command(name, epilog=examples_of(name))(command)
app.command("handed-over", hidden=True)(handed_over.handed_over)
add_lab_commands(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"medvos {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 done, 2 the input is at fault, 3 cancelled.

    A stop asked for by Ctrl-C or SIGTERM is raised as `SystemExit`, which no handler of ordinary errors on its way
    catches, so that every open folder is cleaned up.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    wait_briefly()
    try:
        code = app(arguments, prog_name="medvos", standalone_mode=False)
    except SystemExit as stop:
        if stop.code == Cancelled.exit_code:
            given = sys.argv[1:] if arguments is None else arguments
            _say(f"Cancelled; {LEFT_BEHIND.get(next(iter(given), ''), 'nothing was written.')}")
        raise
    except MedVOSError as error:
        _say(str(error))
        return error.exit_code
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        fault = error.format_message().replace("Value error, ", "").rstrip(".")
        _say(f"{fault}; see {context.command_path if context else 'medvos'} --help.")
        return InputError.exit_code
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if INSTALLED_AS.get(module, module) not in PINS:
            raise
        _say(needs("This", module))
        return InputError.exit_code
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and TORCH_WITHOUT_MEMORY not in str(error):
            raise
        _say("There is too little memory for this; close other programs, or give fewer slices, phases or structures.")
        return InputError.exit_code
    except OSError as error:
        if error.errno not in DISK_FAULTS:
            raise
        place = error.filename or "The disk"
        _say(f"{place} cannot be used ({error.strerror}); make room or permit access, or choose another place.")
        return InputError.exit_code
    return code if isinstance(code, int) else 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(Cancelled.exit_code)


def _say(message: str) -> None:
    typer.echo(f"medvos: {' '.join(message.split())}", err=True)
