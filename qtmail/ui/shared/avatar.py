"""The round mark of a person: initials on the person's colour."""

from __future__ import annotations

import re
import unicodedata

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from qtmail.ui.shared.theme import Theme

LONGEST_PERSONAL_NAME = 4
"""East Asian names of more characters than this are names of companies and offices."""

_ASIDE = re.compile(r"\(.*?\)|\[.*?\]|（.*?）|\bvia\b.*", re.IGNORECASE)
_QUOTES = " \"'“”‘’«»„‚"
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+")


def initials(name: str, address: str = "") -> str:
    """One or two characters to know a person by.

    First and last initial ("Anna Berg" → "AB", "Berg, Anna" → "AB"). For East Asian names the last two
    characters, which people are called by ("王小明" → "小明"), or the first two of a company's name. Else the
    first letter of the address.
    """
    plain = _ASIDE.sub(" ", name).strip(_QUOTES)
    if run := _EAST_ASIAN.search(plain):
        characters = "".join(_EAST_ASIAN.findall(plain))
        return characters[-2:] if len(characters) <= LONGEST_PERSONAL_NAME else run.group()[:2]
    family, comma, given = plain.partition(",")
    words = [
        word for word in re.split(r"[\s._]+", f"{given} {family}" if comma else plain) if word[:1].isalnum()
    ]
    if not words:
        return next((letter.upper() for letter in address if letter.isalnum()), "?")
    ends = words[0] if len(words) == 1 else words[0][0] + words[-1][0]
    return unicodedata.normalize("NFC", ends[:1] if len(words) == 1 else ends).upper()


class Avatar(QWidget):
    """The mark of one person, `size` logical pixels wide."""

    def __init__(self, theme: Theme, size: int = 40, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._size = size
        self._initials = ""
        self._address = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_person(self, name: str, address: str) -> None:
        self._initials = initials(name, address)
        self._address = address or name
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = self._theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.avatar(self._address))
        painter.drawEllipse(QRectF(self.rect()))
        font = QFont(self.font())
        font.setPixelSize(round(self._size * (0.34 if len(self._initials) > 1 else 0.42)))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(colors.avatar_text)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._initials)
