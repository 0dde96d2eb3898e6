"""Print the release notes of a tag: its section of CHANGELOG.md.

    python Utilities/release_notes.py v0.2.0

Exit 1 where the package has another version, or where the changelog has no section of this version with a date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECTION = r"^## \[{version}\] - \d{{4}}-\d\d-\d\d\n(?P<notes>.*?)(?=^## \[|^\[Unreleased\]:)"


def release_notes(tag: str, version: str, changelog: str) -> str:
    """Return the notes of the release `tag` of a package of `version`.

    >>> release_notes("v1.0.0", "1.0.0", "## [1.0.0] - 2026-01-31\n\nFirst.\n\n[Unreleased]: https://example.org")
    'First.'

    Raises ValueError where the tag does not name the version or the changelog has no dated section of it.
    """
    if tag != f"v{version}":
        raise ValueError(f"The tag {tag} does not name the version of the package, {version}.")
    found = re.search(SECTION.format(version=re.escape(version)), changelog, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"CHANGELOG.md has no section [{version}] with a date.")
    return found["notes"].strip()


def main(tag: str) -> None:
    """Print the notes of `tag` for the files of the checkout."""
    source = (ROOT / "MedVOSSegment" / "medvos" / "version.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "(.+?)"', source)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        sys.stdout.write(release_notes(tag, found[1] if found else "unknown", changelog) + "\n")
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
