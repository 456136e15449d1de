"""One copy in Sent, whoever puts it there, and wherever the line is cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine.filing import LOOK_SECONDS, SERVER_SECONDS, UPLOAD_SECONDS, Filing
from qtmail.protocols.imap import ImapSession
from qtmail.store.facts import Fact
from qtmail.store.store import Store
from tests.fakes.mailbox_bench import SENT, START, MailboxBench, copies, sent_message
from tests.fakes.mailbox_server import CONDSTORE, PLAIN, QRESYNC, Command, Hangup, MailboxServer
from tests.fakes.memory_imap import MemoryFolder


@pytest.fixture
def server() -> Iterator[MailboxServer]:
    with MailboxServer(QRESYNC) as server:
        yield server


@pytest.fixture
def bench(store: Store, server: MailboxServer) -> MailboxBench:
    return MailboxBench(store, server)


def filing(bench: MailboxBench) -> Filing:
    return Filing(bench.store, bench.account, bench.events.append, clock=bench.clock)


def files_itself(bench: MailboxBench) -> bool:
    return bench.store.facts.get(bench.account.id, Fact.SENT_FILED_BY_SERVER) == "yes"


def test_a_copy_is_put_into_sent_as_it_was_sent(bench: MailboxBench):
    sent = bench.folder()
    item = bench.accepted()
    assert bench.over(filing(bench).run) == 1
    assert copies(sent) == [sent_message(1)]
    (message,) = sent.messages.values()
    assert message.flags == Flag.SEEN
    assert message.internal_date == "21-Nov-2026 10:00:00 +0000"
    assert bench.item(item).state is OutboxState.FILED
    with pytest.raises(Exception, match="no longer be found"):
        bench.store.blobs.size(item.blob_id)


def test_what_is_filed_is_not_filed_again(bench: MailboxBench):
    sent = bench.folder()
    bench.accepted()
    work = filing(bench)
    bench.over(work.run)
    assert bench.over(work.run) == 0
    bench.now += SERVER_SECONDS
    assert bench.over(filing(bench).run) == 0
    assert len(sent.messages) == 1
    assert not files_itself(bench)
    assert work.next_time() is None


@pytest.mark.parametrize("capabilities", [PLAIN, CONDSTORE])
def test_a_server_without_uidplus_is_asked_where_it_went(bench: MailboxBench, capabilities: str):
    bench.server.capabilities = capabilities
    sent = bench.folder()
    item = bench.accepted()
    assert bench.over(filing(bench).run) == 1
    assert bench.item(item).state is OutboxState.FILED
    assert len(sent.messages) == 1


def test_the_folder_is_found_by_its_name_where_nothing_says_what_it_is_for(bench: MailboxBench):
    named = bench.folder("已发送".encode("utf-7").replace(b"+", b"&"), None)
    bench.accepted()
    assert bench.over(filing(bench).run) == 1
    assert len(named.messages) == 1


def test_a_sent_folder_is_made_where_there_is_none(bench: MailboxBench):
    bench.accepted(1)
    bench.accepted(2)
    assert bench.over(filing(bench).run) == 2
    assert copies(bench.server.folders[b"Sent"]) == [sent_message(1), sent_message(2)]
    assert bench.server.commands.count("SUBSCRIBE") == 1


def test_a_new_folder_is_made_for_its_purpose_where_the_server_can(bench: MailboxBench):
    bench.server.capabilities += " CREATE-SPECIAL-USE"
    bench.accepted()
    bench.over(filing(bench).run)
    assert bench.server.folders[b"Sent"].special_use is SpecialUse.SENT


def test_the_folder_an_item_asks_for_comes_first_if_it_is_there(bench: MailboxBench):
    sent = bench.folder()
    work = bench.folder(b"Work", None)
    bench.accepted(1, sent_folder=b"Work")
    bench.accepted(2, sent_folder=b"Gone")
    bench.over(filing(bench).run)
    assert copies(work) == [sent_message(1)]
    assert copies(sent) == [sent_message(2)]


# -- servers that file by themselves ---------------------------------------------------------------


def test_a_copy_the_server_put_there_is_enough_and_remembered(bench: MailboxBench):
    sent = bench.folder()
    sent.deliver(sent_message(1))
    item = bench.accepted()
    assert bench.over(filing(bench).run) == 1
    assert len(sent.messages) == 1
    assert bench.item(item).state is OutboxState.FILED
    assert files_itself(bench)


def test_such_a_server_gets_a_minute_to_do_it(bench: MailboxBench):
    sent = bench.folder()
    sent.deliver(sent_message(1))
    bench.accepted(1)
    work = filing(bench)
    bench.over(work.run)
    bench.accepted(2)
    assert bench.over(work.run) == 0
    assert work.next_time() == START + LOOK_SECONDS
    bench.now += LOOK_SECONDS
    sent.deliver(sent_message(2))
    assert bench.over(work.run) == 1
    assert len(sent.messages) == 2


def test_a_server_that_stopped_filing_is_done_without(bench: MailboxBench):
    sent = bench.folder()
    sent.deliver(sent_message(1))
    bench.accepted(1)
    bench.over(filing(bench).run)
    bench.accepted(2)
    bench.now += SERVER_SECONDS
    assert bench.over(filing(bench).run) == 1
    assert copies(sent) == [sent_message(1), sent_message(2)]


def test_a_second_copy_that_shows_up_later_replaces_ours(bench: MailboxBench):
    sent = bench.folder()
    bench.accepted()
    work = filing(bench)
    bench.over(work.run)
    theirs = sent.deliver(sent_message(1))
    assert work.next_time() == START + SERVER_SECONDS
    bench.now += SERVER_SECONDS
    bench.over(work.run)
    assert list(sent.messages) == [theirs]
    assert files_itself(bench)
    assert work.next_time() is None


def test_a_renumbered_folder_loses_nothing_at_the_last_look(bench: MailboxBench):
    sent = bench.folder()
    bench.accepted()
    bench.over(filing(bench).run)
    sent.deliver(sent_message(1))
    sent.renumber()
    bench.now += SERVER_SECONDS
    bench.over(filing(bench).run)
    assert len(sent.messages) == 2


# -- faults ----------------------------------------------------------------------------------------


def test_a_refusal_is_told_once_and_tried_again(bench: MailboxBench):
    sent = bench.folder()
    bench.server.refusal = b"NO [OVERQUOTA] Quota exceeded"
    item = bench.accepted()
    work = filing(bench)
    for _ in range(3):
        assert bench.over(work.run) == 0
        bench.now = bench.item(item).next_try
    waiting = bench.item(item)
    assert waiting.state is OutboxState.ACCEPTED
    assert "no room left" in waiting.last_answer
    assert "provider" in waiting.advice
    (problem,) = bench.problems()
    assert "Your message “Sent 1” was sent, but it is not in Sent yet" in problem.sentence
    bench.server.refusal = b""
    assert bench.over(work.run) == 1
    assert len(sent.messages) == 1
    assert bench.item(item).last_answer == ""


def test_a_copy_that_is_there_after_a_refusal_is_the_servers(bench: MailboxBench):
    sent = bench.folder()
    bench.server.refusal = b"NO not now"
    item = bench.accepted()
    work = filing(bench)
    bench.over(work.run)
    sent.deliver(sent_message(1))
    bench.now = bench.item(item).next_try
    assert bench.over(work.run) == 1
    assert files_itself(bench)


def test_one_that_is_refused_does_not_keep_the_others(bench: MailboxBench):
    bench.server.capabilities += " APPENDLIMIT=1000"
    sent = bench.folder()
    large = bench.accepted(1, sent_message(1) + b"x" * 2000)
    bench.accepted(2)
    assert bench.over(filing(bench).run) == 1
    assert copies(sent) == [sent_message(2)]
    assert "larger than the server allows" in bench.item(large).last_answer


def test_a_message_whose_bytes_are_gone_is_told_and_costs_no_line(bench: MailboxBench):
    bench.folder()
    item = bench.accepted(1)
    with bench.store.user_transaction() as tx:
        bench.store.blobs.drop(tx, [item.blob_id])
    bench.accepted(2)
    assert bench.over(filing(bench).run) == 1
    assert len(bench.problems()) == 1


def test_what_the_server_took_and_does_not_find_is_never_appended_twice(bench: MailboxBench):
    bench.server.capabilities = PLAIN
    sent = bench.folder()
    item = bench.accepted()
    bench.server.tamper = blind
    work = filing(bench)
    assert bench.over(work.run) == 0
    assert "does not find it there yet" in bench.item(item).last_answer
    bench.now = bench.item(item).next_try
    assert bench.over(work.run) == 1
    assert len(sent.messages) == 1
    assert "does not find it there" in bench.problems()[0].sentence


def blind(command: Command, answer: list[bytes]) -> Iterable[bytes]:
    return [b"* SEARCH\r\n", answer[-1]] if command.verb == "UID SEARCH" else answer


def test_another_process_that_is_at_it_is_left_alone(bench: MailboxBench):
    bench.folder()
    item = bench.accepted()
    bench.server.tamper = hang_up_at_append
    bench.attempt(filing(bench).run)
    bench.server.tamper = lambda _, answer: answer
    bench.server.folders[SENT].messages.clear()
    other = filing(bench)
    assert bench.over(other.run) == 0
    assert bench.server.commands.count("APPEND") == 1
    assert other.next_time() == START + UPLOAD_SECONDS
    bench.now += UPLOAD_SECONDS
    assert bench.over(other.run) == 1
    assert bench.item(item).state is OutboxState.FILED


def test_who_is_alone_takes_up_at_once_what_a_dead_process_began(bench: MailboxBench):
    sent = bench.folder()
    item = bench.accepted()
    bench.server.tamper = hang_up_at_append
    bench.attempt(filing(bench).run)
    bench.server.tamper = lambda _, answer: answer
    alone = Filing(bench.store, bench.account, bench.events.append, alone=lambda: True, clock=bench.clock)
    assert alone.next_time() == 0
    assert bench.over(alone.run) == 1
    assert len(sent.messages) == 1
    assert bench.item(item).state is OutboxState.FILED


def test_one_sent_on_unchanged_is_filed_beside_its_original(bench: MailboxBench):
    sent = bench.folder()
    sent.deliver(sent_message(7))
    resent = b"Resent-Message-ID: <sent-1@example.org>\r\n" + sent_message(7)
    bench.accepted(1, resent)
    assert bench.over(filing(bench).run) == 1
    assert copies(sent) == [sent_message(7), resent]
    assert not files_itself(bench)


def hang_up_at_append(command: Command, answer: list[bytes]) -> Iterable[bytes]:
    if command.verb == "APPEND":
        raise Hangup
    return answer


# -- every byte ------------------------------------------------------------------------------------


class CutFiling:
    """Files a message over a line that is cut, then over a whole one: at every point one copy remains."""

    def __init__(self, bench: MailboxBench, *, restart: bool) -> None:
        self.bench = bench
        self.restart = restart

    def begin(self) -> tuple[OutboxItem, MemoryFolder, Filing]:
        """A message and a folder as new as on the first day."""
        self.bench.server.folders.pop(SENT, None)
        return self.bench.accepted(), self.bench.folder(), filing(self.bench)

    def points(self) -> tuple[range, range]:
        """Where the line can be cut: by bytes the server sends, and by bytes it hears."""
        _, _, work = self.begin()
        found = self.bench.spoken(work.run)
        self.bench.now += SERVER_SECONDS
        self.bench.over(work.run)
        return found

    def check(self, cut_after: int | None, deaf_after: int | None) -> None:
        bench, server, name = self.bench, self.bench.server, f"{cut_after}-{deaf_after}"
        item, sent, work = self.begin()
        server.cut_after, server.deaf_after = cut_after, deaf_after
        bench.attempt(work.run)
        server.cut_after = server.deaf_after = None
        if self.restart:
            work = filing(bench)
            bench.now = max(bench.now, bench.item(item).next_try)
        bench.over(work.run)
        assert copies(sent) == [sent_message(1)], name
        assert bench.item(item).state is OutboxState.FILED, name
        bench.now += SERVER_SECONDS
        bench.over(work.run)
        assert copies(sent) == [sent_message(1)], name
        assert not files_itself(bench), name
        assert not bench.problems(), name


def cut_everywhere(profile: Path, capabilities: str, *, restart: bool, step: int) -> None:
    with MailboxServer(capabilities) as server, Store.open(profile) as store:
        cutting = CutFiling(MailboxBench(store, server), restart=restart)
        to_client, to_server = cutting.points()
        for cut in to_client[::step]:
            cutting.check(cut, None)
        for cut in to_server[::step]:
            cutting.check(None, cut)


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("capabilities", [PLAIN, QRESYNC])
def test_a_line_cut_anywhere_leaves_one_copy(tmp_path: Path, capabilities: str, restart: bool):
    cut_everywhere(tmp_path, capabilities, restart=restart, step=29)


@pytest.mark.proof
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("capabilities", [PLAIN, QRESYNC])
def test_a_line_cut_at_every_byte_leaves_one_copy(tmp_path: Path, capabilities: str, restart: bool):
    cut_everywhere(tmp_path, capabilities, restart=restart, step=1)


def test_a_piece_that_cannot_be_read_leaves_no_half_message(bench: MailboxBench):
    sent = bench.folder()

    def broken() -> Iterator[bytes]:
        yield b"From: a"
        raise OSError("the disk is gone")

    def put(session: ImapSession) -> None:
        session.append(SENT, broken(), 1000, Flag.SEEN)

    with pytest.raises(OSError, match="disk"):
        bench.over(put)
    assert not sent.messages
