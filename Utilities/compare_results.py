"""Run the same commands with two checkouts and compare every number that they write.

    python Utilities/compare_results.py OTHER_CHECKOUT --data MEDVOS_DATA --work FOLDER

A refactoring must not change results. Twelve commands run over a synthetic heart and real cine MRI and echo, first with
the other checkout, then with this one. Images and tables must have the same bytes; in JSON every number, list, key and
name must be equal. Sentences for the reader may have been reworded: those that differ are printed and do not count.
Existing results are kept; to run one side again, delete its folder in FOLDER.

The exit code is 0 where nothing differs and 1 otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# Time, memory and version differ from run to run.
IGNORED_KEYS = {"made", "seconds", "peak_mb", "medvos"}
# Texts below these keys are sentences for the reader; all others are names, units, codes and checksums.
SENTENCES = {"reason", "notes", "doubts", "terms", "notice", "summary"}
IGNORED_COLUMNS = {"seconds", "peak_MB"}
SAME_BYTES = (".nii.gz", ".csv", ".stl", ".nrrd", ".npy")
ECHO_CLIP = "echonet_videos/0X1A05829AEDF6C65.avi"
CORRECTED_SLICE = 4


def commands(data: Path) -> list[list[str]]:
    """Return the arguments of each command, to be run in this order in one folder."""
    clip = str(data / ECHO_CLIP)
    cpu = ["--device", "cpu"]
    quiet = [*cpu, "--progress", "none"]
    return [
        ["demo", "--out", "demo", *quiet],
        ["propagate", "demo/cine.nii.gz", "--seed", "corrected.nii.gz", "--previous", "demo", "--out", "fixed", *quiet],
        ["measure", "demo/segmentation.nii.gz", "--json"],
        ["evaluate", "demo/segmentation.nii.gz", "demo/truth.nii.gz", "--json"],
        ["export", "demo", "--to", "stl", "--out", "surfaces"],
        ["segment", "demo/cine.nii.gz", "--out", "undrawn", "--model", "vivim", *quiet],
        ["segment", "demo/cine.nii.gz", "--myocardium", "demo", "--out", "obstruction", "--model", "mvo", *quiet],
        ["segment", clip, "--out", "echo", "--model", "echo-lv", *quiet],
        ["propagate", clip, "--seed", "frame.nii.gz", "--phase", "0", "--out", "clip", "--model", "tcmn", *quiet],
        ["propose", str(data / "cine_multi_series/patient1"), "--out", "proposed.nii.gz", *cpu],
        ["bench", "cohort", "--out", "cohort", "--data", str(data)],
        ["batch", "cohort/sunnybrook_4d.csv", "--out", "batch", *quiet],
    ]


def write_inputs(folder: Path) -> None:
    """Write the label images that later commands read, as soon as their source exists."""
    import nibabel
    import numpy as np

    def copy(source: str, target: str, change: Any) -> None:
        if (folder / source).is_file() and not (folder / target).is_file():
            image = nibabel.load(folder / source)
            labels = change(np.asarray(image.dataobj).astype(np.uint8))
            nibabel.save(nibabel.Nifti1Image(labels, image.affine), folder / target)

    def corrected(truth: Any) -> Any:
        drawn = np.asarray(nibabel.load(folder / "demo/seed.nii.gz").dataobj).astype(np.uint8)
        drawn[:, :, CORRECTED_SLICE] = truth[:, :, CORRECTED_SLICE]
        return drawn

    copy("demo/truth.nii.gz", "corrected.nii.gz", corrected)
    copy("echo/segmentation.nii.gz", "frame.nii.gz", lambda labels: labels[..., 0])


def run(checkout: Path, data: Path, folder: Path) -> None:
    """Run all commands with one checkout in `folder`; their output is kept there too."""
    packages = [checkout / "MedVOSSegment", checkout / "MedVOSLab"]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(path) for path in packages if path.is_dir()),
        "OMP_NUM_THREADS": "1",
        "MEDVOS_DATA": str(data),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for number, arguments in enumerate(commands(data), 1):
        printed = folder / f"{number:02d}-{arguments[0]}.txt"
        if printed.exists():
            continue
        write_inputs(folder)
        print(f"{checkout.name}: medvos {' '.join(arguments)}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "medvos", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"exit code {done.returncode}: {done.stderr.strip()}")
        name = printed.with_suffix(".json") if "--json" in arguments else printed
        name.write_text(done.stdout, encoding="utf-8")
        printed.touch()


def differences(before: Path, after: Path) -> Iterator[tuple[bool, str]]:
    """Yield each difference and whether it counts: missing files, bytes, values, and sentences, which do not."""
    names = [{path.relative_to(side) for path in side.rglob("*") if path.is_file()} for side in (before, after)]
    for name in sorted(names[0] ^ names[1]):
        yield True, f"{name}: written by only one of the two"
    for name in sorted(names[0] & names[1]):
        one, other = before / name, after / name
        if name.name.endswith(SAME_BYTES) and _digest(one) != _digest(other):
            yield True, f"{name}: bytes differ"
        elif name.suffix == ".json":
            old, new = (json.loads(path.read_text(encoding="utf-8") or "null") for path in (one, other))
            for counts, what in _compare(old, new, ""):
                yield counts, f"{name}{what}"


def _digest(path: Path) -> str:
    content = path.read_bytes()
    if path.name.endswith(".gz"):
        import gzip  # its header may hold the time of writing

        content = gzip.decompress(content)
    if path.suffix == ".csv":
        rows = [row.split(",") for row in content.decode("utf-8").splitlines()]
        kept = [i for i, name in enumerate(rows[0]) if name not in IGNORED_COLUMNS]
        content = "\n".join(",".join(row[i] for i in kept if i < len(row)) for row in rows).encode()
    return hashlib.sha256(content).hexdigest()


def _compare(old: Any, new: Any, where: str, sentence: bool = False) -> Iterator[tuple[bool, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new} - IGNORED_KEYS):
            if (key in old) != (key in new):
                yield True, f" {where}: '{key}' in only one of the two"
            else:
                yield from _compare(old[key], new[key], f"{where}/{key}", key in SENTENCES)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _compare(a, b, f"{where}/{i}", sentence)
    elif old != new:
        yield not (sentence and isinstance(old, str) and isinstance(new, str)), f" {where}: {old!r} -> {new!r}"


def main() -> int:
    """Run both sides and print their differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="checkout to compare with")
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    parser.add_argument("--work", type=Path, required=True, help="folder for the results of both")
    given = parser.parse_args()
    sides = {"before": given.other.resolve(), "after": ROOT}
    for side, checkout in sides.items():
        run(checkout, given.data.resolve(), given.work.resolve() / side)
    found = list(differences(given.work / "before", given.work / "after"))
    for counts, what in found:
        print("DIFFERENT" if counts else "reworded ", what)
    print(f"{sum(counts for counts, _ in found)} differences in numbers, names, images and tables")
    return int(any(counts for counts, _ in found))


if __name__ == "__main__":
    sys.exit(main())
