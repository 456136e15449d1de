"""Drafts on the server: the latest copy, one, and never none, wherever the line is cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.address import Address
from qtmail.domain.composition import (
    Composition,
    Draft,
    DraftAttachment,
    FileSource,
    Origin,
    OriginKind,
    StoredSource,
)
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.engine.draft_mirror import (
    KEPT_SECONDS,
    PUT_OFF_SECONDS,
    QUIET_SECONDS,
    DraftMirror,
    can_be_mirrored,
)
from qtmail.errors import FileFailed
from qtmail.mime.parser import parse
from qtmail.store.store import Store
from tests.fakes.mailbox_bench import MailboxBench
from tests.fakes.mailbox_server import PLAIN, QRESYNC, Command, Hangup, MailboxServer
from tests.fakes.memory_imap import MemoryFolder, plain_message


@pytest.fixture
def server() -> Iterator[MailboxServer]:
    with MailboxServer(QRESYNC) as server:
        yield server


@pytest.fixture
def bench(store: Store, server: MailboxServer) -> MailboxBench:
    return MailboxBench(store, server)


@pytest.fixture
def drafts(bench: MailboxBench) -> MemoryFolder:
    return bench.folder(b"Drafts", SpecialUse.DRAFTS)


def mirror(bench: MailboxBench) -> DraftMirror:
    return DraftMirror(bench.store, bench.account, bench.events.append, clock=bench.clock)


def write(bench: MailboxBench, text: str = "Dear Bob", *, shown: bool = False) -> Draft:
    composition = Composition(
        identity_id=bench.store.identities.list(bench.account.id)[0].id,
        to=(Address("Bob", "bob@example.net"),),
        subject="Ünfinished",
        rich=False,
        body=text,
        message_id="draft-1@example.org",
    )
    with bench.store.user_transaction() as tx:
        return bench.store.drafts.add(tx, composition, int(bench.now), run="this" if shown else "")


def change(bench: MailboxBench, draft: Draft, text: str) -> None:
    with bench.store.user_transaction() as tx:
        composition = replace(draft.composition, body=text)
        assert bench.store.drafts.save(tx, draft.id, composition, int(bench.now))


def texts(folder: MemoryFolder) -> list[str]:
    """The texts of the copies on the server, without those that are marked as deleted."""
    live = [m for _, m in sorted(folder.messages.items()) if not m.flags & Flag.DELETED]
    return [parse(message.raw).text.strip() for message in live]


def test_a_draft_becomes_a_message_any_client_opens(bench: MailboxBench, drafts: MemoryFolder):
    write(bench)
    assert bench.over(mirror(bench).run) == 1
    (message,) = drafts.messages.values()
    assert message.flags == Flag.DRAFT | Flag.SEEN
    read = parse(message.raw)
    assert read.envelope.subject == "Ünfinished"
    assert read.envelope.to == (Address("Bob", "bob@example.net"),)
    assert read.envelope.message_id == "draft-1@example.org"
    assert read.text.strip() == "Dear Bob"
    assert not read.problems


def test_a_change_replaces_the_copy(bench: MailboxBench, drafts: MemoryFolder):
    draft = write(bench)
    work = mirror(bench)
    bench.over(work.run)
    change(bench, draft, "Dear Bob, how are you?")
    assert bench.over(work.run) == 1
    assert texts(drafts) == ["Dear Bob, how are you?"]
    assert len(drafts.messages) == 1
    assert work.next_time() is None


def test_an_open_draft_is_left_alone_until_it_is_quiet(bench: MailboxBench, drafts: MemoryFolder):
    draft = write(bench, shown=True)
    work = mirror(bench)
    assert bench.over(work.run) == 0
    assert work.next_time() == bench.now + QUIET_SECONDS
    bench.now += QUIET_SECONDS - 1
    change(bench, draft, "Dear Bob, more")
    bench.now += 1
    assert bench.over(work.run) == 0
    bench.now += QUIET_SECONDS
    assert bench.over(work.run) == 1
    assert texts(drafts) == ["Dear Bob, more"]


def test_a_folder_is_made_where_there_is_none(bench: MailboxBench):
    write(bench)
    bench.over(mirror(bench).run)
    assert len(bench.server.folders[b"Drafts"].messages) == 1


@pytest.mark.parametrize("capabilities", [PLAIN, QRESYNC])
def test_a_dropped_draft_goes_from_the_server(bench: MailboxBench, drafts: MemoryFolder, capabilities: str):
    bench.server.capabilities = capabilities
    draft = write(bench)
    other = drafts.deliver(plain_message(7))
    work = mirror(bench)
    bench.over(work.run)
    with bench.store.user_transaction() as tx:
        bench.store.drafts.drop(tx, [draft.id])
    assert work.next_time() == 0
    bench.over(work.run)
    assert texts(drafts) == [parse(drafts.messages[other].raw).text.strip()]
    assert work.next_time() is None


def test_copies_of_a_renumbered_folder_are_not_mistaken(bench: MailboxBench, drafts: MemoryFolder):
    draft = write(bench)
    bench.over(mirror(bench).run)
    other = drafts.deliver(plain_message(7))
    drafts.renumber()
    assert other in drafts.messages
    change(bench, draft, "Dear Bob, again")
    bench.over(mirror(bench).run)
    assert texts(drafts) == ["Text of message 7.", "Dear Bob, again"]


def test_copies_of_a_folder_renumbered_meanwhile_are_replaced_too(bench: MailboxBench, drafts: MemoryFolder):
    draft = write(bench)
    work = mirror(bench)
    bench.over(work.run)
    drafts.renumber()
    change(bench, draft, "two")
    bench.over(work.run)
    change(bench, draft, "three")
    bench.over(work.run)
    assert texts(drafts) == ["three"]


def test_a_draft_sent_while_its_copy_was_on_the_way_leaves_nothing_behind(
    bench: MailboxBench, drafts: MemoryFolder
):
    draft = write(bench)
    work = mirror(bench)
    bench.server.tamper = lose_append
    assert bench.attempt(work.run) is None
    assert len(drafts.messages) == 1
    with bench.store.user_transaction() as tx:
        bench.store.drafts.drop(tx, [draft.id])
    bench.server.tamper = lambda _, answer: answer
    bench.server.cut_after = 900  # in the middle of the look for it
    bench.attempt(work.run)
    bench.server.cut_after = None
    assert work.next_time() == 0
    bench.over(work.run)
    assert not drafts.messages
    assert work.next_time() is None


def lose_append(command: Command, answer: list[bytes]) -> Iterable[bytes]:
    if command.verb == "APPEND":
        raise Hangup
    return answer


# -- what cannot be mirrored -----------------------------------------------------------------------


def test_what_is_not_mirrored():
    file = DraftAttachment("film.mp4", "video/mp4", 20_000_000, FileSource("/film.mp4", 0))
    assert can_be_mirrored(Composition(attachments=(replace(file, size=17_000_000),)))
    assert not can_be_mirrored(Composition(attachments=(file,)))
    assert not can_be_mirrored(Composition(resent=StoredSource(1)))


def test_a_large_draft_stays_here(bench: MailboxBench, drafts: MemoryFolder):
    draft = write(bench)
    file = DraftAttachment("film.mp4", "video/mp4", 20_000_000, FileSource("/film.mp4", 0))
    with bench.store.user_transaction() as tx:
        composition = replace(draft.composition, attachments=(file,))
        bench.store.drafts.save(tx, draft.id, composition, int(bench.now))
    work = mirror(bench)
    assert bench.over(work.run) == 0
    assert work.next_time() is None
    assert not drafts.messages


def test_an_attachment_that_is_gone_is_told_once_and_keeps_no_other_draft(
    bench: MailboxBench, drafts: MemoryFolder
):
    def make(_store: Store, draft: Draft) -> bytes:
        if draft.composition.body == "broken":
            raise FileFailed("The attachment is no longer where it was.")
        return plain_message(draft.id)

    write(bench, "broken")
    write(bench, "fine")
    work = DraftMirror(bench.store, bench.account, bench.events.append, make=make, clock=bench.clock)
    assert bench.over(work.run) == 1
    bench.now += PUT_OFF_SECONDS
    assert bench.over(work.run) == 0
    (problem,) = bench.problems()
    assert problem.sentence.startswith("The draft “Ünfinished” is kept on this computer only: The attachment")
    assert len(drafts.messages) == 1


def test_a_full_mailbox_is_told_and_tried_again(bench: MailboxBench, drafts: MemoryFolder):
    write(bench)
    bench.server.refusal = b"NO [OVERQUOTA] full"
    work = mirror(bench)
    assert bench.over(work.run) == 0
    assert "no room left" in bench.problems()[0].sentence
    bench.server.refusal = b""
    assert bench.over(work.run) == 0
    bench.now += PUT_OFF_SECONDS
    assert bench.over(work.run) == 1
    assert len(drafts.messages) == 1


# -- leaving a draft to the server -----------------------------------------------------------------


def test_a_closed_draft_is_left_to_the_server_in_the_end(bench: MailboxBench, drafts: MemoryFolder):
    write(bench)
    work = mirror(bench)
    bench.over(work.run)
    bench.over(work.run)
    assert len(bench.store.drafts.unsent()) == 1
    bench.now += KEPT_SECONDS
    bench.over(work.run)
    assert bench.store.drafts.unsent() == []
    bench.over(work.run)
    assert texts(drafts) == ["Dear Bob"]


def test_a_draft_whose_copy_is_gone_stays_here(bench: MailboxBench, drafts: MemoryFolder):
    write(bench)
    work = mirror(bench)
    bench.over(work.run)
    drafts.expunge(next(iter(drafts.messages)))
    bench.now += KEPT_SECONDS
    bench.over(work.run)
    assert len(bench.store.drafts.unsent()) == 1


def test_a_draft_that_knows_what_it_answers_stays_here(bench: MailboxBench, drafts: MemoryFolder):
    draft = write(bench)
    with bench.store.user_transaction() as tx:
        origin = Origin(OriginKind.ANSWERED, bench.account.id, b"INBOX", 1, 1)
        bench.store.drafts.save(tx, draft.id, replace(draft.composition, origin=origin), int(bench.now))
    work = mirror(bench)
    bench.over(work.run)
    bench.now += KEPT_SECONDS
    bench.over(work.run)
    assert len(bench.store.drafts.unsent()) == 1
    assert len(drafts.messages) == 1


# -- every byte ------------------------------------------------------------------------------------


class CutMirror:
    """A draft is mirrored, changed, and mirrored again over a line that is cut, then over a whole one."""

    def __init__(self, bench: MailboxBench, *, restart: bool, then: str) -> None:
        """`then`: what happens between the cut and the next run."""
        self.bench = bench
        self.restart = restart
        self.then = then

    def begin(self) -> tuple[Draft, MemoryFolder, DraftMirror]:
        """A draft on the server that was changed since, and nothing else."""
        store = self.bench.store
        with store.user_transaction() as tx:
            store.drafts.drop(tx, [draft.id for draft in store.drafts.unsent()])
        with store.user_transaction() as tx:
            for copy_id, _ in store.drafts.obsolete_copies(self.bench.account.id):
                store.drafts.copy_gone(tx, copy_id)
        self.bench.server.folders.pop(b"Drafts", None)
        folder = self.bench.folder(b"Drafts", SpecialUse.DRAFTS)
        draft = write(self.bench, "first")
        self.bench.over(mirror(self.bench).run)
        change(self.bench, draft, "second")
        return draft, folder, mirror(self.bench)

    def points(self) -> tuple[range, range]:
        """Where the line can be cut: by bytes the server sends, and by bytes it hears."""
        _, _, work = self.begin()
        return self.bench.spoken(work.run)

    def check(self, cut_after: int | None, deaf_after: int | None) -> None:
        bench, server, name = self.bench, self.bench.server, f"{cut_after}-{deaf_after}"
        draft, folder, work = self.begin()
        server.cut_after, server.deaf_after = cut_after, deaf_after
        bench.attempt(work.run)
        server.cut_after = server.deaf_after = None
        assert texts(folder) in (["first"], ["first", "second"], ["second"]), name
        expected = self.go_on(draft)
        work = mirror(bench) if self.restart else work
        bench.over(work.run)
        assert texts(folder) == expected, name
        bench.over(work.run)
        assert texts(folder) == expected, name
        assert not bench.problems(), name

    def go_on(self, draft: Draft) -> list[str]:
        """What happens then, and the texts that are to be on the server in the end."""
        match self.then:
            case "change":
                change(self.bench, draft, "third")
                return ["third"]
            case "drop":
                with self.bench.store.user_transaction() as tx:
                    self.bench.store.drafts.drop(tx, [draft.id])
                return []
        return ["second"]


def cut_everywhere(profile: Path, capabilities: str, *, restart: bool, then: str, step: int) -> None:
    with MailboxServer(capabilities) as server, Store.open(profile) as store:
        cutting = CutMirror(MailboxBench(store, server), restart=restart, then=then)
        to_client, to_server = cutting.points()
        for cut in to_client[::step]:
            cutting.check(cut, None)
        for cut in to_server[::step]:
            cutting.check(None, cut)


CASES = [(False, "nothing"), (True, "nothing"), (False, "change"), (True, "change"), (False, "drop")]


@pytest.mark.parametrize(("restart", "then"), CASES)
@pytest.mark.parametrize("capabilities", [PLAIN, QRESYNC])
def test_a_line_cut_anywhere_leaves_one_copy(tmp_path: Path, capabilities: str, restart: bool, then: str):
    cut_everywhere(tmp_path, capabilities, restart=restart, then=then, step=97)


@pytest.mark.proof
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("restart", "then"), CASES)
@pytest.mark.parametrize("capabilities", [PLAIN, QRESYNC])
def test_a_line_cut_at_every_byte_leaves_one_copy(
    tmp_path: Path, capabilities: str, restart: bool, then: str
):
    cut_everywhere(tmp_path, capabilities, restart=restart, then=then, step=1)
