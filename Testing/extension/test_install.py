"""Packages are installed after asking, through what the Slicer at hand offers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from medvos.errors import InputError
from MedVOSSegmentLib.install import TORCH, install, missing, pip_of_slicer, requirements


class TorchUtils:
    """The module of the PyTorch extension, as far as it matters."""

    def __init__(self) -> None:
        self.wanted: list[str] = []

    def PyTorchUtilsLogic(self) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(installTorch=lambda **options: self.wanted.append(options["torchVersionRequirement"]))


def test_what_is_installed_is_not_missing():
    assert missing(["numpy>=1.26", "numpy>=1000", "no-such-package>=1"]) == ["numpy>=1000", "no-such-package>=1"]


def test_what_was_found_is_not_looked_for_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("MedVOSSegmentLib.install._found", set())
    assert missing(["pytest>=1", "no-such-package>=2"]) == ["no-such-package>=2"]
    asked: list[str] = []
    monkeypatch.setattr("MedVOSSegmentLib.install.version", lambda name: asked.append(name) or "1.0")
    assert missing(["pytest>=1", "no-such-package>=0.5"]) == []
    assert asked == ["no-such-package"]


def test_pytorch_is_among_the_requirements():
    assert TORCH in requirements()


def test_nothing_is_asked_when_nothing_is_missing():
    install([], ask=lambda text: pytest.fail("asked"), torch_utils=None, pip=None)


def test_pytorch_comes_through_its_extension_and_the_rest_through_pip():
    torch_utils, piped, asked = TorchUtils(), [], []
    install([TORCH, "rich>=13"], lambda text: asked.append(text) or True, torch_utils, piped.extend)
    assert torch_utils.wanted == [">=2.4"]
    assert piped == ["rich>=13"]
    assert len(asked) == 1 and "torch" in asked[0] and "rich" in asked[0]


def test_without_the_extension_the_user_is_asked_to_install_it():
    with pytest.raises(InputError, match="Extensions Manager"):
        install([TORCH], lambda text: True, None, lambda lines: None)


def test_nothing_is_installed_when_the_user_declines():
    torch_utils = TorchUtils()
    with pytest.raises(InputError, match="Nothing was installed"):
        install([TORCH, "rich"], lambda text: False, torch_utils, lambda lines: pytest.fail("installed"))
    assert not torch_utils.wanted


def test_a_failed_installation_says_what_to_do():
    def fail(lines: list[str]) -> None:
        raise OSError("no network")

    with pytest.raises(InputError, match="internet connection"):
        install(["rich"], lambda text: True, None, fail)


def test_slicers_own_packaging_is_used_where_there_is_one():
    calls = []

    def pip_ensure(requirements: list, **options: object) -> None:
        # Slicer's takes parsed requirements and reads these attributes; a text has none of them.
        calls.append(([(each.name, str(each.specifier), each.marker) for each in requirements], options))

    pip_of_slicer(SimpleNamespace(), SimpleNamespace(pip_ensure=pip_ensure))(["rich>=13"])
    assert calls == [([("rich", ">=13", None)], {"requester": "MedVOSSegment", "prompt_install": False})]


def test_an_older_slicer_installs_with_its_util():
    calls = []
    pip_of_slicer(SimpleNamespace(pip_install=calls.append), None)(["rich>=13", "typer"])
    assert calls == ["rich>=13 typer"]
