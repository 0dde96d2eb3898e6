from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from medvos_command import Medvos


def test_it_says_what_a_person_wants_to_know(medvos: Medvos, a_cine_file: Path):
    answer = medvos("info", a_cine_file)
    assert answer.returncode == 0
    assert "16.00 mm between centres" in answer.stdout
    assert "80 x 80 pixels" in answer.stdout


def test_a_dicom_folder_says_which_series_it_left_out(medvos: Medvos, data_folder: Path):
    answer = medvos("info", data_folder / "cine_multi_series" / "patient1")
    assert answer.returncode == 0, answer.stderr
    assert "17.7" in answer.stdout
    assert all(series in answer.stdout for series in ("6", "8", "10"))


def test_what_is_no_cine_exits_2(medvos: Medvos, tmp_path: Path):
    (tmp_path / "notes.txt").write_text("no images here")
    answer = medvos("info", tmp_path)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1


def test_it_starts_without_the_network_and_the_plots(environment: dict[str, str], a_cine_file: Path, data_folder: Path):
    for source in (a_cine_file, data_folder / "cine_multi_series" / "patient1"):
        program = (
            "import sys\nfrom medvos.cli.main import main\n"
            f"assert main(['info', {str(source)!r}]) == 0\n"
            "assert not {'torch', 'skimage', 'matplotlib', 'pandas', 'distributed'} & set(sys.modules)"
        )
        run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
