"""Nothing that is written is ever lost, whatever becomes of its draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qtmail.domain.composition import AnswerKind
from qtmail.domain.message import MessageRow
from qtmail.mime.message import ParsedMessage
from qtmail.mime.parser import parse
from tests.fakes.memory_imap import MemoryServer
from tests.unit.workers.compose_desk import (
    BOB,
    MB,
    WITH_FILE,
    Desk,
    content,
    is_there,
    on_server,
    paste,
    send,
    stored_bytes,
    written,
)


def test_a_draft_that_was_discarded_can_be_restored_and_gone_on_with(desk: Desk) -> None:
    draft = desk.save(desk.new(), body="Much work")
    desk.service.discard(draft.id)
    restored = desk.answered(lambda *answers: desk.service.restore(draft.id, *answers))
    assert restored.composition.body == "Much work"
    assert restored.is_open
    assert desk.save(restored, body="Much more work").composition.body == "Much more work"
    assert desk.live() == [draft.id]


def test_text_that_is_saved_after_its_draft_was_discarded_brings_it_back(desk: Desk) -> None:
    draft = desk.save(desk.new(), body="Much work")
    desk.service.discard(draft.id)
    desk.save(draft, body="Much more work")
    assert desk.live() == [draft.id]


def test_a_late_save_of_what_was_discarded_does_not_bring_it_back(desk: Desk) -> None:
    draft = desk.save(desk.new(), body="Much work")
    desk.service.discard(draft.id)
    desk.save(draft)
    assert desk.live() == []


def test_a_draft_that_is_gone_is_made_anew_once_and_stays_when_it_is_closed(desk: Desk) -> None:
    draft = desk.new()
    with desk.store.user_transaction() as tx:
        desk.store.drafts.leave_to_server(tx, draft.id)
    for body in ("Much", "Much work"):
        assert desk.save(draft, body=body).id == draft.id
    desk.service.close(draft.id)
    desk.settle()
    (kept,) = desk.store.drafts.unsent()
    assert (kept.id, kept.composition.body) == (draft.id, "Much work")


def test_what_was_pasted_into_a_draft_that_is_gone_is_kept_with_it(desk: Desk) -> None:
    draft = desk.new()
    picture = paste(desk, draft, b"PNG")
    with desk.store.user_transaction() as tx:
        desk.store.drafts.drop(tx, [draft.id])
    desk.save(draft, attachments=(picture,))
    desk.service._sweep()
    desk.settle()
    assert content(desk, picture) == b"PNG"


def test_closing_a_draft_that_was_never_changed_does_not_drop_it(desk: Desk) -> None:
    """One that was queued on the command line, say, and then taken back."""
    draft = desk.new(written())
    item = send(desk, draft)
    again = desk.answered(lambda *answers: desk.service.edit(item.id, *answers))
    desk.service.close(again.id)
    desk.settle()
    assert desk.live() == [draft.id]


# -- attachments -----------------------------------------------------------------------------------


def test_what_is_removed_gives_its_room_back_at_the_next_save(desk: Desk) -> None:
    draft = desk.save(desk.new(), body="Look:")
    pasted = paste(desk, draft, bytes(MB))
    draft = desk.save(draft, attachments=(pasted,))
    desk.save(draft, attachments=())
    desk.service._sweep()
    desk.settle()
    assert not is_there(desk, pasted)


def test_what_was_just_pasted_outlives_a_save_that_does_not_know_it(desk: Desk) -> None:
    draft = desk.save(desk.new(), body="Look:")
    pasted = paste(desk, draft, b"PNG")
    desk.save(draft, body="Look here:")
    desk.service._sweep()
    desk.settle()
    assert content(desk, pasted) == b"PNG"
    desk.service.close(draft.id)
    desk.settle()
    assert not is_there(desk, pasted), "no text names it, and no composer can any more"


def test_a_draft_that_is_queued_edited_and_queued_again_keeps_what_is_attached(desk: Desk) -> None:
    draft = desk.new(written())
    pasted = paste(desk, draft, bytes(range(256)) * 100)
    draft = desk.save(draft, attachments=(pasted,))
    for _ in range(3):
        item = send(desk, draft)
        desk.service._sweep()
        draft = desk.answered(lambda *answers: desk.service.edit(item.id, *answers))  # noqa: B023
    item = send(desk, draft)
    desk.service._sweep()
    desk.settle()
    (attachment,) = parse(desk.store.blobs.content(item.blob_id)).attachments
    assert attachment.content == bytes(range(256)) * 100
    with desk.store.user_transaction() as tx:
        assert tx.execute("SELECT count(*) FROM blobs").fetchone() == (2,), "the picture and the message"


# -- answering, forwarding -------------------------------------------------------------------------


def forward(desk: Desk, row: MessageRow, message: ParsedMessage) -> Callable[..., object]:
    return lambda *answers: desk.service.answer(AnswerKind.FORWARD_ATTACHED, row, message, *answers)


def test_what_is_not_here_yet_is_fetched_before_it_is_forwarded(online: Desk) -> None:
    draft = online.answered(forward(online, *on_server(online)))
    (attachment,) = draft.composition.attachments
    assert content(online, attachment) == WITH_FILE


def test_where_it_cannot_be_fetched_that_is_told_and_nothing_is_left_behind(
    online: Desk, server: MemoryServer
) -> None:
    row, message = on_server(online)
    server.inbox.expunge(row.uid)
    assert online.fault(forward(online, row, message)).sentence
    assert online.store.drafts.unsent() == []
    assert stored_bytes(online) == 0


def test_offline_it_is_told_that_it_cannot_be_fetched(online: Desk, start: Callable[[], Desk]) -> None:
    row, message = on_server(online)
    offline = start()
    assert "offline" in offline.fault(forward(offline, row, message)).sentence


def test_a_message_that_disappears_meanwhile_is_answered_all_the_same(online: Desk) -> None:
    row, message = on_server(online)
    with online.store.cache_transaction() as tx:
        online.store.messages.remove(tx, row.folder_id, [row.uid])
    draft = online.answered(lambda *answers: online.service.answer(AnswerKind.REPLY, row, message, *answers))
    assert draft.composition.in_reply_to == "plans@example.org"
    assert draft.composition.origin is None


def test_a_draft_on_the_server_that_is_in_the_outbox_is_not_opened_a_second_time(online: Desk) -> None:
    row, _ = on_server(online)
    message = parse(WITH_FILE)
    draft = online.answered(
        lambda *answers: online.service.answer(AnswerKind.OPEN_DRAFT, row, message, *answers)
    )
    send(online, draft, replace(draft.composition, to=(BOB,)))
    fault = online.fault(
        lambda *answers: online.service.answer(AnswerKind.OPEN_DRAFT, row, message, *answers)
    )
    assert "in the outbox" in fault.sentence and fault.advice
