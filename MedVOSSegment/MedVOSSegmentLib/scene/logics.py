"""The scene and the module logics that work on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from MedVOSSegmentLib.scene.imports import hold_imported_browsers

# In the order in which they must be given the scene: segmentations need colours and terminologies.
_STANDALONE = {
    "Colors": "vtkSlicerColorLogic",
    "Terminologies": "vtkSlicerTerminologiesModuleLogic",
    "Volumes": "vtkSlicerVolumesLogic",
    "Segmentations": "vtkSlicerSegmentationsModuleLogic",
    "Sequences": "vtkSlicerSequencesLogic",
    "SubjectHierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
    "Tables": "vtkSlicerTablesLogic",
    "Plots": "vtkSlicerPlotsLogic",
}


@dataclass(frozen=True)
class Logics:
    """A scene with its logics, of the desktop application or of a process without windows.

    Attributes
    ----------
    scene: vtkMRMLScene. app: vtkSlicerApplicationLogic.
    colors, sequences: the logics of these modules.
    keep_alive: objects that the scene needs while it lives and does not hold itself.
    """

    scene: Any
    app: Any
    colors: Any
    sequences: Any
    keep_alive: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        hold_imported_browsers(self.scene)

    @property
    def hierarchy(self) -> Any:
        """The scene's vtkMRMLSubjectHierarchyNode."""
        import slicer

        return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self.scene)

    @classmethod
    def of_application(cls) -> Logics:
        """Return those of the running desktop application."""
        import slicer

        return cls(
            scene=slicer.mrmlScene,
            app=slicer.app.applicationLogic(),
            colors=slicer.modules.colors.logic(),
            sequences=slicer.modules.sequences.logic(),
        )

    @classmethod
    def standalone(cls, home: str | Path) -> Logics:
        """Create a scene without the desktop application; `home` is an empty folder for its caches."""
        import slicer

        home = Path(home)
        shared = home / "share" / "Slicer"
        for folder in (shared / "ColorFiles", home / "cache"):
            folder.mkdir(parents=True, exist_ok=True)
        scene = slicer.vtkMRMLScene()
        app = slicer.vtkSlicerApplicationLogic()
        app.SetHomeDirectory(str(home))
        app.SetShareDirectory("share/Slicer")
        app.SetTemporaryPath(str(home))
        app.SetMRMLScene(scene)
        logics = {name: getattr(slicer, kind)() for name, kind in _STANDALONE.items()}
        for name, logic in logics.items():
            logic.SetMRMLApplicationLogic(app)
            if name != "Terminologies":  # it would look for the desktop's lists, which are not there
                logic.SetMRMLScene(scene)
            app.SetModuleLogic(name, logic)
        _keep_each_conversion_once()
        return cls(
            scene=scene,
            app=app,
            colors=logics["Colors"],
            sequences=logics["Sequences"],
            keep_alive=(*logics.values(), *_file_access(scene, home / "cache")),
        )


def _keep_each_conversion_once() -> None:
    """Drop the conversion rules that the logic of segmentations registers again for every scene of a process.

    Every new segmentation copies all rules, so that each scene would be slower than the one before it.
    """
    import slicer

    factory = slicer.vtkSegmentationConverterFactory.GetInstance()
    known: set[str] = set()
    for rule in factory.GetConverterRules():
        if rule.GetClassName() in known:
            factory.UnregisterConverterRule(rule)
        known.add(rule.GetClassName())


def _file_access(scene: Any, cache: Path) -> tuple[Any, Any]:
    """Return the two logics that a scene needs to read its own .mrb."""
    import slicer

    remote = slicer.vtkMRMLRemoteIOLogic()
    remote.GetCacheManager().SetRemoteCacheDirectory(str(cache))
    remote.SetMRMLScene(scene)
    data = slicer.vtkDataIOManagerLogic()
    data.SetMRMLScene(scene)
    data.SetAndObserveDataIOManager(remote.GetDataIOManager())
    remote.AddDataIOToScene()
    return remote, data
