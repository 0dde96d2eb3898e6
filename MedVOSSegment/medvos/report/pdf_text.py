"""Text of any script in a PDF: DejaVu embedded, Adobe's CID fonts for Chinese, Japanese and Korean."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"
HAN, KANA, HANGUL = "STSong-Light", "HeiseiKakuGo-W5", "HYSMyeongJo-Medium"
NO_LETTER = "\N{REPLACEMENT CHARACTER}"
RIGHT_TO_LEFT = ("R", "AL")

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_CJK = re.compile(
    r"[\u1100-\u11ff\u2e80-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"
)


@cache
def register_fonts() -> frozenset[int]:
    """Register the fonts with reportlab; return the code points of DejaVu."""
    import matplotlib
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)
    for name in (HAN, KANA, HANGUL):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return frozenset(pdfmetrics.getFont(FONT).face.charToGlyph)


def marked_up(text: str) -> str:
    """Return `text` as the markup of a reportlab paragraph, each letter in a font that has it.

    Letters that no font has become U+FFFD. Arabic letters are joined, and right-to-left text is put into visual order;
    such a text should fit on one line.
    """
    known = register_fonts()
    east = HANGUL if _HANGUL.search(text) else KANA if _KANA.search(text) else HAN
    runs: list[tuple[str | None, str]] = []
    for letter in _as_seen(text):
        font = east if _CJK.match(letter) else None
        shown = letter if font or ord(letter) in known or letter.isspace() else NO_LETTER
        if runs and runs[-1][0] == font:
            runs[-1] = (font, runs[-1][1] + shown)
        else:
            runs.append((font, shown))
    return "".join(f'<font name="{font}">{escape(run)}</font>' if font else escape(run) for font, run in runs)


def _as_seen(text: str) -> str:
    if not any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in text):
        return text
    from arabic_reshaper import reshape
    from bidi import get_display

    return str(get_display(reshape(text)))
