"""``medvos propose``: propose a seed on one slice, for the reader to correct."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medvos.cli.options import Device, DeviceOption, ModelOption, SeriesOption, series_numbers
from medvos.cli.out_folder import check_apart, refuse_to_overwrite
from medvos.errors import InputError
from medvos.staging import staged

if TYPE_CHECKING:
    from medvos.cine.cine import Cine

SUFFIXES = (".nii", ".nii.gz")


def propose(
    cine_path: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="DICOM folder or file, DICOMDIR, 4D NIfTI or .seq.nrrd, or an archive of one.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="Label image (.nii.gz) to write, on INPUT's grid, or a folder, in which it is named after INPUT.",
            show_default=False,
        ),
    ],
    phase: Annotated[
        int | None, typer.Option(help="Counted from 0; default: end-diastole.", show_default=False)
    ] = None,
    z: Annotated[
        int | None, typer.Option("--slice", help="Counted from 0; default: mid-ventricular.", show_default=False)
    ] = None,
    series: SeriesOption = None,
    model: ModelOption = "cstm",
    device: DeviceOption = Device.AUTO,
) -> None:
    """Propose LV, Myo and RV on one slice: look at it, correct it, then give it to propagate as the seed."""
    given, out = out, _file(out, cine_path)
    if out != given:
        refuse_to_overwrite((cine_path,), given)
    if out.exists() and out.resolve() == cine_path.resolve():
        raise InputError(f"{out.name} is the input itself; choose another name for --out.")
    if out != given and (other := _other_of_case(out)):
        typer.echo(f"{other.name} is kept as the seed of this case: move it away for a proposal.")
        return
    import numpy as np

    from medvos.cine.read import read
    from medvos.cine.seed import PROPOSAL, digest_of
    from medvos.cine.write import write_nifti
    from medvos.models.store import resolve

    resolve(model, "cstm", "vivim")  # before the cine, which takes long
    cine = read(cine_path, series_numbers(series))
    if out != given:  # a file that is named may lie beside the images, as in a cohort's folder
        check_apart(given, chain.from_iterable(cine.source.files))
    unchanged = out.exists() and _is_unchanged_proposal(out, cine)
    if unchanged and out != given and phase is None and z is None:
        typer.echo(f"{out.name} is kept: it is an unchanged proposal on this cine's grid; delete it for a new one.")
        return
    if out.exists() and not unchanged:
        if out != given:  # a loop over scans goes on
            typer.echo(f"{out.name} is kept: it is not an unchanged proposal of this cine.")
            return
        raise InputError(
            f"{out.name} exists and is not an unchanged proposal of this cine: keep it, or choose another --out."
        )
    from medvos.segmentation.seed_proposal import propose_seed

    with staged(out.parent) as staging:
        phase, z, drawing = propose_seed(cine, model, device.value, phase, z)
        labels = np.zeros(cine.shape, np.uint8)
        labels[phase, z] = drawing
        write_nifti(staging / out.name, labels, cine, PROPOSAL + digest_of(drawing), labels=True)
    place = f"Phase {phase + 1}, slice {z + 1} (--phase {phase} --slice {z})"
    typer.echo(f"{place}: look at {out.name} before you use it.")


def _file(out: Path, cine: Path) -> Path:
    """Return the file to write: ``out`` itself, or in a folder the name by which ``medvos batch --seeds`` finds it."""
    if out.name.endswith(SUFFIXES) and not out.is_dir():
        return out
    if out.suffix and not out.is_dir():
        raise InputError(f"{out.name} is neither a NIfTI name nor a folder; let --out end in .nii.gz.")
    from medvos.cohort.folder import case_name

    return out / f"{case_name(cine) or cine.name}.nii.gz"


def _other_of_case(out: Path) -> Path | None:
    """Return a label image beside ``out`` that ``medvos batch --seeds`` would take for the same case."""
    from medvos.cohort.folder import labels_of

    others = (file for file in labels_of(out.parent, out.name.removesuffix(".nii.gz")) if file != out)
    return next(others, None)


def _is_unchanged_proposal(path: Path, cine: Cine) -> bool:
    """Return whether a file is a proposal that nobody has changed; anything else may be a person's work."""
    from medvos.cine.seed import read_seed

    try:
        seed = read_seed(path, cine)
    except InputError:
        return False
    return bool(seed.drawn.any()) and bool((seed.proposed == seed.drawn).all())
