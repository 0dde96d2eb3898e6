"""Choose the view in which the LV is segmented where a clip shows several and nothing is drawn."""

from __future__ import annotations

import torch

from medvos.cine.clip import Clip
from medvos.cine.clip_region import preferred
from medvos.cine.clip_view import in_view
from medvos.errors import InputError
from medvos.models.store import ModelInfo
from medvos.progress import Report
from medvos.segmentation.clip_scan import ClipScan, scan_clip
from medvos.segmentation.echo_clip import EchoInference

# Difference in expected Dice below which two views show an LV equally well. The mean expected Dice of the apical views
# of five patients lies between 0.93 and 0.97.
SURER = 0.02


def inference_of(
    clip: Clip, scan: ClipScan | None, info: ModelInfo, device: torch.device, report: Report | None = None
) -> EchoInference:
    """Return the inference of the clip, in the view that shows the LV.

    Of several views the largest is taken; of those of about its size, the one in which the network is surest of the LV.
    The note of the clip says which.

    Parameters
    ----------
    scan: of the clip; None for one that shows several views, each of which is scanned by itself.
    info, device: of the network.
    report: called while the frames are read.

    Raises
    ------
    InputError: as of `scan_clip` and `EchoInference.of`.

    >>> inference_of(clip, None, resolve("echo-lv", "echo"), torch.device("cpu")).clip.source.views.used
    1
    """
    views = clip.source.views
    likely = preferred(views.all)[0] if views.several else []
    if len(likely) < 2:
        return EchoInference.of(clip, scan or scan_clip(clip, report), info, device)
    found: list[EchoInference] = []
    refused: list[InputError] = []
    for view in likely:
        shown = in_view(clip, view.number, "the LV is found in it alone")
        try:
            found.append(EchoInference.of(shown, scan_clip(shown, report), info, device))
        except InputError as error:  # such as a still image beside the clip
            refused.append(error)
    if not found:
        raise refused[0]
    found.sort(key=lambda one: -one.certainty)
    if len(found) == 1:
        return found[0]
    best, second = found[0], found[1]
    other = f"region {second.clip.source.views.used}"
    if best.certainty > second.certainty + SURER:
        why = f"the network is surer of the LV there than in {other}"
    else:
        why = f"an LV is found in {other} too, which is as likely; draw the LV in a frame to have that one measured"
    return EchoInference.of(in_view(best.clip, best.clip.source.views.used, why), best.scanned, info, device)
