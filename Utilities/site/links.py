"""Links between pages that are right on GitHub, made right on the site.

On GitHub a page links to files of the repository by relative paths. On the site the pages lie in other places, and
files that are no pages have no address at all: they are linked on GitHub.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

# Code, in which nothing is a link, or the target of a link or an image.
CODE_OR_TARGET = re.compile(
    r"(?P<code>^(?P<fence>```+|~~~+).*?^(?P=fence)[ \t]*$|`[^`\n]+`(?!\]))|(?<=\]\()(?P<target>[^)\s]+)(?=\))",
    re.MULTILINE | re.DOTALL,
)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#")


def for_site(markdown: str, source: str, pages: Mapping[str, str], root: Path, repository: str) -> str:
    """Return the Markdown of a page with each relative link as it must be on the site.

    Parameters
    ----------
    markdown: text of the page.
    source: path of its file in the repository, such as ``Docs/index.md``.
    pages: path in the repository -> address of the page on the site, for all pages.
    root: the checkout.
    repository: address of the repository on GitHub, where files are linked that are no pages.

    Raises FileNotFoundError where a link leads to no file of the checkout.

    >>> pages = {"Docs/index.md": "index.md", "CHANGELOG.md": "changelog.md"}
    >>> for_site("[Changes](../CHANGELOG.md)", "Docs/index.md", pages, Path.cwd(), "https://example.org")
    '[Changes](changelog.md)'
    """
    here = PurePosixPath(pages[source])

    def rewritten(found: re.Match[str]) -> str:
        target = found["target"]
        if target is None or ELSEWHERE.match(target):
            return found[0]
        path, hash_sign, anchor = target.partition("#")
        file = os.path.normpath(PurePosixPath(source).parent / path).replace(os.sep, "/")
        if file in pages:
            return os.path.relpath(pages[file], here.parent).replace(os.sep, "/") + hash_sign + anchor
        if not (root / file).exists():
            raise FileNotFoundError(f"{source} links to {target}, which does not exist")
        kind = "tree" if (root / file).is_dir() else "blob"
        return f"{repository}/{kind}/main/{file}{hash_sign}{anchor}"

    return CODE_OR_TARGET.sub(rewritten, markdown)
