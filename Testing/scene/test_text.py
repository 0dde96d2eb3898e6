"""Sentences for the user can be translated, and are known by the file in which they stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from session_fakes import FakeRunner

from medvos.errors import InputError
from MedVOSSegmentLib import text
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.session import Session

LIB = Path(text.__file__).parent
SPEAKERS = {"InputError", "Fault", "say", "SetTitle", "SetXAxisTitle", "SetYAxisTitle", "ask"}
# The self-test speaks to developers.
FILES = [
    path
    for folder in (LIB, LIB.parent / "MedVOSSegmentWidgets")
    for path in sorted(folder.rglob("*.py"))
    if path.name != "self_test.py"
]
TRANSLATED = {"tr", "_", "translate"}
# Functions whose texts are for the log or for programs.
SILENT = {"info", "warning", "exception", "connect", "getLogger", "compile"}
WORDS = re.compile(r"\w+,?( \w+,?){3,}|^[A-Z]\w+ \w+ \w+")


@pytest.fixture
def translated() -> Iterator[list[str]]:
    """Names of the files whose sentences were asked for; all of them are given backwards."""
    files: list[str] = []

    def backwards(file: str, sentence: str) -> str:
        files.append(Path(file).name)
        return sentence[::-1]

    text.use(backwards)
    yield files
    text.use(None)


def test_without_a_translation_a_sentence_stays_as_it_is():
    assert text.tr("Draw one slice.") == "Draw one slice."


def test_a_sentence_is_translated_in_the_context_of_its_file(translated: list[str], logics: Logics):
    session = Session(logics, FakeRunner())
    with pytest.raises(InputError, match=r"\.tsrif eno daol"):
        session.seed.make_segments()
    assert translated == ["workspace.py"]


def spoken(path: Path) -> Iterator[tuple[int, ast.expr]]:
    """The sentences that a file hands to the user, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SPEAKERS:
                yield node.lineno, node.args[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_sentence_for_the_user_is_a_bare_literal(path: Path):
    said = [line for line, sentence in spoken(path) if isinstance(sentence, ast.Constant | ast.JoinedStr)]
    assert not said
    assert not list(bare(path))


def bare(path: Path) -> Iterator[tuple[int, str]]:
    """Texts of several words that are neither translated nor docstrings, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in TRANSLATED | SILENT or name.endswith("ValueError") or name.endswith("TimeoutError"):
                passed.update(each for argument in node.args for each in ast.walk(argument))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(node.value)
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in passed
        if is_text and WORDS.search(node.value) and not _is_code(node.value):
            yield node.lineno, node.value


def _is_code(text: str) -> bool:
    """Patterns, style sheets, entries of file formats and names of undo steps, which nobody sees."""
    marks = ("\n", "\\", "|", "{", ":=", "kinds: ")
    return any(mark in text for mark in marks) or text == "choice of ED and ES"
