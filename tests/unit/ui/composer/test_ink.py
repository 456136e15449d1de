"""Chosen colours on light and dark paper."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QTextCharFormat

from qtmail.ui.composer.editor import Editor
from qtmail.ui.composer.format_toolbar import TEXT_COLORS
from qtmail.ui.composer.ink import READABLE, Inks, clear_ink, contrast, ink_of, recolor, set_ink
from qtmail.ui.shared.theme import DARK, LIGHT


def test_contrast_is_that_of_the_standard():
    assert contrast(QColor("white"), QColor("black")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("value", [value for _, value in TEXT_COLORS] + ["#000000", "#000080", "#ffffff"])
def test_every_colour_can_be_read_on_dark_paper(value: str):
    assert contrast(Inks.of(DARK).shown(QColor(value)), DARK.surface) >= READABLE


def test_a_colour_keeps_its_hue_on_dark_paper():
    chosen = QColor("#2f6fe0")
    assert Inks.of(DARK).shown(chosen).hslHueF() == pytest.approx(chosen.hslHueF(), abs=0.01)


def test_on_light_paper_colours_show_as_recipients_see_them():
    assert Inks.of(LIGHT).shown(QColor("#ffff00")) == QColor("#ffff00")


def test_what_was_chosen_is_kept_however_it_shows():
    looks = QTextCharFormat()
    set_ink(looks, QColor("#000080"), Inks.of(DARK))
    assert ink_of(looks) == "#000080" and looks.foreground().color() != QColor("#000080")
    clear_ink(looks)
    assert ink_of(looks) == "" and looks == QTextCharFormat()


def test_a_change_of_paper_changes_what_shows_and_not_what_is_written(editor: Editor):
    body = '<p><span style="color:#000080">navy</span> <a href="https://a.example/">link</a> plain</p>'
    editor.set_content(body, rich=True)
    recolor(editor.document(), Inks.of(DARK))
    shown = [looks.format.foreground().color() for looks in editor.document().firstBlock().textFormats()]
    assert contrast(shown[0], DARK.surface) >= READABLE
    assert DARK.accent in shown
    assert editor.body() == body
    assert not editor.document().isUndoAvailable()
