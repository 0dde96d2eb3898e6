"""The scripts of the page on clusters, run by bash with a stand-in for medvos."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "Docs" / "how-to" / "cluster.md"
STAND_IN = """#!/bin/bash
[ "$(wc -l < "$2")" -gt 1 ] || exit 2
mkdir -p "$4/cases"
echo '{}' > "$4/cohort.json"
tail -n +2 "$2" | cut -d, -f1 | while read -r name; do mkdir -p "$4/cases/$name"; done
echo "$2 $4" >> calls
"""


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("awk"), reason="needs a shell and awk")
@pytest.mark.parametrize("count", [3, 47])
def test_the_parts_of_an_array_have_every_case_once_and_are_joined(tmp_path: Path, count: int):
    scripts = re.findall(r"```sh\n(#!/bin/bash\n.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "medvos").write_text(STAND_IN)
    (tmp_path / "bin" / "medvos").chmod(0o755)
    names = [f"case{number}" for number in range(count)]
    lines = ["case,input,seed,phase", *(f"{name},{name}.nii.gz,{name}-seed.nii.gz,0" for name in names)]
    (tmp_path / "cases.csv").write_text("\n".join(lines))  # a last line without an end
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    part, join = scripts
    for number in range(20):
        task = {**environment, "SLURM_ARRAY_TASK_ID": str(number)}
        subprocess.run(["bash", "-e", "-c", part], cwd=tmp_path, env=task, check=True)
    parts = [path.name for path in (tmp_path / "parts").glob("*/cases/*")]
    assert sorted(parts) == sorted(names)
    subprocess.run(["bash", "-e", "-c", join], cwd=tmp_path, env=environment, check=True)
    assert sorted(path.name for path in (tmp_path / "results" / "cases").iterdir()) == sorted(names)
    assert (tmp_path / "calls").read_text().splitlines()[-1] == "cases.csv results"
