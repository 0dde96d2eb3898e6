"""Draw the animated image of the README from a cine, its seed and the results of the propagation.

    medvos demo --out DEMO
    python Utilities/draw_heart.py DEMO/cine.nii.gz DEMO/seed.nii.gz DEMO

It needs the extra `slicer` of the project (for VTK) and takes a minute or two. The image in the README shows the
synthetic patient of the demo; any cine with its seed and its results can be drawn.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
from heart.curve import BeatCurve
from heart.slices import HeartRegion
from heart.surfaces import HeartView
from matplotlib.font_manager import FontProperties, findfont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import medvos
from medvos.report.numbers import number as rounded
from medvos.report.numbers import pair
from medvos.report.palette import INK, MUTED

TARGET = Path(__file__).resolve().parents[1] / "Docs" / "heart.webp"
WIDTH, HEIGHT, GAP, TOP = 880, 336, 14, 34
SLICE, TILE = 300, 95
HEART, CURVE = 208, 104
COLUMN = SLICE + 2 * GAP
RIGHT = COLUMN + 2 * TILE + 6 + 2 * GAP
QUALITY = 58
DRAWN, SPREAD = 12, 8  # frames in which the seed is drawn, and in which the other slices follow
DRAW_MS, HOLD_MS, BEATS = 90, 700, 2
ENDING_MS = 900


def main(cine_path: Path, seed_path: Path, results: Path) -> None:
    """Draw the image and print its size."""
    cine = medvos.read(cine_path)
    labels, seed = (_labels(path) for path in (results / "segmentation.nii.gz", seed_path))
    report = json.loads((results / "report.json").read_text(encoding="utf-8"))
    frames, times = zip(*_frames(cine, labels, seed, report), strict=True)
    options = {"duration": list(times), "loop": 0, "quality": QUALITY, "method": 6, "minimize_size": True}
    frames[0].save(TARGET, save_all=True, append_images=frames[1:], **options)
    sys.stdout.write(f"{TARGET.name}: {len(frames)} frames, {TARGET.stat().st_size / 1000:.0f} kB\n")


def _labels(path: Path) -> NDArray[np.uint8]:
    return np.asarray(nib.load(path).dataobj, np.uint8).transpose(3, 2, 1, 0)


def _frames(
    cine: medvos.Cine, labels: NDArray[np.uint8], seed: NDArray[np.uint8], report: dict
) -> Iterator[tuple[Image.Image, int]]:
    """Yield each frame and how long it is shown, in ms."""
    t, z = (int(index) for index in np.argwhere(seed.any((2, 3)))[0])
    phases = len(labels)
    region = HeartRegion(cine.array, labels)
    view = HeartView(labels, cine.affine, HEART)
    curve = BeatCurve(report, WIDTH - RIGHT, CURVE)
    slices = labels.shape[1]
    shown = [round(place) for place in np.linspace(0, slices - 1, min(6, slices))]
    blank = np.zeros_like(labels)
    for step in range(DRAWN + 1):
        fraction = step / DRAWN
        drawing = region.image(t, z, seed, fraction, SLICE, fill=0.25 if fraction == 1 else 0)
        tiles = [region.image(t, each, blank, 0, TILE) for each in shown]
        yield _page(drawing, tiles, None, None, report), HOLD_MS if step in (0, DRAWN) else DRAW_MS
    drawing = region.image(t, z, seed, 1, SLICE, fill=0.25)
    for step in range(SPREAD):
        reach = (step + 1) / SPREAD * max(abs(each - z) for each in shown)
        tiles = [region.image(t, each, labels if abs(each - z) <= reach else blank, 1, TILE) for each in shown]
        yield _page(drawing, tiles, view.image(t, 0), curve.image(-1), report), DRAW_MS
    total = BEATS * phases
    for step in range(total):
        # The seed's phase comes first, and the heart swings once to both sides.
        phase = (t + step) % phases
        turn = 28 * np.sin(2 * np.pi * step / total)
        tiles = [region.image(phase, each, labels, 1, TILE) for each in shown]
        heart, volumes = view.image(phase, turn), curve.image(phase)
        last = step == total - 1
        yield _page(drawing, tiles, heart, volumes, report), ENDING_MS if last else round(1000 / phases)


def _page(
    drawing: Image.Image,
    tiles: list[Image.Image],
    heart: Image.Image | None,
    curve: Image.Image | None,
    report: dict,
) -> Image.Image:
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    page.paste(drawing, (0, TOP))
    for number, tile in enumerate(tiles):
        row, place = divmod(number, 2)
        page.paste(tile, (COLUMN + place * (TILE + 6), TOP + row * (TILE + 7)))
    _write(page, "1  Draw one slice", 0)
    _write(page, "2  Every slice", COLUMN)
    if heart is not None and curve is not None:
        page.paste(heart.crop((0, 28, HEART, HEART)), (RIGHT + (WIDTH - RIGHT - HEART) // 2, TOP))
        page.paste(curve, (RIGHT, HEIGHT - CURVE))
        value = report["measures"]["LVEF"]
        _write(page, "3  The beating heart", RIGHT)
        text = f"LVEF {rounded(value['value'])} %  (90 %: {pair(*value['interval'])})"
        _write(page, text, RIGHT + 2 * GAP, HEIGHT - CURVE - 18, size=13, colour=MUTED)
    return page


def _write(page: Image.Image, text: str, x: int, y: int = 6, size: int = 18, colour: str = INK) -> None:
    # Bundled with matplotlib: not every machine has fonts.
    font = ImageFont.truetype(findfont(FontProperties(family="DejaVu Sans", weight="bold")), size)
    ImageDraw.Draw(page).text((x, y), text, font=font, fill=colour)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*(Path(argument) for argument in sys.argv[1:]))
