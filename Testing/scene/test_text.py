"""Sentences for the user can be translated, and are known by the file in which they stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from session_fakes import FakeRunner

from medvos.errors import InputError
from MedVOSSegmentLib import text
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.session import Session

LIB = Path(text.__file__).parent
SPEAKERS = {"InputError", "Fault", "say"}


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


@pytest.mark.parametrize("folder", ["job", "scene", "session"])
def test_no_sentence_for_the_user_is_a_bare_literal(folder: str):
    bare = [
        f"{path.name}:{line}"
        for path in sorted((LIB / folder).glob("*.py"))
        for line, sentence in spoken(path)
        if isinstance(sentence, ast.Constant | ast.JoinedStr)
    ]
    assert not bare
