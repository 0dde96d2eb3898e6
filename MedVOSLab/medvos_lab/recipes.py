"""All recipes by name: a further model is one folder with a ``recipe.py``, imported and listed here."""

from __future__ import annotations

from typing import Any

from medvos_lab.cstm.recipe import RECIPES as CSTM
from medvos_lab.cstm_beats.recipe import RECIPES as CSTM_BEATS
from medvos_lab.echo.recipe import RECIPES as ECHO
from medvos_lab.mvo.recipe import RECIPES as MVO
from medvos_lab.recipe import Recipe
from medvos_lab.tcmn.recipe import RECIPES as TCMN
from medvos_lab.vivim.recipe import RECIPES as VIVIM

RECIPES: dict[str, Recipe[Any, Any]] = {
    recipe.name: recipe for recipe in (*CSTM, *CSTM_BEATS, *ECHO, *TCMN, *VIVIM, *MVO)
}
