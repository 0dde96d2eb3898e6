"""The documentation builds as a site without a warning; links, commands and docstrings are right there."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer
from extension.checkout import ROOT, tracked

import medvos
from medvos.cli.main import app

if "CI" not in os.environ:  # there a missing package is an error, not a reason to skip
    pytest.importorskip("mkdocs", reason="the site is built with MkDocs")
    pytest.importorskip("mkdocstrings", reason="the Python API is read with mkdocstrings")


def part(name: str) -> ModuleType:
    """One of the scripts that make the site; they are no package."""
    spec = importlib.util.spec_from_file_location(f"site_{name}", ROOT / "Utilities" / "site" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site; a warning of any part of the build is an error."""
    folder = tmp_path_factory.mktemp("site")
    # What the network would be needed for fails here.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "https_proxy": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def words_of(page: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")).split())


def test_every_page_of_the_documentation_and_every_card_is_on_the_site(site: Path):
    pages = [path for path in tracked() if path.is_relative_to(ROOT / "Docs") and path.suffix in (".md", ".ipynb")]
    for page in pages:
        name = page.relative_to(ROOT / "Docs").with_suffix("")
        place = name.parent if name.name in ("index", "README") else name
        assert (site / place / "index.html").is_file(), page
    for card in (ROOT / "MedVOSResources" / "Models").glob("*.md"):
        assert (site / "models" / card.stem / "index.html").is_file(), card


def test_it_loads_nothing_from_elsewhere(site: Path):
    page = (site / "index.html").read_text(encoding="utf-8")
    loaded = re.findall(r'<(?:script|img|iframe)[^>]+src="([^"]+)', page)
    loaded += re.findall(r'<link[^>]+rel="stylesheet"[^>]+href="([^"]+)', page)
    assert loaded
    assert not [name for name in loaded if "://" in name]


def test_the_reference_has_every_command_and_every_exported_name(site: Path):
    commands = words_of(site / "reference" / "commands" / "index.html")
    people = {name: each for name, each in typer.main.get_command(app).commands.items() if not each.hidden}
    for name, command in people.items():
        for child in getattr(command, "commands", {"": command}):
            assert f"medvos {name} {child}".strip() in commands
    api = (site / "reference" / "python" / "index.html").read_text(encoding="utf-8")
    assert [name for name in medvos.__all__ if f"medvos.{name}" not in api] == []
    assert "&gt;&gt;&gt;" in api


PAGES = {"Docs/index.md": "index.md", "Docs/how-to/model.md": "how-to/model.md", "CHANGELOG.md": "changelog.md"}


@pytest.mark.parametrize(
    ("source", "link", "there"),
    [
        ("Docs/index.md", "../CHANGELOG.md#unreleased", "changelog.md#unreleased"),
        ("Docs/how-to/model.md", "../index.md", "../index.md"),
        ("Docs/how-to/model.md", "../../CHANGELOG.md", "../changelog.md"),
        ("CHANGELOG.md", "Docs/how-to/model.md", "how-to/model.md"),
        ("Docs/index.md", "../LICENSE.txt", "https://example.org/blob/main/LICENSE.txt"),
        ("CHANGELOG.md", "MedVOSLab", "https://example.org/tree/main/MedVOSLab"),
        ("CHANGELOG.md", "https://semver.org", "https://semver.org"),
        ("CHANGELOG.md", "#unreleased", "#unreleased"),
    ],
)
def test_a_link_of_github_leads_to_the_same_on_the_site(source: str, link: str, there: str):
    for_site = part("links").for_site
    assert for_site(f"[it]({link})", source, PAGES, ROOT, "https://example.org") == f"[it]({there})"


def test_code_is_no_link_and_a_link_to_nothing_is_an_error():
    for_site = part("links").for_site
    code = "`[a](../CHANGELOG.md)`\n\n```sh\n[b](../CHANGELOG.md)\n```\n"
    assert for_site(code, "Docs/index.md", PAGES, ROOT, "") == code
    with pytest.raises(FileNotFoundError, match="nowhere"):
        for_site("[a](nowhere.md)", "Docs/index.md", PAGES, ROOT, "")


def test_a_command_has_its_usage_its_options_and_its_examples():
    toy = typer.Typer()

    @toy.command("walk", epilog="Examples:\n\n\b\nmedvos walk north\nmedvos walk south")
    def walk(place: str, steps: int = typer.Option(3, help="How far, or <none>.")) -> None:
        """Go to PLACE."""

    @toy.command("stay")
    def stay() -> None:
        """Stay."""

    text = part("commands").command_reference(toy, "medvos")
    assert "## medvos walk\n\nGo to PLACE." in text
    assert "| `--steps" in text and "&lt;none>" in text and "[default: 3]" in text
    assert "```sh\nmedvos walk north\nmedvos walk south\n```" in text
    assert "## medvos stay" in text
    assert "--help" not in text


def test_docstrings_of_the_project_become_numpydoc():
    text = part("docstrings").as_numpydoc(
        "Add.\n\n>>> add(1)\n2\n\nMore.\n\nParameters\n----------\na: a number\n    of any size.\n\n"
        "Raises\n------\nInputError: where it is none.\n\n>>> add(3)  # doctest: +SKIP\n"
    )
    assert "a\n    a number\n    of any size." in text
    assert "InputError\n    where it is none." in text
    assert text.endswith("Examples\n--------\n>>> add(1)\n2\n\n>>> add(3)")
    assert "\nMore.\n" in text
