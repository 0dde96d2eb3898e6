"""The documentation agrees with the project: links resolve, commands parse, named files exist, words are consistent."""

from __future__ import annotations

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import pytest
import typer
from extension.checkout import ROOT, tracked
from extension.markdown import CODE_SPAN, IMAGE, anchors, code_spans, fenced, links, prose

import medvos
from medvos.cli.main import app
from medvos.measure.catalogue import CATALOGUE

DOCS = ROOT / "Docs"
PAGES = sorted(path for path in tracked() if path.suffix == ".md")
# The pages of the documentation; model cards and templates of GitHub are checked for links and words alone.
OURS = [path for path in PAGES if path.parent == ROOT or path.is_relative_to(DOCS)]
CURRENT = [path for path in OURS if path.name != "CHANGELOG.md"]
INDEX = DOCS / "index.md"
README = ROOT / "README.md"
IMAGES = (".png", ".svg", ".webp")
# A Python file, or any file of the sources with its folder, such as measure/catalogue.py.
NAMED_FILE = re.compile(r"[\w./-]+\.py\b|[\w./-]+/[\w.-]+\.(?:ui|csv|json|j2|toml)\b")
# One or more names, and the file in which the sentence says they are.
PLACED = re.compile(
    r"((?:`[A-Za-z_]\w*(?:\([^`]*\))?`(?:,? and the \w+ of |,? and |, )?)+)(?:, both)? (?:in|of) `([\w./-]+\.py)`"
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def on(pages: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", pages, ids=name_of)


def commands_of(text: str) -> list[list[str]]:
    """Every `medvos ...` in the code blocks of a page, as arguments."""
    lines = [line for block in fenced(text, "sh") for line in block.splitlines()]
    pieces = [piece for line in lines for piece in line.split("&&")]
    found = [shlex.split(piece, comments=True) for piece in pieces]
    # N stands for a number of the user's.
    return [
        ["1" if argument == "N" else argument for argument in arguments[1:]]
        for arguments in found
        if arguments and Path(arguments[0]).name == "medvos"
    ]


@cache
def whole_command() -> typer.core.TyperCommand:
    """`medvos` with all its commands, none of which changes when it parses."""
    return typer.main.get_command(app)


def command_of(arguments: list[str]) -> tuple[typer.core.TyperCommand, list[str]]:
    """The command that the first arguments name, and the arguments that follow; raises KeyError where there is none."""
    command, rest = whole_command(), list(arguments)
    while isinstance(command, typer.core.TyperGroup) and rest:
        command = command.commands[rest.pop(0)]
    return command, rest


@on(PAGES)
def test_every_relative_link_and_image_resolves(page: Path):
    for link in links(page):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{link}: there is no such file"
        if anchor:
            assert anchor in anchors(path), f"{link}: there is no such heading"


@on(OURS)
def test_every_image_has_a_description(page: Path):
    for description, target in IMAGE.findall(page.read_text(encoding="utf-8")):
        assert description, target


@on(CURRENT)
def test_every_command_of_a_code_block_parses(page: Path):
    for arguments in commands_of(page.read_text(encoding="utf-8")):
        command, rest = command_of(arguments)
        try:
            # Options, required ones too, and choices are checked; nothing runs.
            command.make_context(" ".join(["medvos", *arguments]), rest)
        except typer.TyperException as error:
            pytest.fail(f"medvos {' '.join(arguments)}: {error}")


@on(CURRENT)
def test_every_command_in_a_sentence_exists_with_its_options(page: Path):
    for span in code_spans(page.read_text(encoding="utf-8")):
        if not re.match(r"medvos [a-z]", span):
            continue
        command, rest = command_of(shlex.split(span)[1:])
        if isinstance(command, typer.core.TyperGroup):
            continue
        try:
            command.make_parser(command.context_class(command)).parse_args(rest)
        except typer.TyperException as error:
            pytest.fail(f"{span}: {error}")


@pytest.mark.parametrize(
    "arguments", [["propagate", "cine", "--sead", "seed"], ["export", "result", "--to", "gif", "--out", "x"], ["info"]]
)
def test_a_wrong_command_does_not_parse(arguments: list[str]):
    command, rest = command_of(arguments)
    with pytest.raises(typer.TyperException):
        command.make_context("medvos", rest)


def test_an_unknown_command_is_noticed():
    with pytest.raises(KeyError):
        command_of(["segmentate", "cine"])


@on(CURRENT)
def test_every_named_source_file_exists(page: Path):
    names = {path.relative_to(ROOT).as_posix() for path in tracked()}
    # Angle brackets mark a placeholder.
    for span in code_spans(page.read_text(encoding="utf-8")):
        for named in () if "<" in span or "://" in span else NAMED_FILE.findall(span):
            assert any(f"/{name}".endswith(f"/{named}") for name in names), named


@on(CURRENT)
def test_every_name_that_a_page_places_in_a_source_file_is_there(page: Path):
    sources = {f"/{name_of(path)}": path for path in tracked() if path.suffix == ".py"}
    for names, file in PLACED.findall(" ".join(prose(page.read_text(encoding="utf-8")).split())):
        text = "".join(path.read_text(encoding="utf-8") for name, path in sources.items() if name.endswith(f"/{file}"))
        for name in CODE_SPAN.findall(names):
            assert re.search(rf"\b{re.escape(name.partition('(')[0])}\b", text), f"{name} in {file}"


def test_the_index_leads_to_every_page():
    reached, waiting = set(), [INDEX]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        if page == INDEX or page.name == "README.md":
            targets = {(page.parent / link.partition("#")[0]).resolve() for link in links(page) if ".md" in link}
            waiting += [target for target in targets if target.is_relative_to(DOCS) and target not in reached]
    assert reached >= {page for page in PAGES if page.is_relative_to(DOCS)}


def test_the_data_page_describes_every_data_set_that_the_lab_reads():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "MedVOSLab" / "medvos_lab").rglob("*.py")]
    folders = {name for text in sources for name in re.findall(r'dataset_folder\(\w+, "(\w+)"\)', text)}
    page = (DOCS / "data.md").read_text(encoding="utf-8")
    assert len(folders) >= 6
    assert [name for name in sorted(folders) if f"`{name}/" not in page] == []


def test_every_image_of_the_documentation_is_shown():
    shown = {(page.parent / link).resolve() for page in OURS for link in links(page)}
    assert {path for path in tracked() if path.is_relative_to(DOCS) and path.suffix in IMAGES} <= shown


def test_the_images_of_the_readme_are_small():
    images = {ROOT / target for _, target in IMAGE.findall(README.read_text(encoding="utf-8")) if "://" not in target}
    assert {"heart.webp", "method.svg"} <= {path.name for path in images}
    assert sum(path.stat().st_size for path in images) < 3e6
    assert (DOCS / "heart.webp").stat().st_size < 2e6


def test_the_readme_has_its_parts_in_order_and_the_set_up_in_the_first_screens():
    text = README.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Try it", "In 3D Slicer", "On the command line", "In Python", "200 cines", "What was measured", "How it works",
        "Limits", "Cite", "Links",
    ]  # fmt: skip
    lines = text.splitlines()
    assert next(number for number, line in enumerate(lines) if "medvos demo" in line) < 50
    assert next(number for number, line in enumerate(lines) if ".ci/run" in line) < 60
    assert len(lines) < 200


def test_the_python_of_the_readme_uses_what_the_package_exports():
    (code,) = fenced(README.read_text(encoding="utf-8"), "python")
    tree = ast.parse(code)
    names = {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "medvos"
    }
    assert names and names <= set(medvos.__all__)
    assert len([line for line in code.splitlines() if line]) <= 6


# The glossary


def entries() -> list[tuple[str, str]]:
    """(term, definition) of each entry of the glossary, in the order of the page."""
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    return re.findall(r"^\*\*(.+?)\*\*: (.+?)(?=\n\n|\Z)", text, re.MULTILINE | re.DOTALL)


@cache
def unused_words() -> frozenset[str]:
    """The synonyms that the glossary lists as not used in the documentation."""
    lists = [re.search(r"Not used: ([^.]+)\.", " ".join(definition.split())) for _, definition in entries()]
    return frozenset(word.strip() for found in lists if found for word in found[1].split(","))


def test_the_glossary_is_alphabetical_and_has_each_term_once():
    terms = [term.casefold() for term, _ in entries()]
    assert len(terms) > 50
    assert terms == sorted(set(terms))


@pytest.mark.parametrize("name", [row.name for row in CATALOGUE])
def test_the_glossary_has_the_abbreviation_of_every_measure(name: str):
    assert any(re.search(rf"\b{name}\b", f"{term} {definition}") for term, definition in entries())


def test_the_glossary_lists_words_that_are_not_used():
    assert {"chance", "picture", "crumb"} <= unused_words()


@on([page for page in PAGES if page.name not in ("glossary.md", "CHANGELOG.md")])
def test_no_page_uses_a_word_that_the_glossary_excludes(page: Path):
    text = prose(page.read_text(encoding="utf-8"))
    words = CODE_SPAN.sub("", re.sub(r"\]\([^)]*\)", "]", text)).casefold()
    for word in unused_words():
        assert not re.search(rf"\b{re.escape(word)}s?\b", words), word
