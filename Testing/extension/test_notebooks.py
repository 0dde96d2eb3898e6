"""Every notebook of the documentation runs from its first cell to its last."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from extension.checkout import ROOT, tracked

if "CI" not in os.environ:  # there a missing package is an error, not a reason to skip
    pytest.importorskip("nbclient", reason="notebooks are run with nbclient")
    pytest.importorskip("ipykernel", reason="notebooks are run with ipykernel")

NOTEBOOKS = [path for path in tracked() if path.suffix == ".ipynb"]
# In a process of its own: the tests take warnings of the notebook's machinery for errors.
PROGRAM = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=900, kernel_name="python3").execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        print(output.get("text", ""), *output.get("data", {}))
"""


def test_there_is_a_notebook():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_runs_and_prints_a_table_and_a_figure(path: Path, tmp_path: Path):
    folders = [str(ROOT / name) for name in ("MedVOSSegment", "MedVOSLab")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders), "IPYTHONDIR": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM, str(path)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "exact EF" in done.stdout and "P-003" in done.stdout
    assert "image/png" in done.stdout
    row = re.compile(r"P-\d{3} .* ([\d.]+) to +([\d.]+) +([\d.]+)$", re.MULTILINE)
    rows = [[float(number) for number in found] for found in row.findall(done.stdout)]
    assert len(rows) == 4 and all(low <= exact <= high for low, high, exact in rows)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_is_kept_without_outputs(path: Path):
    assert '"output_type"' not in path.read_text(encoding="utf-8")
