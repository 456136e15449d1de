"""Plain text with links, quotes in colour that fold, and nothing loaded."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QTextDocument, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail.ui.message_view.text_document import quote_level
from qtmail.ui.message_view.text_view import TextView
from qtmail.ui.shared.theme import Theme

LONG_QUOTE = "\n".join(f"> quoted line {n}" for n in range(12))
TEXT = f"See https://example.com/plans for more.\n\n{LONG_QUOTE}\n>> deeper\n\n-- \nAnna"


@pytest.fixture
def view(qtbot: QtBot) -> TextView:
    view = TextView(Theme())
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    return view


def follow(view: TextView, target: str) -> None:
    view.anchorClicked.emit(QUrl(target))


def test_a_long_quote_folds_and_unfolds(view: TextView) -> None:
    view.show_text(TEXT)
    assert "quoted line 3" not in view.toPlainText()
    assert "13 quoted lines" in view.toPlainText()
    follow(view, "qtmail-fold:1")
    assert "quoted line 3" in view.toPlainText()
    follow(view, "qtmail-fold:1")
    assert "quoted line 3" not in view.toPlainText()


def test_quotes_have_their_depth_and_colour(view: TextView, qtbot: QtBot) -> None:
    theme = Theme()
    view.show_text("own\n> one\n>> two\nown")
    document = view.document()
    assert [quote_level(document.findBlockByNumber(n)) for n in range(4)] == [0, 1, 2, 0]
    ink = document.find("two").charFormat().foreground().color()
    assert ink == theme.colors().quote2


def test_the_quote_marks_are_gone_and_every_other_character_is_there(view: TextView) -> None:
    text = "a < b & c\n\ttab  two spaces\n你好 <script>"
    view.show_text(text)
    assert view.toPlainText() == text


def test_links_are_handed_on_and_hovering_tells_them(view: TextView, qtbot: QtBot) -> None:
    view.show_text(TEXT)
    assert (
        view.document().find("https://example.com/plans").charFormat().anchorHref()
        == "https://example.com/plans"
    )
    with qtbot.waitSignal(view.link_activated) as activated:
        follow(view, "https://example.com/plans")
    assert activated.args == ["https://example.com/plans"]
    with qtbot.waitSignal(view.link_hovered) as hovered:
        view.highlighted.emit(QUrl("https://example.com/plans"))
    assert hovered.args == ["https://example.com/plans"]


def test_a_fold_is_no_link_to_the_outside(view: TextView, qtbot: QtBot) -> None:
    view.show_text(TEXT)
    with qtbot.assertNotEmitted(view.link_activated):
        follow(view, "qtmail-fold:1")
    with qtbot.waitSignal(view.link_hovered) as hovered:
        view.highlighted.emit(QUrl("qtmail-fold:1"))
    assert hovered.args == [""]


def test_find_counts_and_goes_round(view: TextView) -> None:
    view.show_text("Word word\n> word\nend")
    results: list[tuple[int, int]] = []

    def note(number: int, count: int) -> None:
        results.append((number, count))

    for _ in range(4):
        view.find_text("word", note)
    view.find_text("word", note, backward=True)
    view.find_text("Word", note, match_case=True)
    view.find_text("missing", note)
    assert results == [(1, 3), (2, 3), (3, 3), (1, 3), (3, 3), (1, 1), (0, 0)]
    assert view.extraSelections() == []


def test_zoom_makes_the_letters_larger(view: TextView) -> None:
    view.show_text("text")
    before = view.document().defaultFont().pointSizeF()
    view.set_zoom(2.0)
    assert view.document().defaultFont().pointSizeF() == pytest.approx(before * 2)


def test_ctrl_and_the_wheel_zoom(view: TextView, qtbot: QtBot) -> None:
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    with qtbot.waitSignal(view.zoom_stepped) as stepped:
        QApplication.sendEvent(view.viewport(), event)
    assert stepped.args == [-1]


def test_nothing_is_loaded(view: TextView) -> None:
    kind = QTextDocument.ResourceType.ImageResource
    assert view.document().resource(kind, QUrl.fromLocalFile(__file__)) == b""


def test_the_bars_are_painted_beside_quotes(view: TextView) -> None:
    view.show_text("own\n> quoted")
    image = view.viewport().grab().toImage()
    block = view.document().findBlockByNumber(1)
    y = int(view.document().documentLayout().blockBoundingRect(block).center().y())
    beside, before = image.pixelColor(21, y), image.pixelColor(10, y)
    assert beside != before
