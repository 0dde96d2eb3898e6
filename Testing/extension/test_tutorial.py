"""The images of the tutorial exist, are all shown, and are small enough to load."""

from __future__ import annotations

import re

import pytest
from extension.checkout import ROOT
from PIL import Image

DOCS = ROOT / "Docs"
LARGEST_TOGETHER = 2 * 2**20


@pytest.fixture(scope="module")
def images() -> list[str]:
    """Paths of the images in the tutorial, relative to its folder."""
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (DOCS / "tutorial.md").read_text(encoding="utf-8"))


def test_every_image_can_be_read(images: list[str]):
    assert images
    for name in images:
        with Image.open(DOCS / name) as image:
            image.load()
            assert image.format in ("WEBP", "JPEG") and min(image.size) > 300


def test_every_image_is_shown(images: list[str]):
    there = {path.relative_to(DOCS).as_posix() for path in (DOCS / "tutorial").iterdir()}
    assert there | {"panel.webp"} == set(images)


def test_all_images_together_are_small(images: list[str]):
    assert sum((DOCS / name).stat().st_size for name in set(images)) < LARGEST_TOGETHER


def test_the_readme_links_to_the_tutorial():
    assert "(Docs/tutorial.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
