"""The commands of the lab, ``train`` and ``bench``, which the package has and 3D Slicer's copy has not."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import typer

from medvos.cli.examples import examples_of
from medvos.errors import InputError

GROUP = "medvos.commands"
# Shown by `medvos --help` where the lab is not installed.
LAB_COMMANDS = {
    "train": "Train a network (part of the lab, which is not installed here).",
    "bench": "Measure accuracy and speed (part of the lab, which is not installed here).",
}
CANNOT_BE_IMPORTED = "Part of the lab, which is installed but cannot be imported."
_ANY_ARGUMENTS = {"allow_extra_args": True, "ignore_unknown_options": True}


def add_lab_commands(app: typer.Typer) -> None:
    """Add the commands that installed packages register in the group ``medvos.commands``.

    The engine never imports the lab: the entry points name its functions and `typer.Typer` groups. Where a command of
    the lab is missing, a command of the same name says in one sentence how to install it. Where one is installed but
    cannot be imported, a command of the same name raises that error when it is called; all others work.
    """
    commands: dict[str, Any] = {}
    stand_ins = {name: (summary, _missing(name)) for name, summary in LAB_COMMANDS.items()}
    for point in entry_points(group=GROUP):
        try:
            commands[point.name] = point.load()
        except Exception as error:
            # Metadata of another installation can name a lab that is not here, or one for another engine.
            if not isinstance(error, ModuleNotFoundError) or error.name != point.module.partition(".")[0]:
                stand_ins[point.name] = (CANNOT_BE_IMPORTED, _raising(error))
    for name, (summary, refuse) in stand_ins.items():
        if name not in commands:
            app.command(name, help=summary, context_settings=_ANY_ARGUMENTS)(refuse)
    for name, command in commands.items():
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, epilog=examples_of(name))
        else:
            app.command(name, epilog=examples_of(name))(command)


def _missing(name: str) -> Callable[[], None]:
    def refuse() -> None:
        raise InputError(
            f"`medvos {name}` is part of the lab, which is not installed here: it comes with the package from the "
            "project's repository; install that with pip install . in a checkout."
        )

    return refuse


def _raising(error: Exception) -> Callable[[], None]:
    def refuse() -> None:
        raise error

    return refuse
