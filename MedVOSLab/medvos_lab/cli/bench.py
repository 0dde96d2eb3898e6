"""``medvos bench``: measure accuracy and speed, and write the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import DataOption, Device, DeviceOption
from medvos_lab.cli.bench_ablation import ablation
from medvos_lab.cli.bench_certainty import intervals, uncertainty, verdicts
from medvos_lab.cli.bench_speed import speed
from medvos_lab.cli.bench_tcmn import tcmn

app = typer.Typer(help="Measure accuracy on labelled data, or speed on this machine.", no_args_is_help=False)
TablesOption = Annotated[Path, typer.Option("--out", help="Folder for the tables.", show_default=False)]
NetworkOption = Annotated[str, typer.Option("--model", help="Network.")]
CasesOption = Annotated[
    int | None, typer.Option("--cases", help="Score this many cases of each data set.", min=1, show_default="all")
]


@app.command()
def accuracy(
    out: TablesOption,
    data: DataOption = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Network, copy or flow; give it again for several.", show_default="all")
    ] = None,
    cases: CasesOption = None,
    data_set: Annotated[
        list[str] | None,
        typer.Option(
            help="acdc, acdc_4d, sunnybrook_4d or sunnybrook_edes; give it again for several.",
            show_default="acdc, sunnybrook_4d",
        ),
    ] = None,
    ablation: Annotated[
        bool, typer.Option("--ablation", help="Also run the first network with each of its parts switched off.")
    ] = False,
    sheets: Annotated[int, typer.Option(help="Draw this many of the worst cases.", min=0)] = 0,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Score networks and baselines side by side on the validation cases."""
    from medvos_lab.bench import methods
    from medvos_lab.bench.accuracy import DEFAULT_DATA_SETS, run

    models = tuple(model or ())
    if ablation:
        models = (*models[1:], *methods.ablation(models[0] if models else "cstm"))
    chosen = tuple(data_set or DEFAULT_DATA_SETS)
    run(data=data, out=out, models=models, cases=cases, data_sets=chosen, sheets=sheets, device=device.value)


@app.command()
def corrections(
    out: TablesOption,
    data: DataOption = None,
    model: NetworkOption = "cstm",
    device: DeviceOption = Device.AUTO,
) -> None:
    """Correct the most uncertain slice of each validation case, and score its neighbouring slices before and after."""
    from medvos_lab.bench.corrections import run

    run(data, out, model, device=device.value)
    _show(out, "corrections")


@app.command()
def proposal(
    out: TablesOption,
    data: DataOption = None,
    model: NetworkOption = "cstm",
    device: DeviceOption = Device.AUTO,
) -> None:
    """Propose a drawing for each validation case and compare it with the expert's."""
    from medvos_lab.bench.seed_proposal import run

    run(data, out, model, device=device.value)
    _show(out, "proposal")


@app.command()
def cohort(
    out: Annotated[Path, typer.Option("--out", help="Folder for the cases and their tables.", show_default=False)],
    data: DataOption = None,
) -> None:
    """Write the validation cases with their seeds and truth as tables for `medvos batch`."""
    from medvos_lab.bench.cohort import write_cohorts

    for table in write_cohorts(data, out):
        typer.echo(f"medvos batch {table} --out {out / 'results' / table.stem}")


@app.command()
def echo(
    out: TablesOption,
    data: DataOption = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Network, NAME+dense, copy or flow; give it again for several.", show_default="all"),
    ] = None,
    pairs: Annotated[
        int | None, typer.Option(help="Score this many pairs and studies.", min=1, show_default="all")
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Calibrate the uncertainty of echo networks and TCMN and put it into the manifest."
        ),
    ] = False,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Score echo, drawn once or not at all, on the validation pairs and clips of EchoNet-Dynamic and on CAMUS."""
    from medvos_lab.cli.keep_calibrations import keep_calibrations
    from medvos_lab.echo.bench import run

    run(data, out, tuple(model or ()), pairs, device.value)
    if keep:
        keep_calibrations(data, tuple(model or ()), device.value)
    _show(out, "echo")


@app.command()
def measures(
    out: TablesOption,
    data: DataOption = None,
) -> None:
    """Compare measures of exact and of expert masks with exact values and with independent computations."""
    from medvos_lab.bench.measures import run

    run(data, out)
    _show(out, "measures")


@app.command()
def beats(
    out: TablesOption,
    data: DataOption = None,
    model: Annotated[str, typer.Option(help="Network, or folder of a training.")] = "cstm",
    cases: CasesOption = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(help="leap, beat, muscles out or whole; give it again for several.", show_default="leap, beat"),
    ] = None,
    mirrored: Annotated[bool, typer.Option("--mirrored", help="Also propagate through the mirrored heart.")] = False,
    motion: Annotated[bool, typer.Option(help="Carry masks along the motion, if the network takes them.")] = True,
    sunnybrook: Annotated[bool, typer.Option("--sunnybrook", help="Also score Sunnybrook's two whole cines.")] = False,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Score ES predicted through every phase of the beat and from ED in one step, on ACDC with all phases."""
    from medvos_lab.cstm_beats.bench import DEFAULT_VARIANTS, run

    run(
        data,
        out,
        model,
        cases,
        variants=variant or DEFAULT_VARIANTS,
        mirrored=mirrored,
        motion=motion,
        sunnybrook=sunnybrook,
        device=device.value,
    )
    _show(out, "beats")


@app.command()
def style(
    out: TablesOption,
    data: DataOption = None,
    model: Annotated[str, typer.Option(help="Network, or folder of a training.")] = "cstm",
    cases: CasesOption = None,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Compare EF through the beat with the truth's, for seeds drawn in several styles, on ACDC with all phases."""
    from medvos_lab.cstm_beats.style_bench import run

    run(data, out, model, cases, device=device.value)
    _show(out, "style")


@app.command()
def reading(
    out: TablesOption,
    data: DataOption = None,
    count: Annotated[
        int, typer.Option(help="Mutated inputs to try; the same number gives the same inputs.", min=1)
    ] = 500,
    only: Annotated[
        list[int] | None, typer.Option(help="Number of one input; again for several.", show_default="all")
    ] = None,
    word: Annotated[
        list[str] | None,
        typer.Option(help="Inputs with this in their name, kind or data; again for several.", show_default="all"),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Count images that are none of the cine's as wrong, without segmenting them."),
    ] = False,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Change what files say of order, kind, place and times, and count wrong numbers that are read without a note."""
    from medvos_lab.mutations.bench import run

    run(data, out, count, only=only or (), words=word or (), device=device.value, quick=quick, show=typer.echo)
    _show(out, "reading")


@app.command()
def vivim(
    out: TablesOption,
    data: DataOption = None,
    cases: CasesOption = None,
    model: Annotated[str, typer.Option(help="Network that propagates the seeds.")] = "cstm",
    device: DeviceOption = Device.AUTO,
) -> None:
    """Score Vivim without a seed, by its scans and by the frames it is given; the seed it proposes; memory and time."""
    from medvos_lab.vivim.bench import run

    run(data, out, cases, network=model, device=device.value)
    _show(out, "seeds", "frames", "memory")


@app.command()
def mvo(
    out: TablesOption,
    data: DataOption = None,
    cases: Annotated[int | None, typer.Option(help="Score this many hearts.", min=1, show_default="all")] = None,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Score every installed network that predicts microvascular obstruction on the same simulated patients."""
    from medvos_lab.mvo.bench import run

    run(data, out, cases, device=device.value)
    _show(out, "mvo")


for _command_of in (uncertainty, intervals, verdicts, speed, tcmn, ablation):
    app.command()(_command_of)
for _command in app.registered_commands:
    _name = _command.name or getattr(_command.callback, "__name__", "")
    _command.epilog = f"Example:\n\nmedvos bench {_name}{' wu' if _name == 'ablation' else ''} --out tables"


def _show(out: Path, *tables: str) -> None:
    """Print tables of a benchmark."""
    for table in tables:
        typer.echo((out / f"{table}.md").read_text(encoding="utf-8"))
