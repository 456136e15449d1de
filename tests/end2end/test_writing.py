"""Written in the window by typing and clicking, sent through a real Postfix, received in the window."""

from __future__ import annotations

import email
import email.policy
import random
from email.message import EmailMessage
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget

from qtmail.domain.outgoing import DeliveryStatus, OutboxState
from qtmail.ui.composer.composer_window import ComposerWindow
from qtmail.ui.composer.recipient_rows import RecipientField
from tests.end2end.desk import Desk
from tests.end2end.postfix import Postfix
from tests.fakes.memory_imap import plain_message
from tests.fakes.reading import WEB_ENGINE_CHATTER

pytestmark = pytest.mark.qt_log_ignore(WEB_ENGINE_CHATTER, extend=True)

FILES = {
    "empty.txt": b"",
    "all ones.bin": b"\xff" * 70_001,
    "large.bin": random.Random(1).randbytes(25_000_000),
    "报告 2026（终）.pdf": b"%PDF-1.4\r\n\0\x80 not really\n",
    "README": b"no extension\r\nand a last line without an end",
}


@pytest.fixture
def writer(desk: Desk, postfix: Postfix) -> Desk:
    """A person with an account that can also send."""
    desk.add_account(smtp_port=postfix.submission_port)
    desk.application.composers.undo_seconds = 0
    return desk


def composer(desk: Desk) -> ComposerWindow:
    """The one composer that is open."""
    desk.wait(lambda: len(desk.application.composers.windows()) == 1)
    window = desk.application.composers.windows()[0]
    desk.wait(window.isVisible)
    return window


def click(desk: Desk, button: QWidget) -> None:
    desk.wait(button.isVisible)
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def strip_button(desk: Desk, text: str) -> QPushButton:
    """A button of a strip above the list."""

    def found() -> QPushButton | None:
        buttons = desk.window.problems.findChildren(QPushButton)
        return next((one for one in buttons if one.text() == text and one.isVisible()), None)

    desk.wait(lambda: found() is not None)
    button = found()
    assert button is not None
    return button


def tool_button(window: ComposerWindow, action_id: str) -> QToolButton:
    action = window.actions_[action_id]
    return next(one for one in window.findChildren(QToolButton) if one.defaultAction() is action)


def write(desk: Desk, to: str, subject: str, text: str) -> ComposerWindow:
    """Begin a message with the key for it, and type all of it."""
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    window = composer(desk)
    line = window.form.rows.edit(RecipientField.TO).line
    desk.qtbot.keyClicks(line, to)
    desk.qtbot.keyClick(line, Qt.Key.Key_Return)
    desk.qtbot.keyClicks(window.form.subject, subject)
    desk.qtbot.keyClicks(window.form.editor, text)
    return window


def drop(window: ComposerWindow, files: list[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    where, action, button = QPoint(50, 50), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    for event in (QDragEnterEvent, QDropEvent):
        what = event(where, action, data, button, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(window, what)


def raw_messages(desk: Desk, folder: str) -> list[EmailMessage]:
    """What the server holds in a folder."""
    return [
        email.message_from_bytes(raw, policy=email.policy.default)
        for raw in desk.dovecot.messages(desk.user, folder)
    ]


def test_a_letter_with_files_arrives_byte_for_byte(writer: Desk, tmp_path: Path) -> None:
    desk = writer
    files = [tmp_path / name for name in FILES]
    for file in files:
        file.write_bytes(FILES[file.name])
    window = write(desk, desk.user.address, "Five files", "They are attached.")
    drop(window, files)
    desk.wait(lambda: len(window.form.attachments.all) == len(files))
    click(desk, tool_button(window, "send"))

    desk.click("Five files")
    desk.wait(lambda: "They are attached." in desk.text() or desk.window.view.body.shows_html)
    (received,) = raw_messages(desk, "INBOX")
    attached = {part.get_filename(): part.get_payload(decode=True) for part in received.iter_attachments()}
    assert attached == FILES
    assert received["From"].addresses[0].addr_spec == desk.user.address
    assert received["Bcc"] is None

    desk.wait(lambda: len(raw_messages(desk, "Sent")) == 1)
    (filed,) = raw_messages(desk, "Sent")
    assert filed["Message-ID"] == received["Message-ID"]
    desk.wait(lambda: not desk.application.store.outbox.unfinished())
    assert raw_messages(desk, "Drafts") == []
    assert desk.application.store.drafts.unsent() == []


def test_an_answer_keeps_the_thread_and_marks_the_original(writer: Desk) -> None:
    desk = writer
    desk.dovecot.deliver(desk.user, "INBOX", plain_message(1, "A question"))
    desk.click("A question")
    desk.wait(lambda: "Text of message 1." in desk.text())
    desk.qtbot.keyClick(desk.table, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    window = composer(desk)
    assert window.form.subject.text() == "Re: A question"
    line = window.form.rows.edit(RecipientField.TO).line
    desk.qtbot.keyClicks(line, f"{desk.user.address},")
    # The one who asked is at no server of this test.
    window.form.rows.set_recipients(window.form.rows.to()[1:])
    desk.qtbot.keyClicks(window.form.editor, "An answer.")
    desk.qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    desk.wait(lambda: "Re: A question" in desk.subjects())
    desk.wait(lambda: any("\\Answered" in line for line in desk.flags()))
    question, answer = sorted(raw_messages(desk, "INBOX"), key=lambda one: one["Subject"].startswith("Re:"))
    assert answer["In-Reply-To"] == question["Message-ID"]
    assert question["Message-ID"] in answer["References"]
    plain = answer.get_body(("plain",))
    assert plain is not None and "> Text of message 1." in plain.get_content()


def test_what_was_sent_can_be_taken_back_for_some_seconds(writer: Desk) -> None:
    desk = writer
    desk.application.composers.undo_seconds = 60
    window = write(desk, desk.user.address, "Too early", "Half a thou")
    click(desk, tool_button(window, "send"))
    click(desk, strip_button(desk, "Undo"))
    window = composer(desk)
    assert window.form.subject.text() == "Too early"
    assert "Half a thou" in window.form.editor.toPlainText()
    assert desk.application.store.outbox.unfinished() == []
    assert raw_messages(desk, "INBOX") == []


def test_a_recipient_that_is_refused_is_named_and_the_others_get_it(writer: Desk) -> None:
    desk = writer
    window = write(desk, f"{desk.user.address}, nobody@elsewhere.example", "To two", "One of you gets it.")
    click(desk, tool_button(window, "send"))
    desk.wait(lambda: "To two" in desk.subjects())
    desk.wait(
        lambda: (
            [[one.address for one in item.refused] for item in desk.application.store.outbox.unfinished()]
            == [["nobody@elsewhere.example"]]
        )
    )
    desk.wait(lambda: "nobody@elsewhere.example" in desk.problems())


def test_closing_keeps_the_draft_and_puts_it_on_the_server(writer: Desk) -> None:
    desk = writer
    window = write(desk, "someone@example.net", "Not finished", "To be contin")
    desk.qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: not desk.application.composers.windows())
    desk.wait(lambda: [one["Subject"] for one in raw_messages(desk, "Drafts")] == ["Not finished"])


def test_a_draft_of_the_server_is_gone_on_with_and_sent(writer: Desk) -> None:
    desk = writer
    window = write(desk, desk.user.address, "Begun here", "First half.")
    desk.qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: len(raw_messages(desk, "Drafts")) == 1)
    desk.open_folder("Drafts")
    desk.click("Begun here")
    desk.qtbot.keyClick(desk.table, Qt.Key.Key_Return)
    window = composer(desk)
    assert "First half." in window.form.editor.toPlainText()
    desk.qtbot.keyClicks(window.form.editor, "Second half. ")
    click(desk, tool_button(window, "send"))
    desk.wait(lambda: len(raw_messages(desk, "INBOX")) == 1)
    (received,) = raw_messages(desk, "INBOX")
    plain = received.get_body(("plain",))
    assert plain is not None and "First half." in plain.get_content()
    assert "Second half." in plain.get_content()
    desk.wait(lambda: raw_messages(desk, "Drafts") == [])


def test_a_report_that_comes_back_is_shown_with_what_was_sent(writer: Desk) -> None:
    desk = writer
    window = write(desk, desk.user.address, "Tell me", "Did you get it?")
    window.actions_["delivery"].trigger()
    click(desk, tool_button(window, "send"))
    desk.click("Successful Mail Delivery Report")
    store = desk.application.store

    def delivered() -> bool:
        (account,) = store.accounts.list()
        items = store.outbox.in_state(account.id, OutboxState.FILED)
        return [one.delivery for item in items for one in item.recipients] in (
            [DeliveryStatus.DELIVERED],
            [DeliveryStatus.RELAYED],
        )

    desk.wait(delivered)
