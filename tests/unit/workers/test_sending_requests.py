"""On the way into the outbox: a message is there once, or its draft is there still."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.composition import Draft
from qtmail.domain.identity import Identity
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem, OutboxState
from qtmail.engine.accounts import forget_account
from qtmail.engine.queueing import queue
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError
from qtmail.mime.parser import parse
from tests.fakes.memory_imap import MemoryServer
from tests.unit.workers.compose_desk import (
    ACCOUNT,
    IN_AN_HOUR,
    LONG_AGO,
    MB,
    WITH_FILE,
    Desk,
    body_of,
    large_file,
    on_server,
    send,
    stored_bytes,
    written,
)


def test_saves_under_way_come_before_the_message_that_is_sent(desk: Desk) -> None:
    draft = desk.new(written())
    for number in range(10):
        earlier = replace(draft.composition, body=f"{number}")
        desk.service.save(draft.id, earlier, lambda _: None, desk.faults.append)
    item = send(desk, draft, replace(draft.composition, body="The end"))
    desk.settle()
    assert body_of(desk, item) == "The end"
    assert desk.live() == []
    (same,) = desk.outbox()
    assert same.draft_id == draft.id


def test_a_save_that_comes_too_late_changes_nothing(desk: Desk) -> None:
    draft = desk.new(written())
    send(desk, draft)
    desk.save(draft)
    assert desk.live() == []


def test_sending_twice_sends_once(desk: Desk) -> None:
    draft = desk.new(written())
    answers: list[object] = []
    for _ in range(2):
        desk.service.send(
            draft.id, draft.composition, not_before=IN_AN_HOUR, done=answers.append, failed=answers.append
        )
    desk.until(lambda: len(answers) == 2)
    assert len(desk.outbox()) == 1
    assert isinstance(answers[1], QtmailError)


def test_a_message_sent_at_the_very_end_of_the_program_is_in_the_outbox(start: Callable[[], Desk]) -> None:
    desk = start()
    draft = desk.new(written())
    desk.service.send(
        draft.id, draft.composition, not_before=LONG_AGO, done=lambda _: None, failed=desk.faults.append
    )
    desk.end()
    (item,) = start().outbox()
    assert item.state is OutboxState.QUEUED


def test_a_large_message_that_cannot_be_made_in_time_is_a_draft_still(
    start: Callable[[], Desk], tmp_path: Path
) -> None:
    desk = start()
    draft = desk.new(written(body="Look at this"))
    composition = replace(draft.composition, attachments=(large_file(desk, tmp_path, 2000 * MB),))
    desk.service.send(
        draft.id, composition, not_before=LONG_AGO, done=lambda _: None, failed=desk.faults.append
    )
    desk.wait_on_disk(lambda: stored_bytes(desk) > 2 * MB)
    began = time.monotonic()
    desk.end()
    assert time.monotonic() - began < 3.0
    next_run = start()
    offered: list[list[Draft]] = []
    next_run.service.recoverable(offered.append)
    next_run.until(lambda: offered)
    assert [one.composition.attachments for one in offered[0]] == [composition.attachments]
    assert next_run.outbox() == []
    next_run.service.start()
    next_run.until(lambda: stored_bytes(next_run) == 0)


def test_a_large_message_is_made_in_little_memory_and_saves_go_on_meanwhile(
    desk: Desk, tmp_path: Path
) -> None:
    first, second = desk.new(written()), desk.new()
    file = large_file(desk, tmp_path, 48 * MB)
    items: list[OutboxItem] = []
    tracemalloc.start()
    desk.service.send(
        first.id,
        replace(first.composition, attachments=(file,)),
        not_before=IN_AN_HOUR,
        done=items.append,
        failed=desk.faults.append,
    )
    desk.wait_on_disk(lambda: stored_bytes(desk) > 2 * MB)
    for number in range(5):
        second = desk.save(second, body=f"{number}")
    assert not desk.outbox(), "the saves waited for the large message"
    desk.until(lambda: items or desk.faults)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * MB
    assert items[0].size > 48 * MB


def test_a_message_that_is_cancelled_while_it_is_made_stays_a_draft(desk: Desk, tmp_path: Path) -> None:
    draft = desk.new(written())
    composition = replace(draft.composition, attachments=(large_file(desk, tmp_path, 2000 * MB),))
    answers: list[object] = []
    sending = desk.service.send(
        draft.id, composition, not_before=LONG_AGO, done=answers.append, failed=answers.append
    )
    desk.wait_on_disk(lambda: stored_bytes(desk) > 2 * MB)
    sending.cancel()
    desk.settle()
    assert answers == []
    assert (desk.outbox(), desk.live()) == ([], [draft.id])
    desk.service._sweep()
    desk.settle()
    assert stored_bytes(desk) == 0


def test_a_message_that_is_cancelled_just_as_it_was_queued_is_taken_back(desk: Desk) -> None:
    draft = desk.new(written())
    answers: list[object] = []
    sending = desk.service.send(
        draft.id, draft.composition, not_before=IN_AN_HOUR, done=answers.append, failed=answers.append
    )
    desk.wait_on_disk(desk.outbox)
    sending.cancel()
    desk.settle()
    assert answers == []
    assert (desk.outbox(), desk.live()) == ([], [draft.id])
    send(desk, draft)


@pytest.mark.parametrize("whole_account", [False, True])
def test_a_message_is_not_sent_from_another_address_than_was_chosen(desk: Desk, whole_account: bool) -> None:
    with desk.store.user_transaction() as tx:
        other = desk.store.accounts.add(tx, replace(ACCOUNT, address="other@example.org"))
        chosen = desk.store.identities.add(tx, Identity(0, other.id, "Ann", "sales@example.org"))
    draft = desk.new(written(identity_id=chosen.id))
    if whole_account:
        forget_account(desk.store, other.id)
    else:
        desk.service.remove_identity(chosen.id)
    composition = replace(draft.composition, body="Much work")
    items: list[OutboxItem] = []
    desk.service.send(
        draft.id, composition, not_before=LONG_AGO, done=items.append, failed=desk.faults.append
    )
    desk.until(lambda: items or desk.faults)
    assert items == [] and desk.outbox() == []
    fault = desk.faults.pop()
    assert "removed" in fault.sentence and fault.advice
    kept = desk.kept(draft)
    assert kept is not None and kept.composition.body == "Much work"
    (first, *_) = desk.service.identities()
    send(desk, draft, replace(composition, identity_id=first.id))


def test_an_item_that_came_as_a_file_is_not_lost_to_an_attempt_to_edit_it(desk: Desk) -> None:
    (account,) = desk.store.accounts.list()
    new = NewOutboxItem(account.id, 0, "m@x", "A file", "ann@example.org", ("bob@example.org",), IN_AN_HOUR)
    item = queue(desk.store, new, [b"Subject: A file\r\n\r\nYes.\r\n"], stop=StopToken())
    fault = desk.fault(lambda *answers: desk.service.edit(item.id, *answers))
    assert "cannot be edited" in fault.sentence and fault.advice
    assert [one.id for one in desk.outbox()] == [item.id]


def test_an_account_whose_mail_waits_is_not_removed(desk: Desk) -> None:
    item = send(desk, desk.new(written()))
    desk.mail.remove_account(item.account_id)
    desk.until(lambda: desk.problems)
    assert "still in the outbox" in desk.problems[0].sentence and desk.problems[0].advice
    assert desk.store.accounts.get(item.account_id) is not None
    assert desk.outbox() == [item]


def test_a_receipt_is_queued_once_and_never_asked_for_again(online: Desk, server: MemoryServer) -> None:
    asking = WITH_FILE.replace(b"Subject:", b"Disposition-Notification-To: bob@example.org\r\nSubject:")
    row, _ = on_server(online)
    online.service.receipt(row, parse(asking), send=True)
    online.until(online.outbox)
    (item,) = online.outbox()
    assert (item.sender, [one.address for one in item.recipients]) == ("", ["bob@example.org"])
    online.until(lambda: server.inbox.messages[row.uid].flags & Flag.MDN_SENT)
