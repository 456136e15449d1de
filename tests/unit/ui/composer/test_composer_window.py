"""The window a message is written in, by typing and clicking."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, Origin, OriginKind, Quote, QuoteKind, StoredSource
from qtmail.domain.events import Progress
from qtmail.domain.identity import Template
from qtmail.errors import MessageUnsendable, StoreFailed
from qtmail.mime.html_text import html_to_text
from qtmail.ui.composer import draft_saver
from qtmail.ui.composer.composer_window import ComposerWindow
from qtmail.ui.composer.composers import Composers
from qtmail.ui.composer.recipient_rows import RecipientField
from qtmail.ui.composer.templates_menu import TemplatesMenu
from tests.fakes.compose_service import NOW, FakeComposeService
from tests.unit.ui.composer.conftest import only_draft

MakeWindow = Callable[..., ComposerWindow]
BOB = Address("Bob", "bob@b.example")
LETTER = Composition(to=(BOB,), subject="Plans", body="<p>Hello</p>")
QUOTE = Quote(QuoteKind.REPLY, "Bob wrote:", "<p>the <b>original</b></p>", "the original")
FULL = StoreFailed("The disk is full.")


def press(window: ComposerWindow, key: str, name: str) -> None:
    """Click the button of a strip."""
    strip = window.strips.notice(key)
    assert strip is not None, f"no strip {key}"
    button = strip.button(name)
    assert button is not None, strip.text()
    button.click()


def said(window: ComposerWindow, key: str) -> str:
    strip = window.strips.notice(key)
    return strip.text() if strip else ""


# -- writing and saving


def test_what_is_typed_is_saved(write: MakeWindow, service: FakeComposeService, qtbot: QtBot, monkeypatch):
    monkeypatch.setattr(draft_saver, "PAUSE_MS", 10)
    window = write(LETTER)
    qtbot.keyClicks(window.form.editor, "Dear Bob, ")
    qtbot.keyClicks(window.form.subject, "!")
    qtbot.waitUntil(lambda: bool(service.saved) and service.saved[-1].subject == "Plans!")
    assert html_to_text(service.saved[-1].body).startswith("Dear Bob, Hello")
    assert window.status().startswith("Saved")


def test_the_title_is_the_subject(write: MakeWindow):
    window = write()
    assert window.windowTitle() == "New message"
    window.form.subject.setText("关于会议")
    assert window.windowTitle() == "关于会议"


def test_save_draft_saves_at_once(write: MakeWindow, service: FakeComposeService):
    window = write(LETTER)
    window.form.subject.setText("Other plans")
    assert window.status() == "Not saved yet"
    window.actions_["save"].trigger()
    assert service.saved[-1].subject == "Other plans"


def test_a_save_that_fails_is_in_the_status_line(write: MakeWindow, service: FakeComposeService):
    service.failing["save"] = FULL
    window = write(LETTER)
    window.form.subject.setText("Other plans")
    window.save()
    assert window.status() == "Could not be saved: The disk is full."


# -- closing


def test_closing_saves(write: MakeWindow, service: FakeComposeService, composers: Composers):
    window = write(LETTER)
    window.form.subject.setText("Other plans")
    window.close()
    assert service.saved[-1].subject == "Other plans"
    assert service.closed == [only_draft(service).id]
    assert composers.windows() == []


def test_the_window_is_gone_before_the_save_is_done(write: MakeWindow, service: FakeComposeService):
    window = write(LETTER)
    window.form.subject.setText("Other plans")
    service.holding = True
    window.close()
    assert not window.isVisible() and service.closed == []
    service.release()
    assert service.closed == [only_draft(service).id]


def test_a_failed_save_brings_the_window_back(write: MakeWindow, service: FakeComposeService):
    window = write(LETTER)
    window.form.subject.setText("Other plans")
    service.failing["save"] = FULL
    window.close()
    assert window.isVisible() and service.closed == []
    assert "The disk is full." in said(window, "saving")
    service.failing.clear()
    press(window, "saving", "Try again")
    assert service.saved[-1].subject == "Other plans"


def test_an_untouched_new_message_leaves_nothing_behind(write: MakeWindow, service: FakeComposeService):
    window = write()
    window.close()
    assert service.discarded == [only_draft(service).id] and not window.isVisible()


def test_a_draft_that_was_opened_stays(composers: Composers, service: FakeComposeService):
    draft = service.draft(LETTER)
    composers.open(draft)
    composers.windows()[0].close()
    assert service.discarded == [] and service.closed == [draft.id]


def test_discarding_keeps_the_last_words_to_be_restored(
    write: MakeWindow, service: FakeComposeService, qtbot: QtBot
):
    window = write(LETTER)
    window.form.subject.setText("Other plans")
    with qtbot.waitSignal(window.discarded) as discarded:
        window.actions_["discard"].trigger()
    assert discarded.args == [only_draft(service).id] == service.discarded
    assert only_draft(service).composition.subject == "Other plans"


# -- sending


def test_sending_hands_over_what_is_written(
    write: MakeWindow, service: FakeComposeService, composers: Composers, qtbot: QtBot
):
    window = write(LETTER)
    window.form.subject.setText("Other plans")
    with qtbot.waitSignal(composers.sent) as sent:
        window.actions_["send"].trigger()
    ((composition, not_before),) = service.sent
    assert (composition.subject, composition.to) == ("Other plans", (BOB,))
    assert sent.args[0].not_before == not_before
    assert composers.windows() == []


def test_undo_holds_the_message_back(composers: Composers, service: FakeComposeService, monkeypatch):
    monkeypatch.setattr("qtmail.ui.composer.sending_steps.time.time", lambda: float(NOW))
    composers.undo_seconds = 7
    composers.new(LETTER)
    composers.windows()[0].send()
    assert service.sent[0][1] == NOW + 7


def test_a_message_can_be_sent_at_a_time(write: MakeWindow, service: FakeComposeService):
    write(LETTER).sending.begin(at=NOW + 3600)
    assert service.sent[0][1] == NOW + 3600


def test_nobody_to_send_to_is_said(write: MakeWindow, service: FakeComposeService):
    window = write(Composition(subject="Plans", body="<p>x</p>"))
    window.send()
    assert said(window, "sending") == "Say first who the message is for."
    assert service.sent == []


def test_a_bad_address_is_said(write: MakeWindow, service: FakeComposeService):
    window = write(Composition(to=(Address("", "nobody at all"),), subject="Plans", body="<p>x</p>"))
    window.send()
    assert "nobody at all" in said(window, "sending")
    assert service.sent == []


def test_a_forgotten_attachment_is_asked_about_once(write: MakeWindow, service: FakeComposeService):
    window = write(Composition(to=(BOB,), subject="Plans", body="<p>See the attached file.</p>"))
    window.send()
    assert said(window, "reminder") == "You wrote about an attachment, but there is none."
    assert service.sent == []
    press(window, "reminder", "Send anyway")
    assert len(service.sent) == 1


def test_a_reminder_leads_to_the_files(write: MakeWindow, tmp_path: Path, monkeypatch):
    file = tmp_path / "a.pdf"
    file.write_bytes(b"x")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(file)], ""))
    window = write(Composition(to=(BOB,), subject="Plans", body="<p>See the attached file.</p>"))
    window.send()
    press(window, "reminder", "Attach…")
    assert [one.filename for one in window.form.attachments.all] == ["a.pdf"]


def test_an_empty_subject_is_asked_about(write: MakeWindow):
    window = write(Composition(to=(BOB,), body="<p>x</p>"))
    window.send()
    assert said(window, "reminder") == "There is no subject."


def test_a_refusal_to_queue_keeps_the_text(write: MakeWindow, service: FakeComposeService):
    service.failing["send"] = MessageUnsendable("The file is gone.", advice="Put it back.")
    window = write(LETTER)
    window.send()
    assert said(window, "sending") == "The message was not sent. The file is gone. Put it back."
    assert window.form.isEnabled()
    service.failing.clear()
    press(window, "sending", "Try again")
    assert len(service.sent) == 1


def test_a_long_preparation_shows_and_can_be_cancelled(
    write: MakeWindow, service: FakeComposeService, qtbot: QtBot
):
    window = write(LETTER)
    service.holding = True
    window.send()
    assert not window.form.isEnabled()
    qtbot.waitUntil(lambda: "being prepared" in said(window, "sending"))
    service.bridge.progress.emit(Progress(1, "bytes prepared", done=2048))
    assert window.status() == "Prepared 2 KB of 2 KB"
    press(window, "sending", "Cancel")
    service.release()
    assert service.sent == [] and window.form.isEnabled()


def test_closing_waits_for_a_message_that_is_being_prepared(
    write: MakeWindow, service: FakeComposeService, composers: Composers
):
    window = write(LETTER)
    service.holding = True
    window.send()
    window.close()
    assert composers.windows() == [window]
    service.release()
    assert len(service.sent) == 1 and composers.windows() == []


def test_a_save_that_fails_sends_nothing(write: MakeWindow, service: FakeComposeService):
    window = write(LETTER)
    window.form.subject.setText("Other plans")
    service.failing["save"] = FULL
    window.send()
    assert "The disk is full." in said(window, "sending")
    assert service.sent == []


def test_receipts_are_asked_for_on_request(write: MakeWindow, service: FakeComposeService):
    window = write(LETTER)
    window.actions_["receipt"].trigger()
    window.actions_["delivery"].trigger()
    window.send()
    composition = service.sent[0][0]
    assert composition.request_receipt and composition.request_delivery


# -- from


def test_the_signature_follows_the_identity(write: MakeWindow):
    window = write()
    assert window.form.editor.text().endswith("Ann\nat home")
    box = window.form.picker.box()
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert window.form.editor.text().endswith("Ann Lee\nWork Ltd")
    assert window.form.composition().identity_id == 2


def test_an_answer_from_another_account_is_pointed_out(write: MakeWindow):
    origin = Origin(OriginKind.ANSWERED, 2, b"INBOX", 1, 1)
    window = write(Composition(identity_id=1, to=(BOB,), origin=origin), answer=True)
    assert window.form.picker.word() == "The message you answer came to Work."


def test_one_identity_is_no_choice(composers: Composers, service: FakeComposeService):
    service.remove_identity(2)
    composers.new()
    assert composers.windows()[0].form.picker.box().isHidden()


# -- attachments and pictures


def test_files_dropped_anywhere_are_attached(write: MakeWindow, tmp_path: Path):
    file = tmp_path / "合同.pdf"
    file.write_bytes(b"12345")
    window = write(LETTER)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    copy, button, no_key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), copy, data, button, no_key))
    (attachment,) = window.form.composition().attachments
    assert (attachment.filename, attachment.size) == ("合同.pdf", 5)


def test_a_picture_pasted_into_rich_text_is_shown_in_it(write: MakeWindow):
    window = write(LETTER)
    window.form.editor.picture_pasted.emit(QImage(8, 6, QImage.Format.Format_RGB32))
    composition = window.form.composition()
    (attachment,) = composition.attachments
    assert attachment.inline and f'src="cid:{attachment.content_id}"' in composition.body
    assert window.form.bar.cards() == []


def test_a_picture_pasted_into_plain_text_is_attached(write: MakeWindow):
    window = write(Composition(to=(BOB,), subject="Plans", rich=False, body="x"))
    window.form.editor.picture_pasted.emit(QImage(8, 6, QImage.Format.Format_RGB32))
    (attachment,) = window.form.composition().attachments
    assert not attachment.inline and len(window.form.bar.cards()) == 1


def test_a_picture_of_a_draft_shows_again(composers: Composers, service: FakeComposeService, tmp_path: Path):
    file = tmp_path / "x.png"
    QImage(8, 6, QImage.Format.Format_RGB32).save(str(file))
    picture = service.attachment("x.png", "image/png", file.read_bytes(), inline=True)
    body = f'<p><img src="cid:{picture.content_id}" alt=""></p>'
    composers.open(service.draft(Composition(body=body, attachments=(picture,))))
    editor = composers.windows()[0].form.editor
    shown = editor.loadResource(2, QUrl(f"cid:{picture.content_id}"))
    assert isinstance(shown, QImage) and shown.width() == 8


def test_a_file_that_cannot_be_read_is_said(write: MakeWindow, tmp_path: Path):
    window = write(LETTER)
    window.form.attachments.add_files([tmp_path / "missing.pdf"])
    assert "missing.pdf" in said(window, "failure")
    assert window.form.attachments.all == ()


def test_a_file_that_vanishes_is_said_and_not_sent(
    write: MakeWindow, service: FakeComposeService, tmp_path: Path
):
    file = tmp_path / "a.pdf"
    file.write_bytes(b"x")
    window = write(LETTER)
    window.form.attachments.add_files([file])
    file.unlink()
    window.form.attachments.look_again()
    assert [card.detail for card in window.form.bar.cards()] == ["The file is gone"]
    window.send()
    assert "a.pdf" in said(window, "sending") and service.sent == []


def test_more_than_the_server_takes_is_said_before_sending(
    write: MakeWindow, service: FakeComposeService, tmp_path: Path
):
    service.limits[1] = 100_000
    file = tmp_path / "large.bin"
    file.write_bytes(b"x" * 90_000)
    window = write(LETTER)
    window.form.attachments.add_files([file])
    assert "The server takes messages up to 98 KB" in window.form.bar.summary()
    window.send()
    assert service.sent == []
    press(window, "reminder", "Send anyway")
    assert len(service.sent) == 1


# -- plain and rich


def test_going_plain_asks_only_where_looks_would_go(write: MakeWindow):
    window = write(LETTER)
    window.actions_["plain"].trigger()
    assert said(window, "plain") != ""  # the signature is bold
    assert window.form.editor.rich
    press(window, "plain", "Make it plain")
    assert not window.form.composition().rich
    assert window.form.composition().body == "Hello\n\n-- \nAnn\nat home"
    assert window.form.toolbar.isHidden()
    window.actions_["plain"].trigger()
    assert window.form.composition().rich


def test_the_format_buttons_act_on_the_text(write: MakeWindow):
    window = write(LETTER)
    window.form.editor.selectAll()
    window.form.toolbar.action("italic").trigger()
    assert "<i>Hello</i>" in window.form.composition().body


# -- the original


def test_the_original_is_sealed(write: MakeWindow, service: FakeComposeService):
    window = write(Composition(to=(BOB,), subject="Re: Plans", quote=QUOTE), answer=True)
    assert window.form.quote.isVisible()
    assert "original" not in window.form.editor.text()
    window.send()
    assert service.sent[0][0].quote == QUOTE


def test_the_original_is_opened_for_editing_on_request(write: MakeWindow):
    window = write(Composition(to=(BOB,), subject="Re: Plans", quote=QUOTE), answer=True)
    window.form.quote.inline_wanted.emit()
    composition = window.form.composition()
    assert composition.quote is None
    assert composition.body.endswith("<p>Bob wrote:</p><blockquote><p>the <b>original</b></p></blockquote>")
    assert window.form.quote.isHidden()


def test_the_original_is_left_out_on_request(write: MakeWindow):
    window = write(Composition(to=(BOB,), subject="Re: Plans", quote=QUOTE), answer=True)
    window.form.quote.remove_wanted.emit()
    assert window.form.composition().quote is None


def test_a_message_sent_on_is_not_edited(write: MakeWindow, service: FakeComposeService):
    window = write(Composition(subject="Plans", body="<p>Hello</p>", resent=StoredSource(1)), answer=True)
    assert window.form.editor.isReadOnly() and window.form.subject.isReadOnly()
    assert "cannot be changed" in said(window, "resent")
    assert window.form.editor.text() == "Hello"
    window.form.rows.set_recipients([BOB])
    window.send()
    assert service.sent[0][0].body == "<p>Hello</p>"


# -- templates


def test_a_template_is_put_in(write: MakeWindow, service: FakeComposeService):
    service.save_template(Template(0, "Thanks", "Thank you", "<p>Many <b>thanks</b>!</p>"))
    window = write(Composition(identity_id=2, to=(BOB,)))
    menu = next(
        one for one in window.menuBar().findChildren(TemplatesMenu) or window.findChildren(TemplatesMenu)
    )
    menu.refresh()
    menu.actions()[0].trigger()
    assert window.form.subject.text() == "Thank you"
    assert window.form.composition().body.startswith("<p>Many <b>thanks</b>!")


def test_what_is_written_becomes_a_template(write: MakeWindow, service: FakeComposeService):
    window = write(LETTER)
    window.findChildren(TemplatesMenu)[0].save_as("Plan")
    (template,) = service.templates()
    assert (template.name, template.subject) == ("Plan", "Plans") and "Hello" in template.html


# -- the keyboard


def test_tab_goes_down_the_fields(write: MakeWindow, qtbot: QtBot):
    window = write()
    window.form.picker.box().setFocus()
    visited = []
    for _ in range(8):
        QWidget.focusNextPrevChild(window, True)
        focused = window.focusWidget()
        if focused is window.form.subject:
            visited.append("subject")
        elif focused is window.form.editor:
            visited.append("editor")
            break
        elif focused is not None and window.form.rows.isAncestorOf(focused):
            visited.append("rows")
    assert visited[0] == "rows" and visited[-2:] == ["subject", "editor"]


def test_the_first_field_is_where_one_begins(write: MakeWindow):
    new, answer = write(), write(LETTER, answer=True)
    assert new.form.rows.isAncestorOf(new.focusWidget())
    assert answer.focusWidget() is answer.form.editor


def test_parts_of_the_window_are_reached_by_key(write: MakeWindow):
    window = write(LETTER, answer=True)
    window.actions_["previous_part"].trigger()
    assert window.focusWidget() is window.form.subject
    window.actions_["next_part"].trigger()
    assert window.focusWidget() is window.form.editor


@pytest.mark.parametrize("rich", [True, False])
def test_everything_the_keyboard_reaches_has_an_accessible_name(
    write: MakeWindow, rich: bool, tmp_path: Path
):
    window = write(Composition(to=(BOB,), rich=rich, quote=QUOTE), answer=True)
    (tmp_path / "a.txt").write_text("x")
    window.form.attachments.add_files([tmp_path / "a.txt"])
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not (widget.accessibleName() or getattr(widget, "text", str)() or widget.focusProxy())
    ]
    assert [f"{type(widget).__name__} {widget.objectName()}" for widget in nameless] == []


def test_ctrl_return_sends_out_of_the_text(write: MakeWindow, service: FakeComposeService, qtbot: QtBot):
    window = write(LETTER, answer=True)
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window.form.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(service.sent) == 1


def test_the_menu_acts_on_the_field_that_has_the_keyboard(write: MakeWindow):
    window = write(LETTER)
    window.form.subject.setFocus()
    window.actions_["select_all"].trigger()
    assert window.form.subject.selectedText() == "Plans"
    assert not window.form.editor.textCursor().hasSelection()


def test_a_file_that_is_still_being_attached_is_not_lost_on_closing(
    write: MakeWindow, service: FakeComposeService, tmp_path: Path
):
    (tmp_path / "a.txt").write_text("x")
    window = write(LETTER)
    service.holding = True
    window.form.attachments.add_files([tmp_path / "a.txt"])
    window.close()
    assert not window.isVisible()
    service.release()
    assert [one.filename for one in service.saved[-1].attachments] == ["a.txt"]
    assert service.closed == [only_draft(service).id]


def test_a_message_sent_on_takes_no_files(write: MakeWindow, tmp_path: Path):
    window = write(Composition(subject="Plans", body="<p>Hello</p>", resent=StoredSource(1)), answer=True)
    assert not window.acceptDrops() and not window.actions_["attach"].isEnabled()


def test_a_picture_file_is_put_into_the_text(write: MakeWindow, tmp_path: Path, monkeypatch):
    file = tmp_path / "x.png"
    QImage(8, 6, QImage.Format.Format_RGB32).save(str(file))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    window = write(LETTER)
    window.form.toolbar.action("picture").trigger()
    composition = window.form.composition()
    (attachment,) = composition.attachments
    assert attachment.content_id.endswith("@personal.example")
    assert f'src="cid:{attachment.content_id}"' in composition.body


def test_the_identities_are_those_of_now(write: MakeWindow, service: FakeComposeService):
    window = write(LETTER)
    first = service.identities()[0]
    service.save_identity(replace(first, name="Anna", signature_html="<p>Anna</p>"))
    assert "Anna" in window.form.picker.box().currentText()
    assert window.form.editor.text().endswith("-- \nAnna")


def test_writing_goes_on_above_an_original_that_was_opened(write: MakeWindow, qtbot: QtBot):
    window = write(Composition(to=(BOB,), subject="Re: Plans", quote=QUOTE), answer=True)
    window.form.quote.inline_wanted.emit()
    qtbot.keyClicks(window.form.editor, "Yes")
    assert window.form.composition().body.startswith("<p>Yes")


def test_a_strip_is_reached_by_key(write: MakeWindow):
    window = write(replace(LETTER, subject=""))
    window.send()
    window.form.editor.setFocus()
    window.actions_["next_part"].trigger()
    focused = window.focusWidget()
    assert focused is not None and window.strips.isAncestorOf(focused)
    window.actions_["previous_part"].trigger()
    assert window.focusWidget() is window.form.editor


def test_a_fault_is_no_longer_said_once_it_is_put_right(write: MakeWindow, qtbot: QtBot):
    window = write(Composition(subject="Plans", body="<p>x</p>"))
    window.send()
    assert said(window, "sending")
    qtbot.keyClicks(window.form.rows.edit(RecipientField.TO).line, "bob@b.example,")
    assert not said(window, "sending")


@pytest.mark.parametrize("by_key", [True, False])
def test_undoing_the_switch_to_plain_text_brings_all_looks_back(
    write: MakeWindow, qtbot: QtBot, by_key: bool
):
    window = write(LETTER)
    window.form.editor.picture_pasted.emit(QImage(4, 3, QImage.Format.Format_RGB32))
    before = window.form.composition()
    window.actions_["plain"].trigger()
    press(window, "plain", "Make it plain")
    assert not window.form.composition().rich
    if by_key:
        qtbot.keyClick(window.form.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    else:
        window.actions_["undo"].trigger()
    assert window.form.composition() == before
    assert not window.actions_["plain"].isChecked() and window.form.toolbar.isVisible()


def test_a_message_that_was_only_opened_is_not_to_be_saved(write: MakeWindow, qtbot: QtBot):
    window = write(LETTER)
    window.form.editor.document().markContentsDirty(0, 5)
    assert window.status().startswith("Saved")


def test_a_message_taken_out_of_the_outbox_can_go_at_the_time_it_had(
    composers: Composers, service: FakeComposeService
):
    later = int(time.time()) + 3600
    composers.open(service.draft(replace(LETTER, send_at=later)))
    (window,) = composers.windows()
    press(window, "planned", "Send it then")
    ((composition, not_before),) = service.sent
    assert (composition.send_at, not_before) == (later, later)


def test_a_time_that_has_passed_is_not_spoken_of(composers: Composers, service: FakeComposeService):
    composers.open(service.draft(replace(LETTER, send_at=1)))
    assert not said(composers.windows()[0], "planned")


def test_return_in_the_subject_goes_on_to_the_text(write: MakeWindow, qtbot: QtBot):
    window = write()
    window.form.subject.setFocus()
    qtbot.keyClick(window.form.subject, Qt.Key.Key_Return)
    assert window.focusWidget() is window.form.editor


def test_an_original_that_was_opened_is_sealed_again_by_undo(write: MakeWindow, qtbot: QtBot):
    window = write(Composition(to=(BOB,), subject="Re: Plans", quote=QUOTE), answer=True)
    qtbot.keyClicks(window.form.editor, "Yes ")
    before = window.form.composition()
    window.form.quote.inline_wanted.emit()
    qtbot.keyClicks(window.form.editor, "and no")
    while window.form.composition().quote is None:
        assert window.form.editor.document().isUndoAvailable()
        window.actions_["undo"].trigger()
    assert window.form.composition() == before
    assert window.form.quote.isVisible()


def test_an_original_that_was_left_out_can_be_put_back(write: MakeWindow):
    window = write(Composition(to=(BOB,), subject="Re: Plans", quote=QUOTE), answer=True)
    window.form.quote.remove_wanted.emit()
    press(window, "original", "Put it back")
    assert window.form.composition().quote == QUOTE and window.form.quote.isVisible()
