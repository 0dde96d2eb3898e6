"""The reference of the Python API: directives for mkdocstrings, from the names that the package exports."""

from __future__ import annotations

from types import ModuleType


def api_reference(package: ModuleType) -> str:
    """Return a directive for each exported name: functions, then classes, then errors, by name.

    >>> import medvos
    >>> api_reference(medvos).splitlines()[0]
    '## Functions'
    """
    exported = {name: getattr(package, name) for name in package.__all__ if not name.startswith("_")}
    kinds: dict[str, list[str]] = {"Functions": [], "Classes": [], "Errors": []}
    for name, thing in exported.items():
        if not isinstance(thing, type):
            kinds["Functions"].append(name)
        elif issubclass(thing, BaseException):
            kinds["Errors"].append(name)
        else:
            kinds["Classes"].append(name)
    parts = []
    for kind, names in kinds.items():
        parts.append(f"## {kind}")
        for name in sorted(names):
            thing = exported[name]
            # The heading has the name that a user writes, the docstring comes from where the code stands.
            options = f"    options:\n      heading: {package.__name__}.{name}\n      heading_level: 3"
            parts.append(f"::: {thing.__module__}.{thing.__qualname__}\n{options}")
    return "\n\n".join(parts)
