"""`slicer.app`, `slicer.modules` and the dialogs, set up around a real scene."""

# ruff: noqa: N802, N815 (names are Slicer's)
from __future__ import annotations

import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import slicer
import slicer.util
import vtk
from PySide6.QtWidgets import QApplication, QVBoxLayout
from widget.standins import mrml_widgets, parameter_node, scripted_module
from widget.standins.main_window import MainWindow
from widget.standins.pythonqt import ClassProxy, Proxy, Subclassable, qt_module
from widget.standins.subject_hierarchy import SubjectHierarchy
from widget.standins.ui_loader import UiLoader

from MedVOSSegmentLib.scene.logics import Logics


@dataclass
class Dialogs:
    """Messages and questions to the user; `answer` is the user's click, `folder` and `file` the user's choices;
    `opened` are the folders that the file browser shows."""

    messages: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answer: bool = True
    opened: list[str] = field(default_factory=list)
    folder: str = ""
    file: str = ""

    def show(self, text: str, *more: Any, **options: Any) -> None:
        self.messages.append(text)

    def choose_file(self, parent: Any, title: str, folder: str, kinds: str = "") -> str:
        """The file, where the dialog shows it: it lists those alone that fit the first filter of ``kinds``."""
        patterns = kinds.split(";;")[0].rpartition("(")[2].rstrip(")").split() or ["*"]
        return self.file if any(fnmatch(Path(self.file).name, pattern) for pattern in patterns) else ""

    def ask(self, text: str, *more: Any, **options: Any) -> bool:
        self.asked.append(text)
        return self.answer


class LayoutManager:
    """The layout of the window."""

    def __init__(self) -> None:
        self.layout = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView

    @property
    def threeDViewCount(self) -> int:
        return int(self.layout != slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)

    def setLayout(self, layout: int) -> None:
        self.layout = layout

    def sliceViewNames(self) -> tuple[str, ...]:
        return tuple(node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLSliceNode"))

    def sliceWidget(self, name: str) -> Any:
        node = slicer.util.getFirstNodeByClassByName("vtkMRMLSliceNode", name)
        return SimpleNamespace(mrmlSliceNode=lambda: node)

    def mrmlSliceLogics(self) -> Any:
        return slicer.app.applicationLogic().GetSliceLogics() or vtk.vtkCollection()


class Application:
    """`slicer.app`."""

    applicationName = "Slicer"

    def __init__(self, logics: Logics) -> None:
        self._logics = logics
        self._layout = LayoutManager()
        self._started: list[Callable[[], None]] = []
        self.subject_hierarchy = SubjectHierarchy(logics.scene)

    def applicationLogic(self) -> Any:
        return self._logics.app

    def layoutManager(self) -> LayoutManager:
        return self._layout

    def connect(self, signature: str, slot: Callable[[], None]) -> None:
        assert signature == "startupCompleted()"
        self._started.append(slot)

    def complete_startup(self) -> None:
        """What the desktop does once all modules are loaded."""
        for slot in self._started:
            slot()

    def testingEnabled(self) -> bool:
        return False

    def processEvents(self) -> None:
        QApplication.processEvents()

    def setOverrideCursor(self, cursor: int) -> None:
        pass

    def restoreOverrideCursor(self) -> None:
        pass


def install(patch: pytest.MonkeyPatch, logics: Logics) -> Dialogs:
    """Make `import qt`, `slicer.app` and the rest work around the scene of `logics`, until `patch` is undone."""
    dialogs = Dialogs()
    chooser = SimpleNamespace(getExistingDirectory=lambda *more: dialogs.folder, getOpenFileName=dialogs.choose_file)
    browser = SimpleNamespace(openUrl=lambda url: dialogs.opened.append(url.toLocalFile()))
    Settings.kept = {}
    classes = {"QFileDialog": chooser, "QObject": Subclassable, "QSettings": Settings, "QDesktopServices": browser}
    patch.setitem(sys.modules, "qt", qt_module(QUiLoader=UiLoader, **classes))
    patch.setitem(
        sys.modules,
        "slicer.i18n",
        _module("slicer.i18n", tr=lambda text: text, translate=_translate, getContext=_context),
    )
    wrapper = _module("slicer.parameterNodeWrapper", parameterNodeWrapper=parameter_node.parameterNodeWrapper)
    patch.setitem(sys.modules, "slicer.parameterNodeWrapper", wrapper)
    patch.setitem(sys.modules, "slicer.ScriptedLoadableModule", scripted_module)
    for name, value in {
        "mrmlScene": logics.scene,
        "app": Application(logics),
        "modules": _modules(logics),
        **{kind.__name__: ClassProxy(kind) for kind in mrml_widgets.WIDGETS},
    }.items():
        patch.setattr(slicer, name, value, raising=False)
    window = Proxy(MainWindow())
    patch.setattr(slicer.util, "mainWindow", lambda: window)
    for name in ("errorDisplay", "warningDisplay", "infoDisplay"):
        patch.setattr(slicer.util, name, dialogs.show)
    for name in ("confirmOkCancelDisplay", "confirmYesNoDisplay"):
        patch.setattr(slicer.util, name, dialogs.ask)
    return dialogs


def module_parent() -> Proxy:
    """The widget that Slicer gives to a module's widget."""
    parent = mrml_widgets.qMRMLWidget()
    parent.setLayout(QVBoxLayout())
    return Proxy(parent)


def _context(file: str) -> str:
    """Slicer's name for the texts of a file: that of its folder, if a package, and its own."""
    path = Path(file)
    return f"{path.parent.name}.{path.stem}" if (path.parent / "__init__.py").is_file() else path.stem


def _translate(context: str, text: str) -> str:
    return text


def _module(name: str, **content: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(content)
    return module


def _modules(logics: Logics) -> SimpleNamespace:
    cameras = slicer.vtkSlicerCamerasModuleLogic()
    cameras.SetMRMLScene(logics.scene)
    names = ("Colors", "Terminologies", "Volumes", "Segmentations", "Sequences", "SubjectHierarchy", "Tables", "Plots")
    modules = {name.lower(): SimpleNamespace(logic=lambda name=name: logics.app.GetModuleLogic(name)) for name in names}
    modules["sequences"] = Sequences(modules["sequences"].logic)
    return SimpleNamespace(cameras=SimpleNamespace(logic=lambda: cameras), **modules)


class Settings:
    """`qt.QSettings`: numbers come back as text, as from a file; the test's own, not the user's."""

    kept: ClassVar[dict[str, str]] = {}

    def value(self, key: str, default: Any = None) -> Any:
        return self.kept.get(key, default)

    def setValue(self, key: str, value: Any) -> None:
        self.kept[key] = str(value)


class Sequences:
    """The Sequences module with its toolbar, which plays one browser."""

    def __init__(self, logic: Callable[[], Any]) -> None:
        self.logic = logic
        self.in_toolbar: Any = None

    def showSequenceBrowser(self, browser: Any) -> bool:
        self.in_toolbar = browser
        return True
