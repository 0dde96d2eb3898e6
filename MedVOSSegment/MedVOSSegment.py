"""The module as Slicer sees it: a thin shell over the session, which does not import Qt."""

from __future__ import annotations

import enum
import shutil
import sys
from pathlib import Path

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

SAMPLE = "SyntheticHeart"
# This seed makes a heart whose slices reach from the apex to above the base.
SAMPLE_SEED, SAMPLE_SHAPE = 8, (25, 12, 192, 192)

PROJECT = "https://github.com/MedVOSSegment/MedVOSSegment"
DOCS = f"{PROJECT}/blob/main/Docs"
PAPERS = {
    "cstm": "https://arxiv.org/abs/2410.23191",
    "stcn": "https://arxiv.org/abs/2106.05210",
    "acdc": "https://doi.org/10.1109/TMI.2018.2837502",
    "sunnybrook": "https://www.cardiacatlas.org/sunnybrook-cardiac-data/",
}

# Constant sentences are translated when their module is imported, which is later.
text.use(lambda file, sentence: translate(getContext(file), sentence))


class MedVOSSegment(ScriptedLoadableModule):
    """Name, help and authors of the module."""

    def __init__(self, parent):
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
        self.parent.helpText = _(
            "<p>Draw one slice of a beating heart, press one button, and the left ventricle, the myocardium and the "
            "right ventricle are segmented in every slice at every phase, with uncertainty, volumes, ejection "
            "fraction and mass. Slices that you correct are propagated in turn.</p>"
            "<p>To try it, press <i>Synthetic patient</i>. Nothing leaves this computer. "
            "It is research software and not a medical device.</p>"
        ) + _(
            '<p><a href="{docs}/tutorial.md">Tutorial</a>, <a href="{docs}/index.md">documentation</a>, '
            '<a href="{project}/issues">report a problem or ask a question</a>.</p>'
        ).format(docs=DOCS, project=PROJECT)
        self.parent.acknowledgementText = _(
            "<p>The network follows CSTM (M. Ye, B. Xin, L. Axel, D. Metaxas: "
            '<a href="{cstm}">Continuous Spatio-Temporal Memory Networks for 4D Cardiac Cine MRI Segmentation</a>, '
            "WACV 2025) and STCN (H. K. Cheng, Y.-W. Tai, C.-K. Tang: "
            '<a href="{stcn}">Rethinking Space-Time Networks with Improved Memory Coverage</a>, NeurIPS 2021). '
            'The weights were trained on <a href="{acdc}">ACDC</a> (O. Bernard et al., IEEE TMI 2018) and '
            '<a href="{sunnybrook}">Sunnybrook</a> (P. Radau et al., MIDAS Journal 2009). '
            'Please cite them, and this software as <a href="{citation}">CITATION.cff</a> says.</p>'
        ).format(citation=f"{PROJECT}/blob/main/CITATION.cff", **PAPERS)
        slicer.app.connect("startupCompleted()", onStartupCompleted)
        registerDICOMPlugin()


def onStartupCompleted():
    """Offer the terminology and the synthetic patient, and remove what a Slicer that was killed has left behind."""
    from MedVOSSegmentLib.job.hand_over import sweep_in_background
    from MedVOSSegmentLib.scene.resources import TERMINOLOGY

    slicer.modules.terminologies.logic().LoadTerminologyFromFile(str(TERMINOLOGY))
    sweep_in_background()
    registerSampleData()


def registerDICOMPlugin():
    """Offer cines of Slicer's DICOM database; a Slicer that was built without DICOM has none."""
    try:
        from MedVOSSegmentWidgets.dicom_plugin import register
    except ImportError:
        return
    register()


def registerSampleData():
    """Register the synthetic patient, which is made on this computer, in the Sample Data module."""
    import SampleData

    icons = Path(__file__).parent / "Resources" / "Icons"
    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category="MedVOSSegment",
        sampleName=SAMPLE,
        thumbnailFileName=str(icons / "SyntheticPatient.png"),
        # The entry must name a file; the downloader below takes none.
        uris="",
        fileNames=SAMPLE,
        nodeNames=SAMPLE,
        customDownloader=lambda source: [MedVOSSegmentLogic().makeSyntheticPatient()],
    )


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
        self.logic = None
        self.panel = None
        self._parameterNode = None
        self._parameterNodeGuiTag = None

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
        """Continue where a loaded scene was left."""
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
        """Take over a choice that the user or a script has changed."""
        node = self._parameterNode
        if node is not None:
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
        self.session = Session(self.logics, Runner(python=self.python()))

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

        return self.session.cines.add(in_background(lambda: read(path, series)))

    def openFiles(self, files):
        """Read the cine in DICOM files that lie anywhere into the scene; return its sequence browser."""
        from MedVOSSegmentWidgets.worker_thread import in_background

        self.session.cines.require_idle()
        self.installRequirements()
        from medvos.cine.read import read_files

        return self.session.cines.add(in_background(lambda: read_files(files)))

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
        self.assertIsNotNone(session.review.scores, messages)
        self.assertTrue(session.nodes.labels().any(axis=(1, 2, 3)).all())
        self.assertGreater(session.measurement.measures()["LVEF"]["value"], 10.0)
        session.close()
        self.delayDisplay("Test passed")
