"""The colours in which text shows while it is written.

A colour that was chosen is kept as it is, for the recipients; on dark paper, where it may be too dark to be
read, it only shows lighter.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor, QTextDocument, QTextFormat

from qtmail.ui.shared.theme import Colors

READABLE = 4.5
"""The least contrast of text (WCAG 2.2, success criterion 1.4.3)."""

_CHOSEN = int(QTextFormat.Property.UserProperty) + 1
_STEP = 0.04


@dataclass(frozen=True, slots=True)
class Inks:
    """How links and chosen colours show.

    Attributes:
        link: the colour of links; it belongs to the theme and is not part of what is written.
        paper: the ground they are to be read on if that is dark; None: colours show as recipients see them.
    """

    link: QColor
    paper: QColor | None = None

    @classmethod
    def of(cls, colors: Colors) -> Inks:
        return cls(colors.accent, colors.surface if colors.dark else None)

    def shown(self, chosen: QColor) -> QColor:
        """The colour itself, or on dark paper one of its hue that is light enough."""
        if self.paper is None:
            return chosen
        shown, lightness = QColor(chosen), chosen.lightnessF()
        hue, saturation = max(chosen.hslHueF(), 0.0), chosen.hslSaturationF()
        while contrast(shown, self.paper) < READABLE and lightness < 1:
            lightness = min(1.0, lightness + _STEP)
            shown = QColor.fromHslF(hue, saturation, lightness)
        return shown


def contrast(one: QColor, other: QColor) -> float:
    """How well one colour can be told from another, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def set_ink(looks: QTextCharFormat, chosen: QColor, inks: Inks | None) -> None:
    """Colour `looks`; `inks` None: show the colour as it is."""
    looks.setProperty(_CHOSEN, chosen.name())
    looks.setForeground(inks.shown(chosen) if inks is not None else chosen)


def clear_ink(looks: QTextCharFormat) -> None:
    """Leave `looks` in the reader's own ink."""
    looks.clearProperty(_CHOSEN)
    looks.clearProperty(QTextFormat.Property.ForegroundBrush)


def ink_of(looks: QTextCharFormat) -> str:
    """The colour that was chosen, as `#rrggbb`; "" for the reader's own."""
    return looks.stringProperty(_CHOSEN)


def recolor(document: QTextDocument, inks: Inks) -> None:
    """Show links and chosen colours as `inks` wants them, in no undo step of its own."""
    changes: list[tuple[int, int, QColor]] = []
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            piece = iterator.fragment()
            looks = piece.charFormat()
            if looks.isAnchor() or ink_of(looks):
                color = inks.link if looks.isAnchor() else inks.shown(QColor(ink_of(looks)))
                changes.append((piece.position(), piece.position() + piece.length(), color))
            iterator += 1
        block = block.next()
    nothing_to_undo = not document.isUndoAvailable() and not document.isRedoAvailable()
    document.setUndoRedoEnabled(not nothing_to_undo and document.isUndoRedoEnabled())
    cursor = QTextCursor(document)
    cursor.joinPreviousEditBlock()
    for start, end, color in changes:
        looks = QTextCharFormat()
        looks.setForeground(color)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(looks)
    cursor.endEditBlock()
    document.setUndoRedoEnabled(True)


def _luminance(color: QColor) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (color.redF(), color.greenF(), color.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
