"""``medvos demo``: a synthetic patient with exact labels, from one drawn slice to the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medvos.cli.options import Device, DeviceOption, ModelOption, ProgressOption, ProgressStyle
from medvos.cli.out_folder import check_same_cine
from medvos.cli.progress import shown
from medvos.progress import WRITING, Parts, stepwise

if TYPE_CHECKING:
    from medvos.measure.measures import Measure, Measures
    from medvos.result import Result
    from medvos.synth.heart import SyntheticHeart

MAKING = 0.15  # fraction of the time that it takes to make the patient
SHAPE = (25, 12, 192, 192)  # enough slices to reach from the apex to above the base


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")] = Path("medvos-demo"),
    model: ModelOption = "cstm",
    device: DeviceOption = Device.AUTO,
    progress: ProgressOption = ProgressStyle.BAR,
    patient: Annotated[int, typer.Option(help="0 is a healthy adult; any other number is a random seed.", min=0)] = 0,
) -> None:
    """Make a synthetic patient, draw one slice, propagate it, and compare with the exact labels."""
    import numpy as np

    from medvos.staging import OPTIONAL, staged

    with shown(progress, out) as report, staged(out, OPTIONAL) as staging:
        parts = Parts(report)
        begin = stepwise(parts.part(0.0, MAKING), SHAPE[0] * SHAPE[1], 2)
        begin("making a synthetic patient")
        from medvos.cine.seed import seed_from_array
        from medvos.cine.write import write_nifti
        from medvos.synth.heart import synthetic_heart
        from medvos.synth.parameters import HeartParameters

        # The first patient is a typical healthy adult.
        heart = synthetic_heart(patient, shape=SHAPE, parameters=HeartParameters() if patient == 0 else None)
        check_same_cine(out, heart.cine)
        begin("loading the network")
        from medvos.propagation.propagate import propagate
        from medvos.report.write_results import write_files

        ed = int(np.argmax(heart.volumes_ml["LV"]))
        middle = _middle_slice(heart, ed)
        drawn = np.zeros_like(heart.labels)
        drawn[ed, middle] = heart.labels[ed, middle]
        seed = seed_from_array(drawn, heart.cine)
        result = propagate(heart.cine, seed, model=model, device=device.value, progress=parts.part(MAKING, WRITING))
        measures = write_files(result, staging, out, progress=parts.part(WRITING, 1.0))
        write_nifti(staging / "cine.nii.gz", np.rint(heart.cine.array).astype(np.int16), heart.cine)
        write_nifti(staging / "seed.nii.gz", drawn, heart.cine, labels=True)
        write_nifti(staging / "truth.nii.gz", heart.labels, heart.cine, labels=True)
    if progress is ProgressStyle.BAR:
        typer.echo(_in_words(heart, result, measures, ed, middle, out))


def _middle_slice(heart: SyntheticHeart, ed: int) -> int:
    """Return the middle one of the slices that show all three structures at ED."""
    import numpy as np

    from medvos.structures import STRUCTURES

    complete = [z for z, labels in enumerate(heart.labels[ed]) if all((labels == s.label).any() for s in STRUCTURES)]
    return int(np.median(complete))


def _in_words(heart: SyntheticHeart, result: Result, measures: Measures, ed: int, middle: int, out: Path) -> str:
    """Compare the result with the exact labels, in words for a new user."""
    import numpy as np

    from medvos.evaluate.metrics import dice
    from medvos.measure.measure import measure
    from medvos.structures import STRUCTURES

    phases, slices = result.slice_scores.shape
    unseen = ~result.seeds
    lines = [
        "",
        f"One slice was drawn (slice {middle + 1} of {slices}, at phase {ed + 1} of {phases}); "
        f"the other {np.count_nonzero(unseen)} images were segmented from it.",
        "",
    ]
    drawn = measure(heart.labels, heart.cine)
    for name in ("LV", "RV"):
        found, on_slices = (_percent(source[f"{name}EF"]) for source in (measures, drawn))
        lines.append(
            f"{name} ejection fraction: {found} found, {on_slices} from the exact labels of these slices, "
            f"{heart.ef[name]:.1f} % in the whole heart, parts between the slices included."
        )
    overlaps = []
    for structure in reversed(STRUCTURES):
        overlap = dice(result.labels[unseen] == structure.label, heart.labels[unseen] == structure.label)
        overlaps.append(f"{structure.name} {overlap:.3f}")
    lines += [
        f"Dice overlap with the exact labels outside the drawn slice (1 is perfect): {', '.join(overlaps)}.",
        "",
        f"Open {out / 'report.html'} in a browser. To repeat it yourself:",
        f"  medvos propagate {out / 'cine.nii.gz'} --seed {out / 'seed.nii.gz'} --out {out}",
    ]
    return "\n".join(lines)


def _percent(measure: Measure) -> str:
    return "none" if measure.value is None else f"{measure.value:.1f} %"
