"""How drafts come to be, are kept, and go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.address import Address
from qtmail.domain.composition import (
    AnswerKind,
    Composition,
    Draft,
    FileSource,
    OriginKind,
    StoredSource,
)
from qtmail.domain.identity import Identity
from qtmail.domain.message import MessageQuery, MessageRow
from qtmail.engine.attaching import content_type_of
from qtmail.engine.drafting import DISCARDED_SECONDS, Drafting
from qtmail.engine.queueing import open_attachment, queue_draft
from qtmail.engine.stopping import StopToken
from qtmail.errors import FileFailed, QtmailError, Stopped, StoreFailed
from qtmail.mime.parser import parse
from qtmail.mime.reply import Prepared
from qtmail.store.store import Store
from tests.unit.engine.conftest import Bench

NOW = 1_790_000_000
ORIGINAL = (
    b"From: Bob <bob@example.org>\r\nTo: ann@example.org\r\nCc: eva@example.org\r\nSubject: Plans\r\n"
    b"Message-ID: <plans@example.org>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nWhat do you think?\r\n"
    b"--b\r\nContent-Type: application/pdf; name=plans.pdf\r\n"
    b"Content-Disposition: attachment; filename=plans.pdf\r\n\r\nPDF\r\n--b--\r\n"
)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def drafting(store: Store, account: Account, clock: Clock) -> Iterator[Drafting]:
    """The drafts of a program that runs."""
    drafting = Drafting(store, clock)
    yield drafting
    drafting.end()


def original(bench: Bench) -> MessageRow:
    """A message in INBOX that can be answered."""
    bench.server.folders[b"INBOX"].deliver(ORIGINAL)
    bench.sync()
    (row,) = bench.store.messages.rows(bench.store.messages.ids(MessageQuery((bench.folder().id,))))
    return row


def composition_of(store: Store, draft_id: int) -> Composition:
    draft = store.drafts.get(draft_id)
    assert draft is not None
    return draft.composition


def write_as(store: Store, account: Account, **changes: str) -> Identity:
    """Another identity of the account."""
    with store.user_transaction() as tx:
        identity = Identity(0, account.id, "Work", "work@example.org")
        return store.identities.add(tx, replace(identity, **changes))  # type: ignore[arg-type]


# -- beginning -------------------------------------------------------------------------------------


def test_a_new_draft_has_a_sender_and_an_id_of_its_own(store: Store, drafting: Drafting, account: Account):
    first, second = drafting.create(Composition()), drafting.create(Composition())
    identity = store.identities.get(first.composition.identity_id)
    assert identity is not None and identity.address == account.address
    assert first.composition.message_id.endswith("@example.org")
    assert first.composition.message_id != second.composition.message_id
    assert first.is_open and first.created_at == NOW
    assert store.drafts.get(first.id) == first


def test_the_usual_blind_copy_of_an_identity_goes_in_once(store: Store, drafting: Drafting, account: Account):
    work = write_as(store, account, bcc="archive@example.org, Eva <EVA@example.org>")
    composition = Composition(identity_id=work.id, to=(Address("", "eva@example.org"),))
    assert drafting.create(composition).composition.bcc == (Address("", "archive@example.org"),)


def test_without_an_account_nothing_can_be_written(store: Store):
    with pytest.raises(QtmailError, match="no account") as fault:
        Drafting(store).create(Composition())
    assert fault.value.advice


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        (AnswerKind.REPLY, OriginKind.ANSWERED),
        (AnswerKind.REPLY_ALL, OriginKind.ANSWERED),
        (AnswerKind.REPLY_LIST, OriginKind.ANSWERED),
        (AnswerKind.FORWARD, OriginKind.FORWARDED),
        (AnswerKind.FORWARD_ATTACHED, OriginKind.FORWARDED),
        (AnswerKind.REDIRECT, OriginKind.FORWARDED),
        (AnswerKind.EDIT_AS_NEW, None),
    ],
)
def test_an_answer_knows_what_to_mark_once_it_is_sent(
    bench: Bench, drafting: Drafting, kind: AnswerKind, mark: OriginKind | None
):
    row = original(bench)
    prepared = drafting.prepare(kind, row, parse(ORIGINAL), size=len(ORIGINAL))
    origin = prepared.composition.origin
    assert (origin.kind if origin else None) == mark
    if origin is not None:
        assert (origin.account_id, origin.folder, origin.uid) == (row.account_id, b"INBOX", row.uid)


def test_a_message_from_a_file_marks_nothing(drafting: Drafting):
    prepared = drafting.prepare(AnswerKind.REPLY, None, parse(ORIGINAL), size=len(ORIGINAL))
    assert prepared.composition.origin is None
    assert prepared.composition.in_reply_to == "plans@example.org"


def test_what_is_forwarded_travels_along_without_its_original(store: Store, bench: Bench, drafting: Drafting):
    row = original(bench)
    message = parse(ORIGINAL)
    prepared = drafting.prepare(AnswerKind.FORWARD, row, message, size=len(ORIGINAL))
    contents = {one.part: b"PDF" for one in prepared.carried}
    draft = drafting.create_prepared(prepared, contents)
    with store.cache_transaction() as tx:
        store.folders.remove_account(tx, row.account_id)
    (attachment,) = draft.composition.attachments
    assert (attachment.filename, attachment.size) == ("plans.pdf", 3)
    assert b"".join(open_attachment(store, attachment)) == b"PDF"
    assert store.drafts.get(draft.id) == draft


def test_what_is_sent_on_unchanged_is_kept_whole(store: Store, bench: Bench, drafting: Drafting):
    prepared = drafting.prepare(AnswerKind.REDIRECT, original(bench), parse(ORIGINAL), size=len(ORIGINAL))
    draft = drafting.create_prepared(prepared, {one.part: ORIGINAL for one in prepared.carried})
    assert draft.composition.resent is not None
    assert store.blobs.content(draft.composition.resent.blob_id) == ORIGINAL


def test_a_draft_of_ours_on_a_server_is_known_again(store: Store, bench: Bench, drafting: Drafting):
    row = original(bench)
    copy = drafting.copy_at(row)
    assert copy is not None and copy.uid == row.uid
    assert drafting.existing(row) is None
    prepared = drafting.prepare(AnswerKind.OPEN_DRAFT, row, parse(ORIGINAL), size=len(ORIGINAL))
    draft = drafting.create_prepared(prepared, {one.part: b"PDF" for one in prepared.carried}, copy)
    found = drafting.existing(row)
    assert found is not None and found.id == draft.id
    assert store.drafts.to_mirror(row.account_id) == [], "the server holds it as it is"


# -- writing ---------------------------------------------------------------------------------------


def test_what_was_saved_last_is_what_is_kept(store: Store, drafting: Drafting, clock: Clock):
    draft = drafting.create(Composition(subject="A"))
    clock.now += 5
    saved = drafting.save(draft.id, replace(draft.composition, subject="B"))
    assert (saved.id, saved.revision, saved.saved_at) == (draft.id, 2, NOW + 5)
    assert composition_of(store, draft.id).subject == "B"
    assert [version.composition.subject for version in store.drafts.versions(draft.id)] == ["B", "A"]


def test_text_of_a_draft_that_was_dropped_is_not_lost(store: Store, drafting: Drafting):
    draft = drafting.create(Composition())
    with store.user_transaction() as tx:
        store.drafts.drop(tx, [draft.id])
    saved = drafting.save(draft.id, replace(draft.composition, body="Much work"))
    assert saved.id == draft.id and saved.is_open
    assert composition_of(store, draft.id).body == "Much work"


def test_what_is_written_after_it_was_sent_is_a_draft_of_its_own(store: Store, drafting: Drafting):
    settings = ServerSettings("mail.example.org", 465, Security.TLS, "eva")
    with store.user_transaction() as tx:
        eva = store.accounts.add(tx, Account(0, "Eva", "eva@example.org", "Eva", None, settings))
    identity = store.identities.list(eva.id)[0]
    draft = drafting.create(Composition(identity_id=identity.id, to=(Address("", "bob@example.org"),)))
    item = queue_draft(store, draft, not_before=0, stop=StopToken())
    assert store.drafts.unsent() == []
    later = drafting.save_to_send(draft.id, replace(draft.composition, body="P.S."))
    assert later.outbox_item_id is None
    assert later.composition.message_id != item.message_id
    second = queue_draft(store, later, not_before=0, stop=StopToken())
    assert store.blobs.content(second.blob_id) != store.blobs.content(item.blob_id)


def test_drafts_of_a_run_that_died_are_offered_and_those_of_a_living_one_are_not(
    store: Store, drafting: Drafting
):
    lost, closed = drafting.create(Composition()), drafting.create(Composition())
    drafting.close(closed.id)
    other = Drafting(store)
    assert drafting.recoverable() == other.recoverable() == []
    with pytest.raises(QtmailError, match="open in another window") as fault:
        other.open(lost.id)
    assert fault.value.advice
    drafting.end()
    assert [draft.id for draft in other.recoverable()] == [lost.id]
    assert other.open(lost.id).is_open
    other.end()


def test_a_draft_that_is_closed_stays(store: Store, drafting: Drafting):
    draft = drafting.create(Composition(subject="A"))
    drafting.close(draft.id)
    assert [(one.id, one.is_open) for one in store.drafts.unsent()] == [(draft.id, False)]


def test_a_draft_of_a_server_that_was_only_looked_at_is_left_to_it(
    store: Store, bench: Bench, drafting: Drafting
):
    copy = drafting.copy_at(original(bench))
    looked_at = drafting.create_prepared(Prepared(Composition(), ()), {}, copy)
    drafting.close(looked_at.id)
    assert store.drafts.unsent() == []
    assert store.drafts.obsolete_copies(bench.account.id) == [], "it is the only one there is"


def test_opening_what_is_gone_is_told(drafting: Drafting):
    with pytest.raises(QtmailError, match="no longer there"):
        drafting.open(99)


def test_what_was_discarded_can_be_brought_back_for_a_while(store: Store, drafting: Drafting, clock: Clock):
    draft = drafting.create(Composition(subject="A"))
    drafting.discard(draft.id)
    assert store.drafts.unsent() == []
    clock.now += DISCARDED_SECONDS
    drafting.sweep()
    assert drafting.restore(draft.id).composition.subject == "A"
    drafting.discard(draft.id)
    clock.now += DISCARDED_SECONDS + 1
    drafting.sweep()
    assert store.drafts.get(draft.id) is None


def test_the_room_of_what_is_gone_is_given_back(store: Store, drafting: Drafting, clock: Clock):
    draft = drafting.create(Composition())
    for number in range(40):
        drafting.add_content(draft.id, f"{number}.png", "image/png", bytes(1000), inline=True)
    throw_away(drafting, draft, clock)
    with store.user_transaction() as tx:
        assert tx.execute("SELECT * FROM blobs").fetchall() == []
        assert tx.execute("SELECT * FROM blob_pieces").fetchall() == []


def throw_away(drafting: Drafting, draft: Draft, clock: Clock) -> None:
    drafting.discard(draft.id)
    clock.now += DISCARDED_SECONDS + 1
    assert drafting.sweep()


# -- attachments -----------------------------------------------------------------------------------


def test_a_file_is_looked_at_and_left_where_it_is(drafting: Drafting, tmp_path: Path):
    path = tmp_path / "会议.pdf"
    path.write_bytes(b"12345")
    attachment = drafting.add_file(path)
    assert (attachment.filename, attachment.content_type, attachment.size) == (
        "会议.pdf",
        "application/pdf",
        5,
    )
    assert attachment.source == FileSource(str(path), path.stat().st_mtime_ns)
    assert not attachment.inline


def test_a_file_that_cannot_be_attached_is_told_at_once(drafting: Drafting, tmp_path: Path):
    for path in (tmp_path / "none.pdf", tmp_path):
        with pytest.raises(FileFailed) as fault:
            drafting.add_file(path)
        assert path.name in fault.value.sentence
        assert fault.value.advice


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes among files here")
@pytest.mark.timeout(10)
def test_a_pipe_is_no_file_and_is_not_waited_for(drafting: Drafting, tmp_path: Path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(FileFailed, match="is not a file"):
        drafting.add_file(path)


def test_what_is_pasted_is_kept_beside_the_draft(store: Store, drafting: Drafting, clock: Clock):
    draft = drafting.create(Composition())
    picture = drafting.add_content(draft.id, "p.png", "image/png", b"PNG", inline=True)
    assert picture.inline and picture.size == 3
    assert b"".join(open_attachment(store, picture)) == b"PNG"
    throw_away(drafting, draft, clock)
    assert isinstance(picture.source, StoredSource)
    with pytest.raises(StoreFailed):
        store.blobs.content(picture.source.blob_id)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pdf", "application/pdf"),
        ("a.PNG", "image/png"),
        ("a.tar.gz", "application/octet-stream"),
        ("none", "application/octet-stream"),
    ],
)
def test_the_type_is_told_by_the_name(name: str, kind: str):
    assert content_type_of(name) == kind


# -- what happens behind a composer's back ---------------------------------------------------------


def test_what_is_in_the_outbox_is_neither_opened_nor_discarded(store: Store, drafting: Drafting):
    draft = sent_by(store, drafting)
    with pytest.raises(QtmailError, match="in the outbox") as fault:
        drafting.open(draft.id)
    assert fault.value.advice
    drafting.discard(draft.id)
    (item,) = store.outbox.unfinished()
    assert item.draft_id == draft.id


def test_a_save_that_says_what_was_sent_changes_nothing(store: Store, drafting: Drafting):
    draft = sent_by(store, drafting)
    drafting.save(draft.id, composition_of(store, draft.id))
    assert store.drafts.unsent() == []


def sent_by(store: Store, drafting: Drafting) -> Draft:
    """A draft that is in the outbox."""
    settings = ServerSettings("mail.example.org", 465, Security.TLS, "eva")
    with store.user_transaction() as tx:
        eva = store.accounts.add(tx, Account(0, "Eva", "eva@example.org", "Eva", None, settings))
    identity = store.identities.list(eva.id)[0]
    draft = drafting.create(Composition(identity_id=identity.id, to=(Address("", "bob@example.org"),)))
    queue_draft(store, draft, not_before=0, stop=StopToken())
    return draft


def test_what_another_run_shows_is_not_closed_from_here(store: Store, drafting: Drafting):
    draft = drafting.create(Composition())
    other = Drafting(store)
    other.close(draft.id)
    assert other.recoverable() == []
    with pytest.raises(QtmailError, match="another window"):
        other.open(draft.id)


def test_a_draft_of_a_server_that_was_changed_stays(store: Store, bench: Bench, drafting: Drafting):
    copy = drafting.copy_at(original(bench))
    draft = drafting.create_prepared(Prepared(Composition(), ()), {}, copy)
    drafting.save(draft.id, replace(draft.composition, body="Much work"))
    drafting.close(draft.id)
    assert [one.id for one in store.drafts.unsent()] == [draft.id]


def test_a_draft_nobody_wrote_in_stays_when_it_is_closed(store: Store, drafting: Drafting):
    """It may hold what another program wrote: a link, the command line."""
    draft = drafting.create(Composition(body="From a link"))
    drafting.close(draft.id)
    assert [one.id for one in store.drafts.unsent()] == [draft.id]


def test_what_cannot_be_stored_whole_leaves_nothing_behind(store: Store, bench: Bench, drafting: Drafting):
    prepared = drafting.prepare(AnswerKind.FORWARD, original(bench), parse(ORIGINAL), size=len(ORIGINAL))
    drafting.stop.stop()
    with pytest.raises(Stopped):
        drafting.create_prepared(prepared, {one.part: b"PDF" for one in prepared.carried})
    drafting.stop = StopToken()
    drafting.sweep()
    assert store.drafts.unsent() == []
    with store.user_transaction() as tx:
        assert tx.execute("SELECT * FROM blobs").fetchall() == []
