"""``medvos bench uncertainty``, ``intervals`` and ``verdicts``: how sure a network is, and whether that is right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import DataOption, Device, DeviceOption

TablesOption = Annotated[Path, typer.Option("--out", help="Folder for the tables.", show_default=False)]
NetworkOption = Annotated[str, typer.Option("--model", help="Network.")]
KeepOption = Annotated[
    bool, typer.Option("--keep", help="Put the fitted constants into the manifest, so that later results use them.")
]


def uncertainty(
    out: TablesOption,
    data: DataOption = None,
    model: NetworkOption = "cstm",
    keep: KeepOption = False,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Calibrate a CSTM network's uncertainty of voxels and slices on the validation patients."""
    from medvos.models.device import choose_device
    from medvos.models.networks import load_cstm
    from medvos.models.store import models_folder, resolve
    from medvos.propagation.second_opinion import second_opinion_of
    from medvos_lab.bench.calibrate import calibrate
    from medvos_lab.bench.output import make_folder, markdown_table, write_markdown
    from medvos_lab.recipe_types import constants
    from medvos_lab.release import update_manifest

    make_folder(out)
    info, where = resolve(model), choose_device(device.value)
    found, errors = calibrate(load_cstm(info, where), data, where, second=second_opinion_of(info, where))
    rows = [[name, str(value)] for name, value in (constants(found) | errors).items()]
    write_markdown(out / "uncertainty.md", markdown_table((info.name, "value"), rows))
    if keep:
        update_manifest(models_folder(), info.name, {"calibration": constants(found)})
    _show(out, "uncertainty")


def intervals(
    out: TablesOption,
    data: DataOption = None,
    model: NetworkOption = "cstm",
    keep: KeepOption = False,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Calibrate the intervals of EF, volumes and mass, and count how often they contain the true value."""
    from medvos_lab.bench.intervals import run

    found = run(data, out, model, device=device.value)
    if keep:
        from medvos.models.store import models_folder, resolve
        from medvos_lab.release import update_manifest

        update_manifest(models_folder(), resolve(model, "cstm", "vivim").name, {"intervals": found.constants})
    _show(out, "intervals")


def verdicts(
    out: TablesOption, data: DataOption = None, model: NetworkOption = "cstm", device: DeviceOption = Device.AUTO
) -> None:
    """Count the verdicts that doubts hold back, and the wrong ones among those given."""
    from medvos_lab.bench.verdicts import run

    run(data, out, model, device=device.value)
    _show(out, "verdicts")


def _show(out: Path, table: str) -> None:
    typer.echo((out / f"{table}.md").read_text(encoding="utf-8"))
