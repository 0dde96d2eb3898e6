"""The checker of imports finds each kind of forbidden import in a package made for the purpose."""

from __future__ import annotations

from pathlib import Path

import pytest
from extension.import_rules import Arrow, arrows, between_floors, circles, forbidden, modules_of, upward

FLOORS = ("ground", "middle", "top", "__init__")
SOUND = {
    "__init__.py": "from pack.top.roof import beam\n",
    "ground.py": "import json\n",
    "middle/__init__.py": "",
    "middle/wall.py": "from pack import ground\n",
    "middle/door.py": "from pack.middle.wall import handle\n",
    "top/__init__.py": "",
    "top/roof.py": "from pack.middle.wall import handle\nimport pack.ground\n",
}


@pytest.fixture
def package(tmp_path: Path):
    """Writes `SOUND` with some files replaced, named ``floor__module``, and returns the package's folder."""

    def made(**changed: str) -> Path:
        root = tmp_path / "pack"
        own = {f"{name.replace('__', '/')}.py": text for name, text in changed.items()}
        files = {**SOUND, **own}
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return root

    return made


def test_a_sound_package_has_neither(package):
    found = arrows(package())
    assert Arrow("pack.top.roof", "pack.middle.wall") in found and Arrow("pack.middle.wall", "pack.ground") in found
    assert not upward(found, FLOORS) and not circles(found) and not circles(between_floors(found))


@pytest.mark.parametrize(
    "text",
    [
        "from pack.top.roof import beam\n",
        "import pack.top.roof\n",
        "from pack.top import roof\n",
        "from pack import top\n",
        "from ..top.roof import beam\n",
        "from ..top import roof as r\n",
        "def build():\n    from pack.top.roof import beam\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pack.top.roof import beam\n",
        "try:\n    import pack.top.roof\nexcept ImportError:\n    pass\n",
        "import pack\n",
        "from pack import beam\n",
        "import importlib\ndef f():\n    importlib.import_module('pack.top.roof')\n",
        "from importlib import import_module\nbeam = import_module(name='pack.top.roof').beam\n",
        "from importlib import import_module\nimport_module('..top.roof', __package__)\n",
        "__import__('pack.top.roof')\n",
    ],
)
def test_an_import_of_a_higher_floor_is_found_wherever_it_stands(package, text):
    found = upward(arrows(package(middle__wall=text)), FLOORS)
    assert [arrow.source for arrow in found] == ["pack.middle.wall"]


def test_a_floor_that_nobody_has_placed_is_found(package):
    found = upward(arrows(package(middle__wall="import pack.annex\n", annex="import pack.ground\n")), FLOORS)
    assert found == [Arrow("pack.middle.wall", "pack.annex")]


def test_floors_of_equal_height_do_not_exist(package):
    found = arrows(package(annex="import pack.shed\n", shed="import pack.annex\n"))
    assert upward(found, FLOORS) == [Arrow("pack.annex", "pack.shed"), Arrow("pack.shed", "pack.annex")]


def test_a_circle_within_a_floor_is_found(package):
    found = arrows(package(middle__wall="def f():\n    from pack.middle import door\n"))
    assert not upward(found, FLOORS)
    assert circles(found) == [["pack.middle.door", "pack.middle.wall"]]


def test_a_circle_over_three_modules_is_found(package):
    found = arrows(package(middle__wall="import pack.middle.key\n", middle__key="import pack.middle.door\n"))
    assert circles(found) == [["pack.middle.door", "pack.middle.key", "pack.middle.wall"]]


def test_a_circle_between_floors_is_found_where_no_module_is_in_one(package):
    found = arrows(
        package(
            top__roof="", middle__wall="", middle__door="import pack.top.roof\n", top__tile="import pack.middle.wall\n"
        )
    )
    assert not circles(found)
    assert circles(between_floors(found)) == [["middle", "top"]]


@pytest.mark.parametrize(
    "text",
    [
        "from pack_lab import recipe\n",
        "def f():\n    import pack_lab.recipe\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pack_lab.recipe import Recipe\n",
        "import importlib\nimportlib.import_module('pack_lab.recipe')\n",
        "__import__('pack_lab')\n",
    ],
)
def test_a_forbidden_package_is_found_wherever_it_is_imported(package, text):
    modules = modules_of(package(middle__wall=text))
    assert {arrow.source for arrow in forbidden(modules, {"pack_lab"})} == {"pack.middle.wall"}
    assert not forbidden(modules, {"pack_la", "lab"})


def test_a_name_that_is_only_known_when_the_program_runs_is_no_arrow(package):
    text = "from importlib import import_module\ndef f(name):\n    return import_module(name)\n"
    assert not upward(arrows(package(middle__wall=text)), FLOORS)
