"""What the Extensions Index asks of an extension."""

from __future__ import annotations

import json
import re

import jsonschema
from extension.checkout import MODULE, ROOT, tracked
from PIL import Image

LARGEST_CHECKOUT = 100 * 2**20
# The rules of Slicer's slicer-extension-catalog-entry-schema-v1.0.1.json.
CATALOG_ENTRY = {
    "type": "object",
    "required": ["$schema", "category", "scm_url"],
    "additionalProperties": False,
    "properties": {
        **{
            name: {"type": "string"}
            for name in ("$schema", "category", "scm_url", "scm_revision", "build_subdirectory")
        },
        "scm_type": {"enum": ["git", "local"]},
        "build_dependencies": {"type": "array", "items": {"type": "string"}},
        "enabled": {"type": "boolean"},
        "tier": {"enum": [1, 3, 5]},
    },
}


def cmake_value(name: str) -> str:
    found = re.search(rf'set\({name} "(.*?)"\)', (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))
    assert found, f"CMakeLists.txt sets no {name}"
    return found[1]


def test_the_catalog_entry_follows_the_schema():
    entry = json.loads((ROOT / "MedVOSSegment.json").read_text(encoding="utf-8"))
    jsonschema.validate(entry, CATALOG_ENTRY)
    assert entry["$schema"].endswith("slicer-extension-catalog-entry-schema-v1.0.1.json#")


def test_the_catalog_entry_and_cmake_say_the_same():
    entry = json.loads((ROOT / "MedVOSSegment.json").read_text(encoding="utf-8"))
    assert "project(MedVOSSegment)" in (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert entry["category"] == cmake_value("EXTENSION_CATEGORY")
    assert entry["build_dependencies"] == cmake_value("EXTENSION_DEPENDS").split()
    assert entry["scm_url"].removesuffix(".git") == cmake_value("EXTENSION_HOMEPAGE")


def test_the_files_that_the_catalog_shows_are_in_the_checkout():
    for name in ("EXTENSION_ICONURL", "EXTENSION_SCREENSHOTURLS"):
        for url in cmake_value(name).split():
            assert (ROOT / url.partition("/main/")[2]).is_file(), url


def test_the_icon_has_the_size_that_the_catalog_wants():
    for path in (ROOT / "MedVOSSegment.png", MODULE / "Resources" / "Icons" / "MedVOSSegment.png"):
        with Image.open(path) as icon:
            assert icon.format == "PNG" and icon.size == (128, 128)


def test_the_licence_and_the_citation_are_there():
    assert "Apache License" in (ROOT / "LICENSE.txt").read_text(encoding="utf-8")
    assert "cff-version" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_checkout_is_small_enough():
    assert sum(path.stat().st_size for path in tracked()) < LARGEST_CHECKOUT
