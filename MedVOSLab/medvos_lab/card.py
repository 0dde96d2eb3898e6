"""The end that the trainings of all networks but CSTM share: weights, manifest entry and model card."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medvos.models.echo.network import EchoNetwork
from medvos.models.mvo.network import MvoNetwork
from medvos.models.store import available
from medvos.models.tcmn.network import Tcmn
from medvos.models.vivim.network import Vivim
from medvos.uncertainty.calibration import Calibration
from medvos.uncertainty.obstruction_calibration import ObstructionCalibration
from medvos_lab.release import update_manifest, write_weights


def release(
    network: EchoNetwork | MvoNetwork | Tcmn | Vivim,
    name: str,
    models: Path,
    terms: str,
    summary: str,
    entry: Mapping[str, Any],
    figures: Mapping[str, float],
    counts: Collection[str],
    template: str,
    **words: Any,
) -> Path:
    """Writes ``NAME.safetensors``, its entry in ``manifest.json`` and ``NAME.md``.

    Parameters
    ----------
    network: what to ship. name: of the model. models: folder for all three.
    terms: what the weights may be used for. summary: one line.
    entry: what the manifest has to know besides.
    figures: by name, as measured on the validation split; those of ``counts`` say on how many cases.
    template: package whose ``card.md.j2`` is the card. words: what else it names.

    Returns
    -------
    The card.
    """
    write_weights(network, name, models, terms, summary)
    update_manifest(models, name, dict(entry))
    info = next(model for model in available(models) if model.name == name)
    text = render(
        template,
        info=info,
        config=network.config,
        parameters=round(sum(p.numel() for p in network.parameters()) / 1e6, 2),
        counts={key: int(figures[key]) for key in counts},
        rows=[(key, round(value, 3)) for key, value in figures.items() if key not in counts],
        **words,
    )
    info.card_path.write_text(text, encoding="utf-8")
    return info.card_path


def render(template: str, **words: Any) -> str:
    """The card as Markdown, from the ``card.md.j2`` of a package."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    cards = Environment(loader=PackageLoader(template, "."), undefined=StrictUndefined, keep_trailing_newline=True)
    return cards.get_template("card.md.j2").render(**words)


def constants(calibration: Calibration | ObstructionCalibration) -> dict[str, list[float]]:
    """A calibration as the manifest has it."""
    return {key: [round(value, 5) for value in values] for key, values in asdict(calibration).items()}
