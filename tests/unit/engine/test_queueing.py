"""From a draft to the outbox: all of it or nothing, and never much of it in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.address import Address
from qtmail.domain.composition import Composition, Draft, DraftAttachment
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem, OutboxState
from qtmail.engine.drafting import Drafting
from qtmail.engine.queueing import PIECE_BYTES, draft_bytes, queue, queue_draft
from qtmail.engine.stopping import StopToken
from qtmail.errors import FileFailed, MessageUnsendable, Stopped, StoreFailed
from qtmail.store.facts import Fact
from qtmail.store.store import Store

NOW = 1_790_000_000
BOB = Address("Bob", "bob@example.org")
MEGABYTE = 1024 * 1024


@pytest.fixture
def sender(store: Store) -> Account:
    """An account that can send."""
    settings = ServerSettings("mail.example.org", 465, Security.TLS, "ann")
    with store.user_transaction() as tx:
        return store.accounts.add(tx, Account(0, "Ann", "ann@example.org", "Ann", None, settings))


@pytest.fixture
def drafting(store: Store, sender: Account) -> Drafting:
    return Drafting(store, clock=lambda: NOW)


def written(drafting: Drafting, *attachments: DraftAttachment, **changes: object) -> Draft:
    composition = Composition(to=(BOB,), subject="你好", rich=False, body="Hi.", attachments=attachments)
    return drafting.create(replace(composition, **changes))  # type: ignore[arg-type]


def queued(store: Store, draft: Draft, *, not_before: int = 0, stop: StopToken | None = None) -> OutboxItem:
    return queue_draft(store, draft, not_before=not_before, stop=stop or StopToken(), clock=lambda: NOW)


def built(store: Store, item: OutboxItem) -> EmailMessage:
    return message_from_bytes(store.blobs.content(item.blob_id), policy=policy.default)


def check_untouched(store: Store, draft: Draft) -> None:
    """Nothing is queued, and the draft is where it was."""
    assert store.outbox.unfinished() == []
    assert store.drafts.unsent() == [draft]


# -- what is queued --------------------------------------------------------------------------------


def test_the_message_is_made_once_and_the_draft_is_out_of_sight(store: Store, drafting: Drafting):
    draft = written(drafting, bcc=(Address("", "eva@example.org"),), in_reply_to="q@example.org")
    item = queued(store, draft)
    assert item == store.outbox.get(item.id)
    assert (item.state, item.sender) == (OutboxState.QUEUED, "ann@example.org")
    assert [one.address for one in item.recipients] == ["bob@example.org", "eva@example.org"]
    assert item.message_id == draft.composition.message_id != ""
    message = built(store, item)
    assert (message["subject"], message["bcc"]) == ("你好", None)
    assert message["message-id"] == f"<{item.message_id}>"
    assert item.size == len(store.blobs.content(item.blob_id))
    assert store.drafts.unsent() == []
    kept = store.drafts.get(draft.id)
    assert kept is not None and kept.outbox_item_id == item.id


def test_a_message_without_an_id_gets_one_that_the_outbox_knows(store: Store, drafting: Drafting):
    draft = written(drafting)
    item = queued(store, replace(draft, composition=replace(draft.composition, message_id="")))
    assert item.message_id
    assert built(store, item)["message-id"] == f"<{item.message_id}>"


def test_what_has_its_time_is_held(store: Store, drafting: Drafting):
    item = queued(store, written(drafting), not_before=NOW + 5)
    assert (item.state, item.not_before, item.next_try) == (OutboxState.HELD, NOW + 5, NOW + 5)


@pytest.mark.parametrize(("known", "eight_bit"), [("yes", True), ("no", False), ("", False)])
def test_eight_bit_text_only_where_the_server_is_known_to_take_it(
    store: Store, drafting: Drafting, sender: Account, known: str, eight_bit: bool
):
    with store.user_transaction() as tx:
        store.facts.learn(tx, sender.id, Fact.SMTP_8BITMIME, known)
    item = queued(store, written(drafting, body="你好\n" * 50))
    assert item.needs_8bit == eight_bit
    assert built(store, item).get_content().split() == ["你好"] * 50


def test_what_needs_an_international_envelope_says_so(store: Store, drafting: Drafting):
    assert queued(store, written(drafting, to=(Address("", "用户@example.org"),))).needs_smtputf8
    assert not queued(store, written(drafting, to=(Address("", "user@例子.org"),))).needs_smtputf8


def test_progress_is_told_in_bytes_stored(store: Store, drafting: Drafting, tmp_path: Path):
    path = tmp_path / "f.bin"
    path.write_bytes(bytes(3 * MEGABYTE))
    told: list[int] = []
    draft = written(drafting, drafting.add_file(path))
    item = queue_draft(store, draft, not_before=0, stop=StopToken(), progress=told.append)
    assert told == sorted(told) and len(told) >= 4
    assert told[-1] == item.size


def test_sixty_megabytes_are_never_in_memory(store: Store, drafting: Drafting, tmp_path: Path):
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        for _ in range(60):
            file.write(bytes(MEGABYTE))
    draft = written(drafting, drafting.add_file(path))
    tracemalloc.start()
    try:
        item = queued(store, draft)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.clear_traces()
        for _ in store.blobs.pieces(item.blob_id):
            pass
        _, peak_reading = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert item.size > 80 * MEGABYTE
    assert peak < 12 * MEGABYTE
    assert peak_reading < 4 * PIECE_BYTES


def test_a_draft_for_the_server_keeps_what_is_not_finished(store: Store, drafting: Drafting):
    draft = written(
        drafting, to=(Address("", "half-typed@"),), bcc=(Address("", "eva@example.org"),), body="unfinished"
    )
    message = message_from_bytes(draft_bytes(store, draft), policy=policy.default)
    assert "eva@example.org" in message["bcc"]
    assert "unfinished" in message.get_content()


# -- what is wrong with the message ----------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"to": ()},
        {"to": (Address("", "bob@example.org\r\nBcc: eva@example.org"),)},
        {"to": (Address("", "nobody at home"),)},
        {"to": (Address("", "bob@exa\0mple.org"),)},
        {"cc": (Address("Eva", "eva@"),)},
        {"reply_to": (Address("", "no address"),)},
    ],
)
def test_an_address_that_is_none_is_named_and_the_draft_is_kept(
    store: Store, drafting: Drafting, changes: dict[str, object]
):
    draft = written(drafting, **changes)
    with pytest.raises(MessageUnsendable) as fault:
        queued(store, draft)
    assert fault.value.sentence and fault.value.advice
    assert not {"\r", "\n", "\0"} & set(fault.value.sentence)
    check_untouched(store, draft)


@pytest.mark.parametrize("evil", ["\r\nBcc: eva@example.org", "\nX: y", "\0", "\r", "\x1b[2J"])
def test_no_field_can_smuggle_in_another(store: Store, drafting: Drafting, tmp_path: Path, evil: str):
    path = tmp_path / "f.txt"
    path.write_bytes(b"x")
    attachment = replace(drafting.add_file(path), filename=f"name{evil}.txt")
    draft = written(
        drafting,
        attachment,
        to=(Address(f"Bob{evil}", "bob@example.org"),),
        subject=f"Plans{evil}",
        in_reply_to=f"a{evil}@example.org",
        references=(f"b{evil}@example.org",),
    )
    try:
        item = queued(store, draft)
    except MessageUnsendable as fault:
        assert fault.sentence and fault.advice
        check_untouched(store, draft)
        return
    header, _, _ = store.blobs.content(item.blob_id).partition(b"\r\n\r\n")
    names = {line.partition(b":")[0].lower() for line in header.split(b"\r\n") if line[:1] not in b" \t"}
    assert not names & {b"bcc", b"x"}
    assert b"\0" not in header and b"\x1b" not in header
    assert [one.address for one in item.recipients] == ["bob@example.org"]


def test_without_an_account_to_send_from_nothing_is_queued(store: Store, account: Account):
    """The only account reads and does not send."""
    draft = Drafting(store, clock=lambda: NOW).create(Composition(to=(BOB,)))
    with pytest.raises(
        MessageUnsendable, match=r"No server for sending is known for ann@example\.org"
    ) as fault:
        queued(store, draft)
    assert fault.value.advice
    check_untouched(store, draft)


def test_without_any_account_it_is_said_so(store: Store):
    with pytest.raises(MessageUnsendable, match="no account"):
        Drafting(store).create(Composition(to=(BOB,)))


def test_a_message_is_queued_once_however_often_it_is_sent(store: Store, drafting: Drafting):
    draft = written(drafting)
    item = queued(store, draft)
    with pytest.raises(MessageUnsendable, match="in the outbox already") as fault:
        queued(store, draft)
    assert fault.value.advice
    assert store.outbox.unfinished() == [item]


# -- what is wrong with an attachment --------------------------------------------------------------


def test_a_file_that_disappears_is_an_error_and_no_empty_part(
    store: Store, drafting: Drafting, tmp_path: Path
):
    path = tmp_path / "plans.pdf"
    path.write_bytes(b"x" * 1000)
    draft = written(drafting, drafting.add_file(path))
    path.unlink()
    with pytest.raises(FileFailed, match=r"plans\.pdf") as fault:
        queued(store, draft)
    assert fault.value.advice
    check_untouched(store, draft)


@pytest.mark.parametrize("size", [999, 1001, 0])
def test_a_file_that_changes_its_size_is_not_sent_in_pieces(
    store: Store, drafting: Drafting, tmp_path: Path, size: int
):
    path = tmp_path / "plans.pdf"
    path.write_bytes(b"x" * 1000)
    draft = written(drafting, drafting.add_file(path))
    path.write_bytes(b"y" * size)
    with pytest.raises(FileFailed, match=r"plans\.pdf") as fault:
        queued(store, draft)
    assert fault.value.advice
    check_untouched(store, draft)


def test_a_file_that_became_a_folder_cannot_be_read(store: Store, drafting: Drafting, tmp_path: Path):
    path = tmp_path / "plans.pdf"
    path.write_bytes(b"x")
    draft = written(drafting, drafting.add_file(path))
    path.unlink()
    path.mkdir()
    with pytest.raises(FileFailed, match="cannot be read") as fault:
        queued(store, draft)
    assert fault.value.advice
    check_untouched(store, draft)


# -- what is wrong with the disk -------------------------------------------------------------------


def fill_the_disk(store: Store, spare_pages: int) -> None:
    """Let user.db grow by so many pages and no more."""
    with store.user_transaction() as tx:
        (pages,) = tx.execute("PRAGMA page_count").fetchone()
        tx.execute(f"PRAGMA max_page_count = {pages + spare_pages}")


@pytest.mark.parametrize("spare_pages", [0, 3, 300, 700])
def test_a_full_disk_keeps_the_draft_and_queues_nothing(
    store: Store, drafting: Drafting, tmp_path: Path, spare_pages: int
):
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(3 * MEGABYTE))
    draft = written(drafting, drafting.add_file(path))
    fill_the_disk(store, spare_pages)
    with pytest.raises(StoreFailed, match="disk is full") as fault:
        queued(store, draft)
    assert fault.value.advice
    check_untouched(store, draft)
    fill_the_disk(store, 1_000_000)
    assert queued(store, draft).size > 3 * MEGABYTE


def test_what_was_half_stored_is_given_back(store: Store, drafting: Drafting, sender: Account):
    def breaking_off() -> Iterator[bytes]:
        yield bytes(2 * MEGABYTE)
        raise FileFailed("The file is gone.")

    new = NewOutboxItem(sender.id, 0, "m@example.org", "", "ann@example.org", ("bob@example.org",), 0)
    with pytest.raises(FileFailed):
        queue(store, new, breaking_off(), stop=StopToken())
    drafting.sweep()
    with store.user_transaction() as tx:
        assert tx.execute("SELECT count(*) FROM blob_pieces").fetchone() == (0,)


def test_a_stop_while_queueing_leaves_a_draft(store: Store, drafting: Drafting, tmp_path: Path):
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(5 * MEGABYTE))
    draft = written(drafting, drafting.add_file(path))
    stop = StopToken()
    with pytest.raises(Stopped):
        queue_draft(store, draft, not_before=0, stop=stop, progress=lambda done: stop.stop())
    check_untouched(store, draft)


def test_a_draft_that_went_meanwhile_is_not_sent_again(store: Store, drafting: Drafting):
    draft = written(drafting)
    with store.user_transaction() as tx:
        store.drafts.drop(tx, [draft.id])
    with pytest.raises(MessageUnsendable, match="has been sent"):
        queued(store, draft)
    assert store.outbox.unfinished() == []


# -- later ---------------------------------------------------------------------------------------------


def date_of(store: Store, item: OutboxItem) -> int:
    return int(built(store, item)["Date"].datetime.timestamp())


def test_what_is_sent_later_bears_the_date_of_then(store: Store, drafting: Drafting):
    assert date_of(store, queued(store, written(drafting), not_before=NOW + 86_400)) == NOW + 86_400
    assert date_of(store, queued(store, written(drafting))) == NOW


def test_an_item_is_replaced_by_another_of_its_draft_or_left(store: Store, drafting: Drafting):
    draft = written(drafting)
    item = queued(store, draft, not_before=NOW + 86_400)
    draft = replace(draft, outbox_item_id=item.id)
    sooner = queue_draft(store, draft, not_before=NOW, stop=StopToken(), instead_of=item, clock=lambda: NOW)
    assert store.outbox.unfinished() == [sooner]
    assert (sooner.draft_id, date_of(store, sooner)) == (draft.id, NOW)
    with pytest.raises(MessageUnsendable):
        queue_draft(store, draft, not_before=NOW, stop=StopToken(), instead_of=item, clock=lambda: NOW)
    assert store.outbox.unfinished() == [sooner]
