"""The module as Slicer sees it: a thin shell over the session, which does not import Qt."""

from __future__ import annotations

import enum
import shutil
import sys

import slicer
import vtk
from slicer import vtkMRMLSequenceBrowserNode
from slicer.i18n import getContext, translate
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

from MedVOSSegmentLib import text

# This seed makes a heart whose slices reach from the apex to above the base.
SAMPLE_SEED, SAMPLE_SHAPE = 8, (25, 12, 192, 192)

# Constant sentences are translated when their module is imported, which is later.
text.use(lambda file, sentence: translate(getContext(file), sentence))


class MedVOSSegment(ScriptedLoadableModule):
    """Name, help and authors of the module."""

    def __init__(self, parent):
        # After the translation is known; none of them imports Qt or what is installed at first use.
        from MedVOSSegmentWidgets import about, dicom_database, start_up

        super().__init__(parent)
        self.parent.title = "MedVOSSegment"
        self.parent.categories = [
            translate("qSlicerAbstractCoreModule", "Segmentation"),
            translate("qSlicerAbstractCoreModule", "Cardiac"),
        ]
        self.parent.dependencies = [
            "Sequences",
            "Segmentations",
            "SegmentEditor",
            "Plots",
            "Tables",
            "SubjectHierarchy",
            "Terminologies",
        ]
        self.parent.contributors = ["The MedVOSSegment developers"]
        self.parent.helpText = about.help_text()
        self.parent.acknowledgementText = about.acknowledgement()
        slicer.app.connect(
            "startupCompleted()", lambda: start_up.complete(lambda: MedVOSSegmentLogic().makeSyntheticPatient())
        )
        dicom_database.register_plugin()


class DeviceChoice(enum.Enum):
    """Device of the segmentation, by the engine's names."""

    AUTOMATIC = "auto"
    GRAPHICS_CARD = "cuda"
    APPLE_GRAPHICS = "mps"
    PROCESSOR = "cpu"

    def label(self):
        """Text in the panel."""
        return {
            "auto": _("Automatic"),
            "cuda": _("Graphics card (NVIDIA)"),
            "mps": _("Graphics of a Mac"),
            "cpu": _("Processor"),
        }[self.value]


@parameterNodeWrapper
class MedVOSSegmentParameterNode:
    """The user's choices, which are saved with the scene."""

    cine: vtkMRMLSequenceBrowserNode
    device: DeviceChoice = DeviceChoice.AUTOMATIC
    showUncertainty: bool = True


class MedVOSSegmentWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Ties the panel to the scene, and to the opening and closing of the module."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = self.panel = self._parameterNode = self._parameterNodeGuiTag = None

    def setup(self):
        """Called when the module is opened for the first time."""
        from MedVOSSegmentWidgets.panel import Panel

        super().setup()
        uiWidget = slicer.util.loadUI(self.resourcePath("UI/MedVOSSegment.ui"))
        self.layout.addWidget(uiWidget)
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        uiWidget.setMRMLScene(slicer.mrmlScene)
        self.logic = MedVOSSegmentLogic()
        self.panel = Panel(self.ui, self.logic, self.choose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndImportEvent, self.onSceneEndImport)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.NodeAddedEvent, self.onNodeAdded)
        self.initializeParameterNode()

    def cleanup(self):
        """Called when Slicer ends or the module is reloaded."""
        self.setParameterNode(None)
        self.removeObservers()
        if self.panel is not None:
            self.panel.close()

    def enter(self):
        """Called each time the module is opened."""
        self.initializeParameterNode()
        self.panel.enter()

    def exit(self):
        """Called each time another module is opened; a running job continues."""
        self.panel.leave()
        self.setParameterNode(None)

    def onSceneStartClose(self, caller, event):
        """Close the cine, and end a running job."""
        self.panel.leave()
        self.setParameterNode(None)
        self.panel.show(None)

    def onSceneEndClose(self, caller, event):
        """Start again where the module is on the screen."""
        if self.parent.isEntered:
            self.enter()

    def onSceneEndImport(self, caller, event):
        """Continue where a loaded scene was left; a cine with a running job, or the only chosen one, stays open."""
        node, session = self.logic.getParameterNode(), self.logic.session
        if session.progress is not None or node.cine is None:
            node.cine = session.browser
        if self.parent.isEntered:
            self.initializeParameterNode()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def onNodeAdded(self, caller, event, node):
        """Offer a cine that another module or a script loads."""
        if node.IsA("vtkMRMLSequenceBrowserNode"):
            self.panel.offers.append(node)

    def initializeParameterNode(self):
        """Show the scene's choices, and select its cine where there is only one."""
        self.setParameterNode(self.logic.getParameterNode())
        browsers = slicer.util.getNodesByClass("vtkMRMLSequenceBrowserNode")
        if self._parameterNode.cine is None and len(browsers) == 1 and not self.panel.was_lost:
            self._parameterNode.cine = browsers[0]

    def setParameterNode(self, node):
        """Show and follow the choices of `node`."""
        if self._parameterNode is not None:
            self._parameterNode.disconnectGui(self._parameterNodeGuiTag)
            self.removeObserver(self._parameterNode.parameterNode, vtk.vtkCommand.ModifiedEvent, self.onParameters)
        self._parameterNode = node
        if node is not None:
            self._parameterNodeGuiTag = node.connectGui(self.ui)
            self.addObserver(node.parameterNode, vtk.vtkCommand.ModifiedEvent, self.onParameters)
            self.onParameters()

    def onParameters(self, caller=None, event=None):
        """Take over a choice that the user or a script has changed; one that is imported waits for the end of that."""
        node = self._parameterNode
        if node is not None and not slicer.mrmlScene.IsImporting():
            self.panel.use(node.device.value, node.showUncertainty)
            self.panel.show(node.cine)

    def choose(self, browser):
        """Select a cine that was just opened."""
        # The user may have gone to another module while it was read.
        node = self._parameterNode or self.logic.getParameterNode()
        node.cine = browser
        # A cine that is refused is not selected, and not refused a second time.
        self.ui.cineSelector.setCurrentNode(node.cine)


class MedVOSSegmentLogic(ScriptedLoadableModuleLogic):
    """The session of the desktop's scene, which scripts can use without the panel."""

    def __init__(self):
        from MedVOSSegmentLib.job.runner import Runner
        from MedVOSSegmentLib.scene.logics import Logics
        from MedVOSSegmentLib.session.session import Session

        super().__init__()
        self.logics = Logics.of_application()
        self.session = Session(self.logics, Runner(python=self.python()), Runner(python=self.python()))

    def getParameterNode(self):
        """Return the scene's choices."""
        return MedVOSSegmentParameterNode(super().getParameterNode())

    def python(self):
        """Return the Python of the second process: Slicer's launcher, which knows Slicer's packages."""
        return shutil.which("PythonSlicer") or sys.executable

    def openPath(self, path, series=()):
        """Read a DICOM folder, or its ``series``, or a file into the scene; return its sequence browser."""
        from MedVOSSegmentWidgets.worker_thread import in_background

        self.session.cines.require_idle()
        self.installRequirements()
        from medvos.cine.read import read

        return self.session.cines.add(*in_background(lambda: self.session.cines.with_images(read(path, series))))

    def openFiles(self, files):
        """Read the cine in DICOM files that lie anywhere into the scene; return its sequence browser."""
        from MedVOSSegmentWidgets.worker_thread import in_background

        self.session.cines.require_idle()
        self.installRequirements()
        from medvos.cine.read import read_files

        return self.session.cines.add(*in_background(lambda: self.session.cines.with_images(read_files(files))))

    def makeSyntheticPatient(self):
        """Make a beating heart with exact labels, which takes seconds; return its sequence browser."""
        from medvos.synth.heart import synthetic_heart
        from MedVOSSegmentWidgets.worker_thread import in_background

        self.session.cines.require_idle()
        heart = in_background(lambda: synthetic_heart(SAMPLE_SEED, shape=SAMPLE_SHAPE, kind="healthy"))
        return self.show(heart.cine, _("Synthetic heart"))

    def show(self, cine, name="Cine"):
        """Add a `medvos` cine to the scene; return its sequence browser."""
        from MedVOSSegmentLib.scene.cine_nodes import show_cine

        browser = show_cine(self.logics, cine, name)
        self.session.cines.remember_source(browser, cine.source)
        return browser

    def installRequirements(self, also=()):
        """Install missing Python packages, and ``also`` these requirements, with the user's consent.

        Raises InputError where the user declines.
        """
        from MedVOSSegmentLib import install

        lacking = install.missing([*install.requirements(), *also])
        if lacking:
            pip = install.pip_of_slicer(slicer.util, install.optional("slicer.packaging"))
            install.install(lacking, slicer.util.confirmOkCancelDisplay, install.optional("PyTorchUtils"), pip)


class MedVOSSegmentTest(ScriptedLoadableModuleTest):
    """The way from a drawn slice to the measures, without the panel."""

    def setUp(self):
        """Begin with an empty scene."""
        slicer.mrmlScene.Clear()

    def runTest(self):
        """Called by Slicer."""
        self.setUp()
        self.test_FromOneSliceToTheWholeHeart()

    def test_FromOneSliceToTheWholeHeart(self):
        """Draw the exact labels on one slice of the synthetic patient, and segment the rest."""
        from MedVOSSegmentLib import install
        from MedVOSSegmentWidgets.self_test import draw_exactly, small_heart, wait_for

        logic = MedVOSSegmentLogic()
        session = logic.session
        self.delayDisplay("Making the synthetic patient")
        heart = small_heart()
        session.cines.open(logic.show(heart.cine))
        session.seed.go_to_place()
        draw_exactly(session, heart.labels)
        self.assertEqual([str(fault) for fault in session.seed.faults()], [])
        if install.missing(install.requirements()):
            self.delayDisplay("Packages are missing and none is installed in a test: nothing is segmented")
            session.close()
            return
        self.delayDisplay("Segmenting the whole heart")
        messages = []
        session.message.connect(messages.append)
        session.propagation.propagate()
        wait_for(session)
        self.assertIsNotNone(session.review.scores, [*messages, session.log])
        self.assertTrue(session.nodes.labels().any(axis=(1, 2, 3)).all())
        self.assertGreater(session.measurement.measures()["LVEF"]["value"], 10.0)
        session.close()
        self.delayDisplay("Test passed")
