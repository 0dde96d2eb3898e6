"""The reference of the command line as Markdown, from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

HELP_OPTIONS = ("--help", "-h")


def command_reference(app: typer.Typer, name: str) -> str:
    """Return a section for each command of `app`, which is called as `name`, in the order of its help."""
    return "\n\n".join(_sections(typer.main.get_command(app), None, name, level=2))


def _sections(command: Any, parent: Any, name: str, level: int) -> Iterator[str]:
    # Nothing is parsed: the context only tells the command what it is called.
    context = command.context_class(command, parent=parent, info_name=name.rpartition(" ")[2])
    if parent is not None:
        usage = " ".join(command.collect_usage_pieces(context)).replace("{", "").replace("}", "")
        parts = [f"{'#' * level} {name}", _prose(command.help), f"```text\n{name} {usage}\n```"]
        parts += [_table(command, context), _prose(command.epilog)]
        yield "\n\n".join(part for part in parts if part)
        level += 1
    for child in getattr(command, "commands", {}).values():
        if not child.hidden:
            yield from _sections(child, context, f"{name} {child.name}", level)


def _prose(text: str | None) -> str:
    """Return a help text as Markdown: an indented block, or one after a lone ``\\b``, is an example to copy."""
    blocks = re.split(r"\n[ \t]*\n", text.strip("\n")) if text else []
    return "\n\n".join(_block(block) for block in blocks if block.strip())


def _block(block: str) -> str:
    lines = [line for line in block.splitlines() if line.strip() != "\b"]
    commands = [line.strip() for line in lines if line.strip().startswith(("medvos ", "$ "))]
    if len(commands) == len(lines):
        return "```sh\n" + "\n".join(line.removeprefix("$ ") for line in commands) + "\n```"
    if commands:
        words = [line.strip() for line in lines if line.strip() not in commands]
        return f"{' '.join(words)}\n\n" + "```sh\n" + "\n".join(commands) + "\n```"
    return " ".join(line.strip() for line in lines)


def _table(command: Any, context: Any) -> str:
    rows = [_row(param, context) for param in command.params if not _is_hidden(param)]
    return "\n".join(["| | |", "|---|---|", *rows]) if rows else ""


def _is_hidden(param: Any) -> bool:
    return getattr(param, "hidden", False) or any(option in HELP_OPTIONS for option in param.opts)


def _row(param: Any, context: Any) -> str:
    names, meaning = param.get_help_record(context)
    names = names.replace("{", "").replace("}", "")
    # A vertical line would begin another cell, and Markdown takes angle brackets for HTML.
    meaning = " ".join(meaning.split()).replace("|", "\\|").replace("<", "&lt;")
    return f"| `{names.replace('|', ' or ')}` | {meaning} |"
