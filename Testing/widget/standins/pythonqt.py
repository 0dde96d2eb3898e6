"""PySide6 objects that behave as PythonQt shows them.

A property is an attribute and no method, an enum is an int, an unknown name is an AttributeError, a float given to an
int property is cut off. Code that breaks one of these rules in Slicer breaks it here too.
"""

from __future__ import annotations

import enum
import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets

_MODULES = (QtCore, QtGui, QtWidgets, QtUiTools)
# An exception in a slot ends in the event loop; here the tests find it.
failures: list[BaseException] = []


class EnumInt(int):
    """An enum's value as PythonQt gives it, an int, that still knows its PySide6 member."""

    member: enum.Enum

    def __new__(cls, member: enum.Enum) -> EnumInt:
        number = super().__new__(cls, member.value)
        number.member = member
        return number

    def __or__(self, other: int) -> int:
        return EnumInt(self.member | other.member) if isinstance(other, EnumInt) else int(self) | other


def wrap(value: Any) -> Any:
    """What PythonQt would hand to Python for a value that PySide6 handed out."""
    if isinstance(value, enum.Enum):
        return EnumInt(value)
    if isinstance(value, list | tuple):
        return type(value)(wrap(item) for item in value)
    if type(value).__module__.startswith("PySide6") or isinstance(value, QtCore.QObject):
        return Proxy(value)
    return value


def unwrap(value: Any) -> Any:
    """What PySide6 wants for what Python code under PythonQt hands in."""
    if isinstance(value, Proxy):
        return object.__getattribute__(value, "_object")
    if isinstance(value, EnumInt):
        return value.member
    if isinstance(value, list | tuple):
        return type(value)(unwrap(item) for item in value)
    return value


class Proxy:
    """One Qt object under PythonQt's rules."""

    def __init__(self, value: Any) -> None:
        object.__setattr__(self, "_object", value)

    def __getattr__(self, name: str) -> Any:
        target = unwrap(self)
        if name == "name":
            return target.objectName()
        if name in ("connect", "disconnect") and isinstance(target, QtCore.QObject):
            return lambda signature, slot: _connection(target, name, signature, slot)
        if _property_of(target, name) is not None:
            return wrap(target.property(name))
        found = getattr(target, name, None)
        if found is None or name.startswith("_"):
            raise AttributeError(f"{type(target).__name__} has no attribute named '{name}'")
        if isinstance(found, QtCore.SignalInstance):
            return BoundSignal(target, name)
        return _method(found) if callable(found) else wrap(found)

    def __setattr__(self, name: str, value: Any) -> None:
        target = unwrap(self)
        if name == "name":
            name = "objectName"
        found = _property_of(target, name)
        if found is None:
            raise AttributeError(f"{type(target).__name__} has no attribute named '{name}'")
        if not found.isWritable():
            raise AttributeError(f"the property '{name}' of {type(target).__name__} cannot be written")
        target.setProperty(name, _fitting(found, value))

    def __eq__(self, other: object) -> bool:
        return unwrap(self) == unwrap(other)

    def __hash__(self) -> int:
        return hash(unwrap(self))

    def __repr__(self) -> str:
        return f"<{type(unwrap(self)).__name__} under PythonQt's rules>"


class BoundSignal:
    """`widget.clicked`: connects, disconnects and emits."""

    def __init__(self, sender: QtCore.QObject, name: str) -> None:
        self._sender, self._name = sender, name

    def connect(self, slot: Callable) -> None:
        getattr(self._sender, self._name).connect(_slot(slot))

    def emit(self, *values: Any) -> None:
        getattr(self._sender, self._name).emit(*unwrap(values))


class Subclassable(QtCore.QObject):
    """`qt.QObject` as a base class in Python: its overridden functions get what PythonQt would hand to them."""

    def __init_subclass__(cls) -> None:
        given = cls.__dict__.get("eventFilter")
        if given is not None:
            cls.eventFilter = lambda self, watched, event: bool(given(self, wrap(watched), wrap(event)))


class ClassProxy:
    """A Qt class: makes objects, and has its enum values as ints and its static methods."""

    def __init__(self, made: type) -> None:
        self.made = made

    def __call__(self, *values: Any) -> Any:
        return wrap(self.made(*unwrap(values)))

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(unwrap(instance), self.made)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.made, name)
        return _method(found) if callable(found) and not isinstance(found, type) else wrap(found)


def qt_module(**replaced: Any) -> types.ModuleType:
    """The module `qt`, with some of its classes replaced."""
    module = types.ModuleType("qt")
    module.__dict__.update(replaced)

    def of_name(name: str) -> ClassProxy:
        for part in _MODULES:
            if hasattr(part, name):
                return ClassProxy(getattr(part, name))
        raise AttributeError(f"qt has no class named '{name}'")

    module.__getattr__ = of_name
    return module


def _property_of(target: Any, name: str) -> QtCore.QMetaProperty | None:
    if not isinstance(target, QtCore.QObject):
        return None
    index = target.metaObject().indexOfProperty(name)
    return target.metaObject().property(index) if index >= 0 else None


def _fitting(found: QtCore.QMetaProperty, value: Any) -> Any:
    """The value as the property takes it; ValueError where PythonQt would refuse it."""
    kind = found.typeName()
    if kind == "int" and isinstance(value, float):
        return int(value)
    allowed = {"QString": str, "bool": bool | int, "int": int, "double": float | int}.get(kind)
    if allowed is not None and not isinstance(value, allowed):
        raise ValueError(f"Property '{found.name()}' of type '{kind}' does not accept {type(value).__name__}")
    return unwrap(value)


def _method(function: Callable) -> Callable:
    def call(*values: Any) -> Any:
        return wrap(function(*unwrap(values)))

    return call


def _connection(sender: QtCore.QObject, verb: str, signature: str, slot: Callable) -> bool:
    """Connects by a C++ signature, which must exist; those with MRML types are listed by our stand-ins."""
    own = getattr(type(sender), "SIGNATURES", {})
    if verb == "disconnect":
        return _disconnected(sender, signature, slot)
    if signature in own:
        getattr(sender, own[signature]).connect(_slot(slot, sender, signature))
        return True
    normalised = bytes(QtCore.QMetaObject.normalizedSignature(signature).data()).decode()
    if sender.metaObject().indexOfSignal(normalised) < 0:
        raise ValueError(f"{type(sender).__name__} has no signal {signature}")
    return QtCore.QObject.connect(sender, QtCore.SIGNAL(normalised), _slot(slot, sender, signature))


_slots: dict[tuple[int, str, Callable], Callable] = {}


def _slot(slot: Callable, sender: QtCore.QObject | None = None, signature: str = "") -> Callable:
    """The slot, given as many arguments as it takes; what it raises is kept for the test."""
    most = _most_arguments(slot)
    if signature:
        inside = signature[signature.index("(") + 1 : -1]
        most = min(most, inside.count(",") + 1 if inside else 0)

    def call(*values: Any) -> None:
        try:
            slot(*wrap(values)[:most])
        except Exception as error:
            failures.append(error)

    if sender is not None:
        _slots[id(sender), signature, slot] = call
    return call


def _disconnected(sender: QtCore.QObject, signature: str, slot: Callable) -> bool:
    call = _slots.pop((id(sender), signature, slot))
    name = getattr(type(sender), "SIGNATURES", {}).get(signature)
    if name:
        return getattr(sender, name).disconnect(call)
    return QtCore.QObject.disconnect(sender, QtCore.SIGNAL(signature), call)


def _most_arguments(slot: Callable) -> int:
    parameters = list(_positional(slot))
    return 99 if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(parameters)


def _positional(slot: Callable) -> Iterator[inspect.Parameter]:
    # PythonQt looks at the function itself: a decorated one with *values gets all arguments of the signal.
    for parameter in inspect.signature(slot, follow_wrapped=False).parameters.values():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL):
            yield parameter
