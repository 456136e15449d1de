"""The reading pane without a web page: what it shows, asks for and does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail.domain.message import Envelope, Flag, MessageRow
from qtmail.mime.message import Attachment, ParsedMessage, Part
from qtmail.mime.parser import parse
from qtmail.ui.message_view.message_view import MOST_TEXT, MessageView, listed_attachments
from qtmail.ui.message_view.source_window import SourceWindow
from qtmail.ui.message_view.text_view import TextView
from qtmail.ui.shared.theme import Theme
from tests.fakes.reading import PIXEL, NotingDesktop, html_message, message_with, text_message

ROW = MessageRow(
    1, 1, 1, 1, 0, 9, Flag.FLAGGED, frozenset(), "From the list", "Anna", "a@b.c", "Ben", "", False
)


@pytest.fixture
def desktop() -> NotingDesktop:
    return NotingDesktop()


@pytest.fixture
def view(qtbot: QtBot, desktop: NotingDesktop) -> Iterator[MessageView]:
    view = MessageView(Theme(), desktop=desktop)
    view.resize(800, 700)
    view.show()
    yield view
    shiboken6.delete(view)


def shown_text(view: MessageView) -> str:
    return view.body.findChildren(TextView)[0].toPlainText()


def partial_message() -> ParsedMessage:
    """A message whose attachment has not been fetched."""
    attachment = Attachment("2", "large.pdf", "application/pdf", 30_000_000, "", False, None)
    root = Part("", "multipart/mixed", {}, children=(Part("1", "text/plain", {}, content=b"text"),))
    return ParsedMessage(Envelope("Large"), (), root, "text", None, (attachment,), (), (), "", True, None)


def notice(view: MessageView, key: str) -> str:
    strip = view.notices.notice(key)
    return strip.text() if strip is not None else ""


def press(view: MessageView, key: str, text: str) -> None:
    strip = view.notices.notice(key)
    assert strip is not None
    button = strip.button(text)
    assert button is not None
    button.click()


def test_a_message_is_shown_without_a_web_page(view: MessageView) -> None:
    view.show_message(text_message("Hello Ben,\nsee you."), row=ROW)
    assert view.header.subject() == "Harbour plans"
    assert shown_text(view).startswith("Hello Ben,\nsee you.")
    assert not view.body.shows_html
    assert view.attachments.isHidden()


def test_a_row_a_problem_and_then_the_message(view: MessageView, qtbot: QtBot) -> None:
    view.show_loading(ROW)
    assert view.header.subject() == "From the list"
    assert not view.actions_.print.isEnabled()
    view.show_problem("The server does not answer.", "Check the connection.")
    with qtbot.waitSignal(view.retry_wanted):
        view._state.button_clicked.emit()
    view.show_message(text_message("here"), row=ROW)
    assert view.actions_.print.isEnabled()


def test_nothing_chosen_is_said(view: MessageView) -> None:
    view.show_message(text_message("here"), row=ROW)
    view.show_empty("3 messages chosen.")
    assert view.message() is None
    assert view._whole_state.sentence() == "3 messages chosen."


def test_an_unreadable_message_is_shown_raw_with_the_reason(view: MessageView) -> None:
    broken = text_message("x")
    raw = ParsedMessage(
        Envelope(), (), broken.root, "", None, (), ("No header was found.",), (), "", False, b"raw \xff"
    )
    view.show_message(raw)
    assert shown_text(view) == "raw \ufffd"
    assert (
        notice(view, "problems")
        == "This message could not be read, so its source is shown. No header was found."
    )


def test_problems_and_drafts_are_told(view: MessageView) -> None:
    whole = text_message("x")
    problems = tuple(f"Problem {n}." for n in range(5))
    damaged = ParsedMessage(whole.envelope, (), whole.root, "x", None, (), problems, (), "", True, None)
    view.show_message(damaged, row=ROW)
    assert notice(view, "problems").endswith("Problem 0. Problem 1. Problem 2. And 2 more.")
    view.set_flags(Flag.DRAFT)
    assert notice(view, "draft") == "This is a draft. It has not been sent."
    view.set_flags(Flag.NONE)
    assert notice(view, "draft") == ""


def test_the_next_message_takes_all_notices_away(view: MessageView) -> None:
    view.notices.tell_failure("Something failed.")
    view.show_message(text_message("x"), row=ROW)
    assert view.notices.isHidden()


def test_an_endless_text_is_shown_in_part_until_asked(view: MessageView) -> None:
    view.show_message(text_message("word " * (MOST_TEXT // 2)), row=ROW)
    assert len(shown_text(view)) < MOST_TEXT + 10
    press(view, "shortened", "Show all")
    assert len(shown_text(view)) > 2 * MOST_TEXT
    assert notice(view, "shortened") == ""


def test_attachments_are_opened_as_files_of_their_own(view: MessageView, desktop: NotingDesktop) -> None:
    view.show_message(message_with(("码头.pdf", "application/pdf", b"%PDF")))
    view.attachments.cards()[0].click()
    assert [(path.name, path.read_bytes()) for path in desktop.files] == [("码头.pdf", b"%PDF")]


def test_the_keyboard_opens_an_attachment(view: MessageView, desktop: NotingDesktop, qtbot: QtBot) -> None:
    view.show_message(message_with(("a.pdf", "application/pdf", b"%PDF")))
    card = view.attachments.cards()[0]
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Space)
    assert len(desktop.files) == 1


def test_a_missing_part_is_fetched_before_it_is_opened(
    view: MessageView, desktop: NotingDesktop, qtbot: QtBot
) -> None:
    view.show_message(partial_message())
    card = view.attachments.cards()[0]
    with qtbot.waitSignal(view.part_wanted) as wanted:
        card.click()
    assert wanted.args == ["2"]
    assert (card.detail(), desktop.files) == ("Loading…", [])
    view.part_ready("2", b"%PDF")
    assert (card.detail(), len(desktop.files)) == ("29 MB", 1)


def test_a_part_that_cannot_be_had_is_told(view: MessageView, desktop: NotingDesktop) -> None:
    view.show_message(partial_message())
    view.attachments.cards()[0].click()
    view.part_failed("2", "The server does not answer.")
    assert notice(view, "failure") == "The server does not answer."
    assert view.attachments.cards()[0].detail() == "29 MB"
    assert desktop.files == []


def test_a_part_that_comes_late_does_not_act_on_the_next_message(
    view: MessageView, desktop: NotingDesktop
) -> None:
    view.show_message(partial_message())
    view.attachments.cards()[0].click()
    view.show_message(text_message("next"))
    view.part_ready("2", b"%PDF")
    assert desktop.files == []


def test_programs_are_opened_only_after_a_warning(view: MessageView, desktop: NotingDesktop) -> None:
    view.show_message(message_with(("invoice.pdf.exe", "application/octet-stream", b"MZ")))
    view.attachments.cards()[0].click()
    assert desktop.files == []
    assert notice(view, "attachment").startswith("“invoice.pdf.exe” may run a program")
    press(view, "attachment", "Open anyway")
    assert len(desktop.files) == 1
    assert notice(view, "attachment") == ""


def test_an_attachment_without_a_program_is_told(view: MessageView, desktop: NotingDesktop) -> None:
    desktop.opens = False
    view.show_message(message_with(("a.xyz", "application/x-unknown", b"x")))
    view.attachments.cards()[0].click()
    assert notice(view, "failure") == "No program is known that opens “a.xyz”."


def test_an_attachment_is_saved_where_the_user_says(
    view: MessageView, desktop: NotingDesktop, tmp_path: Path
) -> None:
    desktop.answer = tmp_path / "mine.pdf"
    view.show_message(message_with(("theirs.pdf", "application/pdf", b"%PDF")))
    view.attachments.cards()[0].saved.emit()
    assert desktop.proposal == "theirs.pdf"
    assert (tmp_path / "mine.pdf").read_bytes() == b"%PDF"


def test_save_all_replaces_nothing(view: MessageView, desktop: NotingDesktop, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    desktop.answer = tmp_path
    files = [("a.txt", "application/x-a", b"one"), ("a.txt", "application/x-a", b"two")]
    view.show_message(message_with(*files))
    view.attachments.save_all_wanted.emit()
    contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert contents == {"a.txt": b"old", "a (2).txt": b"one", "a (3).txt": b"two"}


def test_a_full_disk_is_told(view: MessageView, desktop: NotingDesktop, tmp_path: Path) -> None:
    desktop.answer = tmp_path / "missing" / "a.pdf"
    view.show_message(message_with(("a.pdf", "application/pdf", b"%PDF")))
    view.attachments.cards()[0].saved.emit()
    assert notice(view, "failure").startswith("“a.pdf” could not be saved.")


def test_dragging_out_gives_a_file(view: MessageView) -> None:
    view.show_message(message_with(("a.pdf", "application/pdf", b"%PDF")))
    path = view._attachment_actions.file_for_drag(view.attachments.cards()[0].attachment)
    assert path is not None and path.read_bytes() == b"%PDF"


def test_a_picture_is_shown_below_and_closed_by_the_second_click(view: MessageView) -> None:
    view.show_message(message_with(("a.gif", "image/gif", PIXEL)))
    card = view.attachments.cards()[0]
    card.click()
    assert view.media.isVisible()
    card.click()
    assert view.media.isHidden()


def test_a_broken_picture_is_left_to_another_program(view: MessageView, desktop: NotingDesktop) -> None:
    view.show_message(message_with(("a.gif", "image/gif", b"GIF89a broken")))
    view.attachments.cards()[0].click()
    assert view.media.isHidden()
    assert [path.name for path in desktop.files] == ["a.gif"]


@pytest.mark.qt_log_ignore(".", extend=True)  # FFmpeg and PulseAudio complain of machines without sound
def test_sound_plays_here_or_in_another_program(view: MessageView, desktop: NotingDesktop) -> None:
    view.show_message(message_with(("a.wav", "audio/x-wav", b"RIFF")))
    view.attachments.cards()[0].click()
    assert view.media.isVisible() or [path.name for path in desktop.files] == ["a.wav"]
    view.media.close_media()


def test_an_attached_message_is_handed_on(view: MessageView, qtbot: QtBot) -> None:
    inner = b"Subject: Inner\r\n\r\ntext\r\n"
    head = b"Subject: Outer\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    body = b"--b\r\n\r\ntext\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--b--\r\n"
    view.show_message(parse(head + body))
    with qtbot.waitSignal(view.message_opened) as opened:
        view.attachments.cards()[0].click()
    assert opened.args is not None
    assert b"Subject: Inner" in opened.args[0]


def test_safe_links_go_to_the_browser(view: MessageView, desktop: NotingDesktop, qtbot: QtBot) -> None:
    view.show_message(text_message("https://example.com/x"))
    view.body.link_activated.emit("https://example.com/x")
    assert desktop.links == ["https://example.com/x"]
    with qtbot.waitSignal(view.mail_link_activated) as mail:
        view.body.link_activated.emit("mailto:a@example.com")
    assert mail.args == ["mailto:a@example.com"]


def test_deceiving_links_are_asked_about(view: MessageView, desktop: NotingDesktop) -> None:
    view.show_message(text_message("x"))
    view.body.link_activated.emit("https://bank.example@evil.example/")
    assert desktop.links == []
    assert notice(view, "link").endswith("It leads to evil.example.")
    press(view, "link", "Copy address")
    assert QApplication.clipboard().text() == "https://bank.example@evil.example/"
    view.body.link_activated.emit("https://bank.example@evil.example/")
    press(view, "link", "Open evil.example")
    assert desktop.links == ["https://bank.example@evil.example/"]


def test_other_links_are_refused(view: MessageView, desktop: NotingDesktop) -> None:
    view.show_message(text_message("x"))
    view.body.link_activated.emit("file:///etc/passwd")
    assert desktop.links == []
    assert "file:///etc/passwd" in notice(view, "link")


def test_find_in_the_text(view: MessageView) -> None:
    view.show_message(text_message("one two one"))
    view.actions_.find.trigger()
    view.find_bar.open("one")
    assert view.find_bar.result() == "1 of 2"
    view.find_bar.find_next()
    assert view.find_bar.result() == "2 of 2"


def test_zoom_goes_in_steps_and_back(view: MessageView) -> None:
    view.show_message(text_message("text"))
    view.actions_.zoom_in.trigger()
    view.actions_.zoom_in.trigger()
    assert view.body.zoom() == 1.25
    view.actions_.zoom_out.trigger()
    assert view.body.zoom() == 1.1
    view.actions_.zoom_reset.trigger()
    assert view.body.zoom() == 1.0
    for _ in range(30):
        view.actions_.zoom_out.trigger()
    assert view.body.zoom() == 0.5


def test_the_message_is_saved_as_a_file(view: MessageView, desktop: NotingDesktop, tmp_path: Path) -> None:
    desktop.answer = tmp_path / "saved.eml"
    message = text_message("text", Subject="Plans: a/b?")
    view.show_message(message)
    view.actions_.save_message.trigger()
    assert desktop.proposal == "Plans_ a-b_.eml"
    assert desktop.answer.read_bytes() == message.raw
    assert notice(view, "failure") == "The message was saved as “saved.eml”."


def test_a_source_that_is_not_here_is_asked_for_once(
    view: MessageView, desktop: NotingDesktop, tmp_path: Path, qtbot: QtBot
) -> None:
    desktop.answer = tmp_path / "saved.eml"
    view.show_message(partial_message())
    asked: list[None] = []
    view.source_wanted.connect(lambda: asked.append(None))
    view.actions_.save_message.trigger()
    view.actions_.save_message.trigger()
    assert len(asked) == 1
    view.source_ready(b"Subject: Large\r\n\r\n")
    assert desktop.answer.read_bytes() == b"Subject: Large\r\n\r\n"


def test_a_source_that_cannot_be_had_is_told(view: MessageView) -> None:
    view.show_message(partial_message())
    view.actions_.view_source.trigger()
    view.source_failed("The server does not answer.")
    assert notice(view, "failure") == "The server does not answer."


def test_source_and_header_fields_open_in_windows(view: MessageView) -> None:
    view.show_message(text_message("text"))
    view.actions_.view_source.trigger()
    view.actions_.view_headers.trigger()
    source, fields = view.findChildren(SourceWindow)
    assert "Subject: Harbour plans" in source.text() and source.text().rstrip().endswith("text")
    assert "Subject: Harbour plans" in fields.text() and not fields.text().endswith("text")


def test_text_is_printed_and_saved_as_pdf(view: MessageView, desktop: NotingDesktop, tmp_path: Path) -> None:
    view.show_message(text_message("text\n> quote"))
    desktop.answer, desktop.pdf = tmp_path / "saved.pdf", tmp_path / "printed.pdf"
    view.actions_.save_pdf.trigger()
    view.actions_.print.trigger()
    assert desktop.answer.read_bytes().startswith(b"%PDF")
    assert desktop.pdf.read_bytes().startswith(b"%PDF")
    assert desktop.proposal == "Harbour plans.pdf"


def test_dialogs_that_are_cancelled_do_nothing(view: MessageView, desktop: NotingDesktop) -> None:
    view.show_message(message_with(("a.pdf", "application/pdf", b"%PDF")))
    for action in (view.actions_.save_pdf, view.actions_.save_message, view.actions_.print):
        action.trigger()
    view.attachments.cards()[0].saved.emit()
    view.attachments.save_all_wanted.emit()
    assert view.notices.isHidden()


def test_pictures_within_the_html_get_no_card() -> None:
    html = html_message("<p>x</p>")
    inline = Attachment("2", "logo.gif", "image/gif", 42, "logo", True, PIXEL)
    other = Attachment("3", "photo.gif", "image/gif", 42, "photo", True, PIXEL)
    shown = ParsedMessage(
        html.envelope, (), html.root, "x", '<img src="cid:logo">', (inline, other), (), (), "", True, None
    )
    assert listed_attachments(shown) == [other]


def test_plain_text_never_loads_the_large_libraries() -> None:
    program = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.shared.theme import Theme
from tests.fakes.reading import text_message
view = MessageView(Theme())
view.show_message(text_message("text"))
large = [name for name in sys.modules if "WebEngine" in name or "Multimedia" in name]
sys.exit(str(large) if large else 0)
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0
