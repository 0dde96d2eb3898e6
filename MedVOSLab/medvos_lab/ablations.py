"""All ablations by name: one of a further paper is one ``ablation.py`` beside its recipe, imported and listed here."""

from __future__ import annotations

from medvos_lab.ablation_types import Ablation
from medvos_lab.cstm_beats.ablation import ABLATION as CSTM
from medvos_lab.echo.ablation import ABLATION as WU
from medvos_lab.mvo.ablation import ABLATION as MVO
from medvos_lab.tcmn.ablation import ABLATION as TCMN
from medvos_lab.vivim.ablation import ABLATION as VIVIM

ABLATIONS: dict[str, Ablation] = {each.model: each for each in (WU, VIVIM, TCMN, MVO, CSTM)}
