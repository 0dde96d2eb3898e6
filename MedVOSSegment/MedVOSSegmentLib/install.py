"""Installing the Python packages of the segmentation process into Slicer, at first use and with the user's consent."""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from medvos.errors import InputError
from MedVOSSegmentLib.text import tr

if TYPE_CHECKING:
    from packaging.requirements import Requirement

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements.txt"
# Not in requirements.txt: PyTorch has a build for each graphics card, and the PyTorch extension knows which one fits.
TORCH = "torch>=2.4"
# How the engine advises those who use it outside of Slicer.
PIP = re.compile(r"(?:run: )?\bpip install (?:'[^']*'|[\w\[\]-]+)")


def requirements(path: Path = REQUIREMENTS) -> list[str]:
    """Return PyTorch and the lines of `path` that name a package."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [TORCH, *(line for line in lines if line and not line.startswith("#"))]


def missing(wanted: Sequence[str]) -> list[str]:
    """Return those of `wanted` that are not installed at a fitting version, without importing them.

    Packages that were found are not looked for again: it takes some milliseconds for each, on the window's thread.
    """
    _found.update(line for line in wanted if line not in _found and _installed(line))
    return [line for line in wanted if line not in _found]


def install(lacking: Sequence[str], ask: Callable[[str], bool], torch_utils: ModuleType | None, pip: Any) -> None:
    """Install `lacking` with the user's consent; call it on the main thread.

    `ask` shows a question and returns the answer. `torch_utils` is the module of the PyTorch extension, None where it
    is not installed. `pip` takes a list of requirements.
    Raises InputError where the extension is missing, the user declines or the installation fails.
    """
    if not lacking:
        return
    _found.clear()
    names = ", ".join(_name(line) for line in lacking)
    if TORCH in lacking and torch_utils is None:
        raise InputError(
            tr(
                "The PyTorch extension is not installed: "
                "get it in the Extensions Manager, restart Slicer and try again."
            )
        )
    question = tr(
        "MedVOSSegment needs these Python packages, which are not installed yet: {names}.\n\n"
        "They are downloaded from the internet once; PyTorch is large and can take some minutes. Install them now?"
    )
    if not ask(question.format(names=names)):
        raise InputError(tr("Nothing was installed; agree to install {names} to go on.").format(names=names))
    try:
        if TORCH in lacking and torch_utils is not None:
            torch_utils.PyTorchUtilsLogic().installTorch(torchVersionRequirement=TORCH.removeprefix("torch"))
        rest = [line for line in lacking if line != TORCH]
        if rest:
            pip(rest)
    except Exception as error:
        logging.exception("The installation of %s failed", names)
        raise InputError(
            tr("The packages could not be installed: check the internet connection and the free space, then try again.")
        ) from error


def without_pip(sentence: str) -> str:
    """Return a sentence of the engine with what to do in Slicer, whose Python no pip at a prompt reaches.

    >>> without_pip("The PDF needs the package reportlab, which is not installed: pip install 'reportlab>=4.2'.")
    'The PDF needs the package reportlab, which is not installed: start again and agree to its installation.'
    """
    return PIP.sub(tr("start again and agree to its installation"), sentence)


def optional(name: str) -> ModuleType | None:
    """Import a module of Slicer or of another extension; None where it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def pip_of_slicer(util: ModuleType, packaging: ModuleType | None) -> Callable[[list[str]], Any]:
    """Return the installer of this Slicer: `slicer.packaging` from 5.11 on, `slicer.util.pip_install` before."""
    if packaging is not None and hasattr(packaging, "pip_ensure"):
        return lambda lines: packaging.pip_ensure(_parsed(lines), requester="MedVOSSegment", prompt_install=False)
    return lambda lines: util.pip_install(" ".join(lines))


_found: set[str] = set()


def _parsed(lines: Sequence[str]) -> list[Requirement]:
    from packaging.requirements import Requirement

    return [Requirement(line) for line in lines]


def _installed(line: str) -> bool:
    (requirement,) = _parsed([line])
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False


def _name(line: str) -> str:
    return _parsed([line])[0].name
