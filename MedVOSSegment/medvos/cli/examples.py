"""One example or more of every command, shown at the end of its help."""

from __future__ import annotations

EXAMPLES = {
    "propagate": (
        "medvos propagate PATIENT_FOLDER --seed seed.nii.gz --phase 0 --out results",
        "medvos propagate cine.nii.gz --seed fixed.nii.gz --previous results --out new",
        "medvos propagate echo.avi --seed frame.png --phase 12 --out echo",
    ),
    "segment": (
        "medvos segment PATIENT_FOLDER --out results",
        "medvos segment apical.mp4 --out echo --no-video",
        "medvos segment PATIENT_FOLDER --myocardium results --out mvo",
    ),
    "propose": (
        "medvos propose PATIENT_FOLDER --out seed.nii.gz",
        "medvos propose cine.nii.gz --phase 0 --slice 5 --out seed.nii.gz",
    ),
    "batch": (
        "medvos batch cases.csv --out cohort",
        "medvos batch PATIENTS --seeds '{case}/seed.nii.gz' --phase 0 --out cohort",
    ),
    "info": (
        "medvos info PATIENT_FOLDER",
        "medvos info PATIENT_FOLDER --series 5,9",
    ),
    "measure": (
        "medvos measure results --sex F --age 54 --height 168 --weight 61",
        "medvos measure segmentation.nii.gz --labels lv=1,myo=2,rv=3 --json",
        "medvos measure apical4.nii.gz --two-chamber apical2.nii.gz",
    ),
    "report": (
        "medvos report results --out report.pdf --source PATIENT_FOLDER",
        "medvos report results --out report.html --sex M --age 61 --ed 0 --es 9",
    ),
    "export": (
        "medvos export results --to dicom-seg --source PATIENT_FOLDER --out dicom",
        "medvos export results --to stl --out surfaces",
    ),
    "evaluate": (
        "medvos evaluate results truth.nii.gz",
        "medvos evaluate results truth.nii.gz --structures LV,Myo --json",
        "medvos evaluate predictions truths --labels lv=1",
    ),
    "models": ("medvos models",),
    "demo": (
        "medvos demo",
        "medvos demo --patient 3 --out another",
    ),
    "train": ("medvos train cstm --data DATA --out runs/cstm",),
    "bench": (
        "medvos bench accuracy --data DATA --out tables",
        "medvos bench speed --beside-load --out speed",
    ),
}
COMPLETION = "For completion with the Tab key in this shell: medvos --install-completion"


def examples_of(command: str) -> str | None:
    """Return the examples of a command as the end of its help, a line each; None where there is none.

    >>> examples_of("models")
    'Examples:\\n\\nmedvos models'
    """
    return "\n\n".join(("Examples:", *EXAMPLES[command])) if command in EXAMPLES else None
