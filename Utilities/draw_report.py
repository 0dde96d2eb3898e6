"""Draw the pages of the report for the docs from the results of `medvos demo`.

    medvos demo --out DEMO
    python Utilities/draw_report.py DEMO

It needs the extras `report` and `test` of the project; the HTML page is drawn by the browser in Qt.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QTWEBENGINE_CHROMIUM_FLAGS", "--no-sandbox --disable-gpu")

import numpy as np
import pypdfium2
from PIL import Image
from PySide6.QtCore import QTimer, QUrl
from PySide6.QtWebEngineCore import QWebEngineSettings
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication
from tutorial.compose import save

IMAGES = Path(__file__).resolve().parents[1] / "Docs" / "report"
DOTS_PER_POINT = 1.4
WINDOW = (1240, 2020)  # above the wall
PAGES = 4  # the others look like the fourth one
PAINTED_MS = 1500  # after the page was loaded
QUALITY = 80  # of pages with shades


def main(demo: Path) -> None:
    """Draw the first pages of the PDF report of `demo`, and the HTML report."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pdf, page, shot = (Path(folder) / name for name in ("report.pdf", "report.html", "html.png"))
        for path in (pdf, page):
            person = ("--sex", "M", "--age", "44")
            command = (sys.executable, "-m", "medvos", "report", str(demo), "--out", str(path), *person)
            subprocess.run([*command, "--source", str(demo / "cine.nii.gz")], check=True)
        for number, each in enumerate(list(pypdfium2.PdfDocument(pdf))[:PAGES], start=1):
            rendered = each.render(scale=DOTS_PER_POINT).to_pil().convert("RGB")
            save(np.asarray(rendered), IMAGES / f"pdf-{number}.webp", QUALITY)
        draw_page(page, shot)
        with Image.open(shot) as image:
            save(np.asarray(image.convert("RGB")), IMAGES / "html.webp", QUALITY)


def draw_page(page: Path, shot: Path) -> None:
    """Draw an HTML file as an image, as a browser shows its upper part."""
    application = QApplication([])
    view = QWebEngineView()
    view.resize(*WINDOW)
    view.settings().setAttribute(QWebEngineSettings.WebAttribute.ShowScrollBars, False)
    view.show()

    def painted() -> None:
        view.grab().save(str(shot))
        application.quit()

    view.loadFinished.connect(lambda _: QTimer.singleShot(PAINTED_MS, painted))
    view.load(QUrl.fromLocalFile(page))
    application.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
