"""Which modules of a package import which, and the imports that go up, out or round in a circle.

Imports inside functions and under ``TYPE_CHECKING`` count like any other: an annotation that names a higher floor ties
the lower one to it as much as a call does. So do names given as text to ``import_module`` and ``__import__``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Arrow:
    """One import: from module ``source`` to module ``target``, both by dotted name."""

    source: str
    target: str


def modules_of(package: Path) -> dict[str, Path]:
    """Dotted name to file, of every module below a package's folder; a folder stands for its ``__init__.py``."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path, module: str) -> Iterator[str]:
    """Yield the dotted names that a file imports anywhere; relative ones are resolved."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _resolved(node.module or "", node.level, package)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            for given in (*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "name")):
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    name = given.value.lstrip(".")
                    yield _resolved(name, len(given.value) - len(name), package)


def _resolved(name: str, dots: int, package: Sequence[str]) -> str:
    """The dotted name that a module of ``package`` means by ``name`` after so many dots."""
    above = package[: len(package) - dots + 1] if dots else []
    return ".".join([*above, *([name] if name else [])])


def _called(node: ast.Call) -> str:
    """The last name of what is called: ``import_module`` for ``importlib.import_module(...)``."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def forbidden(modules: Mapping[str, Path], tops: set[str]) -> list[Arrow]:
    """Return the imports from these files of a package or module whose first name is among ``tops``."""
    return [
        Arrow(source, name)
        for source, path in modules.items()
        for name in imported(path, source)
        if name.partition(".")[0] in tops
    ]


def arrows(package: Path) -> list[Arrow]:
    """Return the imports between modules of one package.

    ``from a.b import c`` leads to ``a.b.c`` where that is a module, else to ``a.b``.
    """
    modules = modules_of(package)
    found = []
    for source, path in modules.items():
        for name in imported(path, source):
            target = name if name in modules else name.rpartition(".")[0]
            if target in modules and target != source:
                found.append(Arrow(source, target))
    return sorted(set(found), key=lambda arrow: (arrow.source, arrow.target))


def floor_of(module: str) -> str:
    """The floor of a module: the folder or file directly below the package; ``__init__`` for the package's own face."""
    return module.split(".")[1] if "." in module else "__init__"


def upward(found: Sequence[Arrow], floors: Sequence[str]) -> list[Arrow]:
    """Return the arrows to a higher floor; a floor that is not in the list counts as higher than all."""
    height = {floor: number for number, floor in enumerate(floors)}
    return [
        arrow
        for arrow in found
        if floor_of(arrow.source) != floor_of(arrow.target)
        and height.get(floor_of(arrow.target), len(floors)) >= height.get(floor_of(arrow.source), len(floors))
    ]


def circles(found: Sequence[Arrow]) -> list[list[str]]:
    """Return groups of modules that import each other in a circle, smallest names first."""
    targets: dict[str, set[str]] = {}
    for arrow in found:
        targets.setdefault(arrow.source, set()).add(arrow.target)
    reached = {module: _reached(module, targets) for module in targets}
    groups = {
        tuple(sorted(other for other in reached[module] if module in reached.get(other, ())))
        for module in targets
        if module in reached[module]
    }
    return [list(group) for group in sorted(groups)]


def between_floors(found: Sequence[Arrow]) -> list[Arrow]:
    """Return the arrows between floors, each floor as one node."""
    pairs = {(floor_of(arrow.source), floor_of(arrow.target)) for arrow in found}
    return [Arrow(source, target) for source, target in sorted(pairs) if source != target]


def _reached(start: str, targets: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [*targets.get(start, ())]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += targets.get(module, ())
    return found
