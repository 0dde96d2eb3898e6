"""A figure of several rows in report.pdf, which continues on the next page where the rest of a page is too low."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from medvos.report.pdf_layout import HEIGHT, WIDTH, image

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from reportlab.platypus import Flowable

Draw = Callable[[int, int], "Figure"]


def rows_of(draw: Draw, rows: int) -> Flowable:
    """Return a figure of ``rows`` rows as wide as the page; ``draw(3, 5)`` draws the rows 3 and 4 with their headings.

    Figures of as many rows have the same size, whose height grows by the same step with each row.
    """
    from reportlab.platypus import Flowable

    def height_of(figure: Figure) -> float:
        wide, high = figure.get_size_inches()
        return float(WIDTH * high / wide)

    one = height_of(draw(0, 1))
    step = height_of(draw(0, 2)) - one if rows > 1 else 0.0

    class Rows(Flowable):
        """The rows from ``first`` on, before ``end``."""

        def __init__(self, first: int, end: int) -> None:
            super().__init__()
            self.first, self.end = first, end

        def wrap(self, *_available: float) -> tuple[float, float]:
            high = one + (self.end - self.first - 1) * step
            return WIDTH, high if self.end - self.first > 1 else min(high, HEIGHT)

        def split(self, _width: float, height: float) -> list[Flowable]:
            fitting = int((height - one) // step) + 1 if height >= one and step else 0
            middle = self.first + fitting
            return [Rows(self.first, middle), Rows(middle, self.end)] if self.first < middle < self.end else []

        def draw(self) -> None:
            drawn = image(draw(self.first, self.end), HEIGHT)
            drawn.drawOn(self.canv, 0, 0)

    return Rows(0, rows)
