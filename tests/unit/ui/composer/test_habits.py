"""How messages begin for somebody who has chosen so."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from qtmail.domain.composition import Composition, DraftAttachment, Quote, QuoteKind, StoredSource
from qtmail.ui.composer.composer_window import ComposerWindow
from qtmail.ui.composer.composers import Composers
from qtmail.ui.composer.habits import in_plain_text
from tests.fakes.compose_service import FakeComposeService

MakeWindow = Callable[..., ComposerWindow]
PICTURE = DraftAttachment("p.png", "image/png", 10, StoredSource(1), "p@a")
FILE = DraftAttachment("f.pdf", "application/pdf", 10, StoredSource(2))
HTML = '<p>the <b>original</b><img src="cid:p@a"></p>'


def widths(window: ComposerWindow) -> set[float]:
    """How wide a narrow letter and a wide one show."""
    metrics = QFontMetricsF(window.form.editor.document().defaultFont())
    return {metrics.horizontalAdvance(letter) for letter in "im"}


def test_an_answer_in_plain_text_quotes_the_original_below_a_line_to_write_on():
    quote = Quote(QuoteKind.REPLY, "Bob wrote:", HTML, "the original")
    plain = in_plain_text(Composition(quote=quote, attachments=(PICTURE, FILE)))
    assert (plain.rich, plain.quote) == (False, None)
    assert plain.body == "\n\nBob wrote:\n> the original\n"
    assert plain.attachments == (FILE,)


def test_a_forward_in_plain_text_takes_the_pictures_along_as_files():
    quote = Quote(QuoteKind.FORWARD, "From: Bob", HTML, "the original")
    plain = in_plain_text(Composition(quote=quote, attachments=(PICTURE,)))
    assert plain.body == "\n\nFrom: Bob\n\nthe original\n"
    assert [(one.filename, one.inline) for one in plain.attachments] == [("p.png", False)]


def test_a_message_sent_on_stays_as_it_is():
    resent = Composition(body="<p>x</p>", resent=StoredSource(1))
    assert in_plain_text(resent) == resent


def test_messages_begin_in_plain_text_once_that_was_chosen(write: MakeWindow, composers: Composers):
    first = write()
    assert first.form.editor.rich
    first.actions_["plain_always"].trigger()
    assert first.actions_["plain"].isChecked()
    assert first.form.composition().rich is False
    second = write()
    assert not second.form.editor.rich and second.actions_["plain_always"].isChecked()
    assert second.form.composition().body.startswith("\n\n-- \n")


def test_choosing_plain_text_for_all_keeps_the_looks_of_what_is_written(write: MakeWindow, qtbot: QtBot):
    window = write()
    window.form.toolbar.action("bold").trigger()
    qtbot.keyClicks(window.form.editor, "bold")
    window.actions_["plain_always"].trigger()
    assert "<b>bold</b>" in window.form.editor.body()


def test_an_untouched_plain_message_leaves_nothing_behind(
    write: MakeWindow, composers: Composers, service: FakeComposeService
):
    composers.habits.write_plain = True
    write().close()
    assert len(service.discarded) == 1


def test_letters_of_one_width_are_there_in_the_next_window(write: MakeWindow):
    plain = Composition(rich=False, body="code")
    first = write(plain)
    assert len(widths(first)) == 2
    first.actions_["monospace"].trigger()
    second = write(plain)
    assert second.actions_["monospace"].isChecked()
    assert len(widths(first)) == len(widths(second)) == 1


def test_a_window_shows_what_was_chosen_elsewhere_once_it_is_looked_at(
    write: MakeWindow, composers: Composers, qtbot: QtBot
):
    window = write(Composition(rich=False, body="code"))
    before = window.form.composition()
    write()  # which takes the front
    composers.habits.write_plain = composers.habits.one_width = True
    window.bring_up()
    qtbot.waitUntil(window.actions_["plain_always"].isChecked)
    assert window.actions_["monospace"].isChecked()
    assert len(widths(window)) == 1
    assert window.form.composition() == before


def test_a_window_is_as_large_as_the_one_before(write: MakeWindow, composers: Composers):
    write().resize(700, 555)
    assert composers.habits.composer_size == (700, 555)
    second = write()
    assert (second.width(), second.height()) == (700, 555)


def test_text_is_enlarged_for_the_writer_alone(write: MakeWindow, composers: Composers):
    first = write()
    size = first.form.editor.document().defaultFont().pointSizeF()
    before = first.form.composition()
    for _ in range(2):
        first.actions_["zoom_in"].trigger()
    assert first.form.editor.document().defaultFont().pointSizeF() > size * 1.2
    assert first.form.composition() == before
    second = write()
    assert second.form.editor.document().defaultFont().pointSizeF() > size * 1.2
    second.actions_["zoom_reset"].trigger()
    assert second.form.editor.document().defaultFont().pointSizeF() == size
