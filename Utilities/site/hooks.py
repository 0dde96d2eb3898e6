"""Hooks of MkDocs: pages from outside of Docs, generated references, links that are right on GitHub and on the site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import api
import links

import medvos

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
DOCS = "Docs"
CARDS = "MedVOSResources/Models"
# Files outside of Docs that are pages of the site, beside the model cards.
ELSEWHERE = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
# On GitHub a sentence stands there; on the site it is followed by what is generated.
API = "<!-- generated: api -->"


def outside() -> dict[str, str]:
    """Path in the repository -> address on the site, of each page outside of Docs."""
    cards = sorted((ROOT / CARDS).glob("*.md"))
    return {**ELSEWHERE, **{f"{CARDS}/{card.name}": f"models/{card.name}" for card in cards}}


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages from outside of Docs."""
    from mkdocs.structure.files import File, InclusionLevel

    for source, address in outside().items():
        text = (ROOT / source).read_text(encoding="utf-8")
        # The cards are reached from their table, the others from the navigation.
        level = InclusionLevel.INCLUDED if source in ELSEWHERE else InclusionLevel.NOT_IN_NAV
        files.append(File.generated(config, address, content=text, inclusion=level))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in what is generated, and make the links right for the site."""
    address = page.file.src_uri
    sources = {site: source for source, site in outside().items()}
    pages = {sources.get(file.src_uri, f"{DOCS}/{file.src_uri}"): file.src_uri for file in files}
    source = sources.get(address, f"{DOCS}/{address}")
    repository = (config.repo_url or "").rstrip("/")
    markdown = links.for_site(markdown, source, pages, ROOT, repository)
    if API in markdown:
        markdown = markdown.replace(API, api.api_reference(medvos))
    return markdown
