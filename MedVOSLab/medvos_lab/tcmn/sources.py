"""Training data of TCMN, all of it or with a structure or a modality left out."""

from __future__ import annotations

from collections.abc import Collection

from medvos.models.cstm.config import CSTM_COMPACT
from medvos.structures import LA, LV, MYO
from medvos_lab.datasets.acdc_beats import Beat
from medvos_lab.recipe_types import Folders
from medvos_lab.studies import Study
from medvos_lab.tcmn.batches import FollowedPairs, TcmnSources


def load_sources(folders: Folders, left_out: Collection[str] = ()) -> TcmnSources:
    """Load the training data of EchoNet, CAMUS, ACDC, Sunnybrook and the synthetic hearts.

    Parameters
    ----------
    folders: of the data, and of what is computed once.
    left_out: ``atrium`` (the images stay, as random parts of them are not labelled), ``camus``, ``acdc``,
        or ``mri``, which is ACDC, Sunnybrook and the synthetic hearts.

    Raises
    ------
    InputError: a data set is not there.

    Example
    -------
    >>> load_sources(Folders(None, Path("runs/tcmn")), ["mri"]).kinds
    {'parts', 'echonet', 'camus'}
    """
    from medvos_lab.datasets.acdc_beats import acdc_beats
    from medvos_lab.datasets.camus import camus_pairs
    from medvos_lab.datasets.echonet import echonet_pairs
    from medvos_lab.motion.pair_clips import PairSource
    from medvos_lab.motion.registration import registered
    from medvos_lab.studies import load_studies

    echonet = echonet_pairs(folders.data, "training")
    pairs = {"echonet": FollowedPairs(PairSource(echonet, registered(echonet, folders.cache)), (LV,))}
    if "camus" not in left_out:
        camus = camus_pairs(folders.data, "training")
        structures = (LV, MYO) if "atrium" in left_out else (LV, MYO, LA)
        pairs["camus"] = FollowedPairs(PairSource(camus, registered(camus, folders.cache, "camus")), structures)
    studies: list[Study] = []
    beats: list[Beat] = []
    if "mri" not in left_out:
        sources = ("sunnybrook", "synthetic")
        studies = load_studies(sources, folders.data, folders.cache, CSTM_COMPACT, folders.workers)
        beats = [] if "acdc" in left_out else list(acdc_beats(folders.data, "training"))
    return TcmnSources(pairs, studies, beats)
