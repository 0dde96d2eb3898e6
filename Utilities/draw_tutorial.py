"""Draw all images of the tutorial from the synthetic patient, the shipped weights and a real scene.

    python Utilities/draw_tutorial.py [FOLDER]

FOLDER defaults to `Docs`. It takes some minutes and needs the extras `slicer` and `test` of the project.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / name) for name in ("MedVOSSegment", "Testing", "Utilities")]
# Qt and VTK read these when they are imported, which `main` does.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
# Shown by the catalogue of extensions; all other images belong to the tutorial alone.
SCREENSHOT = "panel"


def main(docs: Path) -> None:
    """Draw the images into the folder `docs`."""
    from tutorial.compose import save
    from tutorial.desktop import Desktop
    from tutorial.story import tour

    (docs / "tutorial").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        results = Path(home) / "Heart results"
        results.mkdir()
        desktop = Desktop(Path(home) / "slicer")
        for name, image in tour(desktop, results):
            save(image, (docs if name == SCREENSHOT else docs / "tutorial") / f"{name}.webp")
        desktop.close()


if __name__ == "__main__":
    given = sys.argv[1:]
    if len(given) > 1 or any(name.startswith("-") for name in given):
        sys.exit(__doc__)
    main(Path(given[0]) if given else ROOT / "Docs")
