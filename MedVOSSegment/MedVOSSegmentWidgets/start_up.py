"""What the module offers from the start of Slicer on, before it is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer

SAMPLE = "SyntheticHeart"
ICONS = Path(__file__).resolve().parents[1] / "Resources" / "Icons"


def complete(make_sample: Callable[[], Any]) -> None:
    """Offer the terminology and the synthetic patient, and remove what a Slicer that was killed has left behind.

    From now on, scenes that are imported leave the hearts in the scene as they are, also before the module is opened.

    ``make_sample`` makes the synthetic patient and returns its sequence browser.
    """
    from MedVOSSegmentLib.job.hand_over import sweep_in_background
    from MedVOSSegmentLib.scene.imports import hold_imported_browsers
    from MedVOSSegmentLib.scene.resources import TERMINOLOGY

    hold_imported_browsers(slicer.mrmlScene)
    slicer.modules.terminologies.logic().LoadTerminologyFromFile(str(TERMINOLOGY))
    sweep_in_background()
    register_sample_data(make_sample)


def register_sample_data(make_sample: Callable[[], Any]) -> None:
    """Register the synthetic patient, which is made on this computer, in the Sample Data module."""
    import SampleData

    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category="MedVOSSegment",
        sampleName=SAMPLE,
        thumbnailFileName=str(ICONS / "SyntheticPatient.png"),
        # The entry must name a file; the downloader below takes none.
        uris="",
        fileNames=SAMPLE,
        nodeNames=SAMPLE,
        customDownloader=lambda source: [make_sample()],
    )
