"""Draw the pages of the report for the docs from the results of `medvos demo`.

    medvos demo --out DEMO
    python Utilities/draw_report.py DEMO [BROWSER]

It needs the extras `report` and `test` of the project. BROWSER is the command of a Chromium; without it only the PDF is
drawn, not the HTML page.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image

IMAGES = Path(__file__).resolve().parents[1] / "Docs" / "report"
DOTS_PER_POINT = 1.4
WINDOW = (1240, 2700)
COLOURS = 128  # few enough for small files without a visible difference


def main(demo: Path, browser: str | None) -> None:
    """Draw each page of the PDF report of `demo` and, with `browser`, the HTML report."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pdf, page = Path(folder) / "report.pdf", Path(folder) / "report.html"
        for path in (pdf, page):
            person = ("--sex", "F", "--age", "44")
            command = (sys.executable, "-m", "medvos", "report", str(demo), "--out", str(path), *person)
            subprocess.run([*command, "--source", str(demo / "cine.nii.gz")], check=True)
        for number, each in enumerate(pypdfium2.PdfDocument(pdf), start=1):
            save(each.render(scale=DOTS_PER_POINT).to_pil(), f"pdf-{number}")
        if browser is not None:
            shot, size = Path(folder) / "html.png", f"--window-size={WINDOW[0]},{WINDOW[1]}"
            switches = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", size)
            subprocess.run([browser, *switches, f"--screenshot={shot}", page.as_uri()], check=True, capture_output=True)
            with Image.open(shot) as image:
                save(image, "html")


def save(image: Image.Image, name: str) -> None:
    """Save `image` as a PNG of few colours in the docs."""
    image.convert("RGB").quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
