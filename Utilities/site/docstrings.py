"""Docstrings of the project as numpydoc, for mkdocstrings.

The project writes `name: what it is` in sections of parameters and errors, and examples where they belong. Numpydoc
wants the name on a line of its own, and examples in a section.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

SECTION = re.compile(r"^(Parameters|Raises|Returns)\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^(\*{0,2}\w[\w, .*]*): +(.+)$", re.MULTILINE)
# An example and what it prints, up to an empty line or the end of the text.
EXAMPLE = re.compile(r"^>>> .*(?:\n(?!\n)\S.*|\n\.\.\. ?.*|\n {4}.*)*", re.MULTILINE)


def as_numpydoc(text: str) -> str:
    """Return a docstring with each name on a line of its own and with its examples in a section at the end.

    >>> print(as_numpydoc("Add.\\n\\nParameters\\n----------\\na: a number."))
    Add.
    <BLANKLINE>
    Parameters
    ----------
    a
        a number.
    """
    examples = EXAMPLE.findall(text)
    text = EXAMPLE.sub("", text)

    def split(section: re.Match[str]) -> str:
        entries = ENTRY.sub(r"\1\n    \2", section[2].strip("\n"))
        return f"{section[1]}\n{'-' * len(section[1])}\n{entries}\n\n"

    text = re.sub(r"\n{3,}", "\n\n", SECTION.sub(split, text)).strip()
    if examples:
        shown = [example.replace("  # doctest: +SKIP", "") for example in examples]
        text += "\n\nExamples\n--------\n" + "\n\n".join(shown)
    return text


class Numpydoc(griffe.Extension):
    """Rewrites each docstring before it is parsed."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring is not None:
            obj.docstring.value = as_numpydoc(obj.docstring.value)
