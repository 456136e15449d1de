"""The fonts of the message list with their metrics, which are dear to make for every cell anew."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QFont, QFontMetrics


@dataclass(frozen=True, slots=True)
class Face:
    """A font and its metrics."""

    font: QFont
    metrics: QFontMetrics


@dataclass(frozen=True, slots=True)
class ListFonts:
    """The fonts a list is written in, made of the view's font.

    Attributes:
        plain, bold: of a message that is read, and of one that is not.
        small: dates and tags on cards.
        group: the names of groups.
    """

    plain: Face
    bold: Face
    small: Face
    group: Face

    @classmethod
    def of(cls, base: QFont) -> ListFonts:
        return cls(
            _face(base, 1.0),
            _face(base, 1.0, QFont.Weight.Bold),
            _face(base, 0.9),
            _face(base, 0.82, QFont.Weight.Bold),
        )

    @property
    def line(self) -> int:
        """The height of a line, in pixels."""
        return max(self.plain.metrics.height(), self.bold.metrics.height())


def _face(base: QFont, factor: float, weight: QFont.Weight = QFont.Weight.Normal) -> Face:
    font = QFont(base)
    font.setPointSizeF(base.pointSizeF() * factor)
    font.setWeight(weight)
    return Face(font, QFontMetrics(font))
