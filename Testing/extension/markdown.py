"""Read Markdown as GitHub does: links, images, anchors, code."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def prose(text: str) -> str:
    """Return the text without fenced code blocks."""
    return FENCE.sub("", text)


def fenced(text: str, language: str) -> list[str]:
    """Return the content of each fenced code block of one language."""
    return [content for name, content in FENCE.findall(text) if name == language]


def code_spans(text: str) -> list[str]:
    """Return each inline code span; a span over two lines is joined."""
    return [" ".join(span.split()) for span in CODE_SPAN.findall(prose(text))]


def links(path: Path) -> list[str]:
    """Return the target of each link and image of a file."""
    text = CODE_SPAN.sub("", prose(path.read_text(encoding="utf-8")))
    return LINK.findall(text) + [target for _, target in IMAGE.findall(text)]


def anchors(path: Path) -> set[str]:
    """Return the anchor that GitHub gives each heading: `## Below its aims` -> ``below-its-aims``."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in HEADING.findall(prose(path.read_text(encoding="utf-8"))):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found
