"""The provenance of a result, as attributes of the node that holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

PREFIX = "MedVOS.Provenance."


def write_provenance(node: Any, provenance: Mapping[str, Any]) -> None:
    """Replace the provenance of `node` by the entries of `provenance`; their values must be JSON."""
    for name in _names(node):
        node.RemoveAttribute(name)
    for key, value in provenance.items():
        node.SetAttribute(PREFIX + key, json.dumps(value))


def read_provenance(node: Any) -> dict[str, Any]:
    """Read the provenance that `write_provenance` wrote."""
    return {name.removeprefix(PREFIX): json.loads(node.GetAttribute(name)) for name in _names(node)}


def _names(node: Any) -> list[str]:
    return [name for name in node.GetAttributeNames() if name.startswith(PREFIX)]
