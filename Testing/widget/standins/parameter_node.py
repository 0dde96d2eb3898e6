"""`parameterNodeWrapper` for the types that the module uses: nodes, enums, booleans and strings, tied to the panel."""

# ruff: noqa: N802 (names are Slicer's)
from __future__ import annotations

import enum
import typing
from collections.abc import Callable
from typing import Any

import slicer


def parameterNodeWrapper(wrapped: type) -> type:
    """The class whose attributes live on a real scripted module node."""
    kinds = typing.get_type_hints(wrapped)
    defaults = {name: getattr(wrapped, name, None) for name in kinds}
    for name, kind in kinds.items():
        setattr(wrapped, name, _stored(name, kind, defaults[name]))

    def start(self: Any, node: Any) -> None:
        self.parameterNode = node
        self._connected: dict[int, list[tuple[Any, str, Callable]]] = {}

    wrapped.__init__ = start  # type: ignore[misc]
    wrapped.connectGui = _connect_gui(kinds)  # type: ignore[attr-defined]
    wrapped.disconnectGui = _disconnect_gui  # type: ignore[attr-defined]
    wrapped.AddObserver = lambda self, event, call: self.parameterNode.AddObserver(event, call)  # type: ignore
    wrapped.RemoveObserver = lambda self, tag: self.parameterNode.RemoveObserver(tag)  # type: ignore
    return wrapped


def _stored(name: str, kind: type, default: Any) -> property:
    if issubclass(kind, slicer.vtkMRMLNode):
        return property(
            lambda self: self.parameterNode.GetNodeReference(name),
            lambda self, node: self.parameterNode.SetNodeReferenceID(name, node.GetID() if node is not None else None),
        )
    if issubclass(kind, enum.Enum):
        first = (default or next(iter(kind))).name
        return property(
            lambda self: kind[self.parameterNode.GetParameter(name) or first],
            lambda self, member: self.parameterNode.SetParameter(name, member.name),
        )
    if kind is bool:
        return property(
            lambda self: (self.parameterNode.GetParameter(name) or str(default)) == "True",
            lambda self, value: self.parameterNode.SetParameter(name, str(bool(value))),
        )
    raise TypeError(f"there is no serializer for {kind}")


def _connect_gui(kinds: dict[str, type]) -> Callable:
    def connect(self: Any, gui: Any) -> int:
        made = []
        for widget in vars(gui).values():
            name = widget.property("SlicerParameterName") if hasattr(widget, "property") else None
            if name:
                made += _tied(self, name, kinds[name], widget)
        tag = len(self._connected)
        self._connected[tag] = made
        return tag

    return connect


def _disconnect_gui(self: Any, tag: int) -> None:
    for widget, signature, slot in self._connected.pop(tag, ()):
        widget.disconnect(signature, slot)


def _tied(self: Any, name: str, kind: type, widget: Any) -> list[tuple[Any, str, Callable]]:
    if issubclass(kind, enum.Enum):
        members = list(kind)
        widget.clear()
        for member in members:
            widget.addItem(member.label() if hasattr(member, "label") else member.name)
        widget.currentIndex = members.index(getattr(self, name))
        signature = "currentIndexChanged(int)"
        read = lambda: members[widget.currentIndex]  # noqa: E731
    elif kind is bool:
        widget.checked = getattr(self, name)
        signature = "toggled(bool)"
        read = lambda: widget.checked  # noqa: E731
    else:
        widget.setCurrentNode(getattr(self, name))
        signature = "currentNodeChanged(vtkMRMLNode*)"
        read = widget.currentNode
    slot = lambda: setattr(self, name, read())  # noqa: E731
    widget.connect(signature, slot)
    return [(widget, signature, slot)]
