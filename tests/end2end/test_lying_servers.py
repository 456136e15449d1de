"""Servers that refuse, stall, say too much, too little or what is not so: what is true is held on to."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from qtmail.domain.message import Flag
from qtmail.engine import sync_plan
from qtmail.engine.replay_queue import record_flags
from qtmail.errors import ConnectionFailed, QtmailError
from tests.end2end.fault_bench import (
    Bench,
    at,
    falling_silent,
    goodbye,
    hanging_up,
    in_turn,
    instead,
    letter,
    refusing,
    replacing,
    saying,
)
from tests.fakes.mailbox_server import (
    CONDSTORE,
    PLAIN,
    QRESYNC,
    Command,
    Hangup,
    MailboxServer,
    Tamper,
    honest,
)
from tests.fakes.memory_imap import MemoryFolder

SERVERS = {"qresync": QRESYNC, "condstore": CONDSTORE, "plain": PLAIN}
EACH_METHOD = pytest.mark.parametrize("capabilities", SERVERS.values(), ids=SERVERS)


@pytest.fixture
def capabilities() -> str:
    """What the server offers, where a test does not say."""
    return QRESYNC


@pytest.fixture
def bench(tmp_path: Path, capabilities: str) -> Iterator[Bench]:
    with MailboxServer(capabilities) as server:
        for number in range(10):
            server.inbox.deliver(letter(number))
        bench = Bench.make(tmp_path / "profile", server)
        yield bench
        bench.store.close()


def sync_through(bench: Bench, verb: str, tamper: Tamper) -> QtmailError | None:
    """A sync with the fault, then one without, after which all is well."""
    bench.server.tamper = at(verb, tamper)
    fault = bench.try_sync()
    bench.server.tamper = honest
    bench.sync()
    bench.check_in_step()
    return fault


# -- at each command -------------------------------------------------------------------------------

ALWAYS = ("SELECT", "UID SEARCH", "UID FETCH")
SAID = {
    "qresync": ("AUTHENTICATE", "ID", "ENABLE", "NAMESPACE", "LIST", *ALWAYS),
    "condstore": ("AUTHENTICATE", "ENABLE", "NAMESPACE", "LIST", "LSUB", "STATUS", *ALWAYS),
    "plain": ("LOGIN", "LIST", "LSUB", "STATUS", *ALWAYS),
}
"""What a first sync says to each kind of server."""
EACH_COMMAND = pytest.mark.parametrize(
    ("capabilities", "verb"),
    [(SERVERS[kind], verb) for kind, verbs in SAID.items() for verb in verbs],
    ids=[f"{kind}-{verb}" for kind, verbs in SAID.items() for verb in verbs],
)


@EACH_COMMAND
@pytest.mark.parametrize("status", [b"NO [SERVERBUG] Internal error", b"BAD What?"])
def test_a_refusal_costs_at_most_this_sync(bench: Bench, capabilities: str, verb: str, status: bytes) -> None:
    sync_through(bench, verb, refusing(status))


@EACH_COMMAND
@pytest.mark.parametrize("ending", [goodbye, hanging_up])
def test_a_session_that_ends_is_taken_up_by_the_next(
    bench: Bench, capabilities: str, verb: str, ending: Tamper
) -> None:
    assert isinstance(sync_through(bench, verb, ending), ConnectionFailed)


@EACH_COMMAND
def test_a_server_that_falls_silent_is_left_in_time(bench: Bench, capabilities: str, verb: str) -> None:
    bench.timeout = 0.1
    fault = sync_through(bench, verb, falling_silent)
    assert isinstance(fault, ConnectionFailed)
    assert "did not answer" in fault.sentence


UNASKED = {
    "expunge": b"* 3 EXPUNGE\r\n",
    "vanished": b"* VANISHED 3\r\n",
    "all vanished": b"* VANISHED 1:*\r\n",
    "exists": b"* 99 EXISTS\r\n",
    "nothing exists": b"* 0 EXISTS\r\n",
    "flags": b"* 3 FETCH (FLAGS (\\Deleted))\r\n",
    "flags of nobody": b"* 99 FETCH (UID 999 FLAGS (\\Deleted))\r\n",
    "a message nobody asked for": b"* 7 FETCH (UID 777 FLAGS () BODY[HEADER] {14}\r\nSubject: x\r\n\r\n)\r\n",
    "a body nobody asked for": b"* 7 FETCH (UID 777 BODY[] {14}\r\nSubject: x\r\n\r\n)\r\n",
    "the last UID there can be": b'* 7 FETCH (UID 4294967295 FLAGS () BODY[HEADER] "")\r\n',
    "a UID that is too large": b'* 7 FETCH (UID 99999999999 FLAGS () BODY[HEADER] "")\r\n',
    "a negative UID": b'* 7 FETCH (UID -1 FLAGS () BODY[HEADER] "")\r\n',
    "UID 0": b'* 7 FETCH (UID 0 FLAGS () BODY[HEADER] "")\r\n',
    "numbers that are none": b"* -5 EXISTS\r\n* 99999999999999999999 EXISTS\r\n* OK [UIDNEXT -1] x\r\n"
    b"* OK [HIGHESTMODSEQ 99999999999999999999999] x\r\n* OK [UIDNEXT 99999999999] x\r\n* VANISHED x\r\n",
    "halves": b"* OK [\r\n* VANISHED\r\n* FETCH\r\n* 1 FETCH\r\n* 1 FETCH (\r\n* 1 FETCH )\r\n* LIST\r\n",
    "a NUL": b"* \0 \0\r\n",
}


@EACH_METHOD
@pytest.mark.parametrize("unasked", UNASKED.values(), ids=UNASKED)
@pytest.mark.parametrize("verb", ["LIST", *ALWAYS])
def test_what_nobody_asked_for_changes_nothing(
    bench: Bench, capabilities: str, verb: str, unasked: bytes
) -> None:
    bench.sync()
    bench.server.inbox.deliver(letter(10))
    bench.server.tamper = at(verb, saying(unasked))
    bench.try_sync()
    bench.check_in_step()
    bench.server.tamper = honest
    bench.sync()
    bench.check_in_step()


# -- lists of folders ------------------------------------------------------------------------------

STRANGE_NAMES = (
    b'* LIST x\r\n* LIST (\\Noselect "/\r\n* LSUB x\r\n* STATUS\r\n* STATUS x\r\n'
    b'* STATUS INBOX (MESSAGES -1 UIDNEXT x)\r\n* LIST () "/" ""\r\n* LIST () "/" "a\0b"\r\n'
    b'* LIST () NIL {3}\r\na\nb\r\n* LIST () "/" "\xff\xfe"\r\n* LIST () "/" &bad\r\n'
    b'* LIST () "/" "../../etc/passwd"\r\n* LIST () "/" "' + b"n" * 5000 + b'"\r\n'
)


@EACH_METHOD
@pytest.mark.parametrize("verb", ["LIST", "LSUB", "STATUS"])
def test_folders_with_names_that_are_none(bench: Bench, capabilities: str, verb: str) -> None:
    bench.server.tamper = at(verb, saying(STRANGE_NAMES), times=1)
    report = bench.sync()
    bench.check_in_step()
    assert all(len(problem) < 300 for problem in report.problems), "a strip has to hold it"
    assert all(folder.path for folder in bench.store.folders.list())


# -- the numbers of SELECT -------------------------------------------------------------------------


@EACH_METHOD
@pytest.mark.parametrize("claimed", [b"0", b"3", b"1000000"])
def test_a_count_that_is_not_so(bench: Bench, capabilities: str, claimed: bytes) -> None:
    bench.server.tamper = at("SELECT", replacing(b"10 EXISTS", claimed + b" EXISTS"))
    bench.sync()
    bench.server.tamper = honest
    bench.sync()
    bench.check_in_step()
    bench.server.inbox.deliver(letter(10))
    bench.server.tamper = at("SELECT", replacing(b"11 EXISTS", claimed + b" EXISTS"))
    bench.sync()
    assert len(bench.cached()) >= 10
    bench.server.tamper = honest
    bench.sync()
    bench.check_in_step()


@EACH_METHOD
@pytest.mark.parametrize("garbled", [b"", b"UIDVALIDITY x", b"UIDVALIDITY 0", b"UIDVALIDITY 99999999999"])
def test_without_a_uid_validity_what_is_here_stays_as_it_is(
    bench: Bench, capabilities: str, garbled: bytes
) -> None:
    bench.sync()
    ids = [bench.store.messages.find_uid(1, uid) for uid in range(1, 11)]
    bench.server.inbox.deliver(letter(10))
    bench.server.tamper = at("SELECT", replacing(b"UIDVALIDITY 1", garbled))
    report = bench.sync()
    assert "INBOX" in report.problems[0]
    bench.server.tamper = honest
    bench.sync()
    bench.check_in_step()
    assert ids == [bench.store.messages.find_uid(1, uid) for uid in range(1, 11)]


def test_a_folder_renumbered_before_its_bodies_are_fetched(bench: Bench) -> None:
    """The UIDs of the old numbering name other messages now."""
    server = bench.server
    server.folders[b"Other"] = MemoryFolder(b"Other")

    def renumber(_command: Command, answer: list[bytes]) -> Iterable[bytes]:
        server.inbox.expunge(1)
        server.inbox.renumber()
        return answer

    def when_the_other_is_opened(command: Command, answer: list[bytes]) -> Iterable[bytes]:
        return renumber(command, answer) if b"Other" in command.arguments else answer

    server.tamper = at("SELECT", when_the_other_is_opened)
    bench.sync()
    server.tamper = honest
    assert all(raw in (b"", letter(int(subject))) for _, _, subject, raw in bench.cached()), (
        "no message has the body of another"
    )
    bench.sync()
    bench.check_in_step()


def test_a_folder_renumbered_between_two_questions(bench: Bench) -> None:
    """Thirty messages seem gone; by the time the server is asked again, the folder is another one."""
    for number in range(10, 40):
        bench.server.inbox.deliver(letter(number))
    bench.sync()
    calls = itertools.count()

    def empty_then_renumbered(command: Command, answer: list[bytes]) -> Iterable[bytes]:
        if next(calls) == 0:
            bench.server.inbox.renumber()
            return [b'* ESEARCH (TAG "%s") UID\r\n' % command.tag, command.done()]
        return answer

    bench.server.inbox.modseq += 1
    bench.server.inbox.expunged = dict.fromkeys(range(1, 41), bench.server.inbox.modseq)
    bench.server.tamper = at("UID SEARCH", empty_then_renumbered)
    bench.sync()
    assert bench.cached()
    bench.server.tamper = honest
    bench.sync()
    bench.check_in_step()


@pytest.mark.parametrize("capabilities", [QRESYNC, CONDSTORE], ids=["qresync", "condstore"])
def test_a_server_restored_from_a_backup_counts_changes_anew(bench: Bench, capabilities: str) -> None:
    bench.server.inbox.modseq = 500
    bench.sync()
    bench.server.inbox.modseq = 20
    bench.server.inbox.set_flags(4, Flag.SEEN)
    bench.sync()
    bench.check_in_step()


# -- messages --------------------------------------------------------------------------------------


def refusing_sets_with(uid: int) -> Tamper:
    """One message the server cannot read: each FETCH of content that includes it fails and brings nothing."""

    def refuse(command: Command, answer: list[bytes]) -> Iterable[bytes]:
        if b"BODY" in command.arguments and any(b" FETCH (UID %d " % uid in line for line in answer):
            return [command.done(b"NO [SERVERBUG] Error reading message")]
        return answer

    return refuse


@EACH_METHOD
def test_one_message_the_server_cannot_read_does_not_hide_the_others(bench: Bench, capabilities: str) -> None:
    bench.server.tamper = at("UID FETCH", refusing_sets_with(4))
    report = bench.sync()
    assert [uid for uid, *_ in bench.cached()] == [1, 2, 3, 5, 6, 7, 8, 9, 10]
    assert any("Error reading message" in problem for problem in report.problems)
    assert bench.server.commands.count("UID FETCH") < 20
    bench.server.inbox.set_flags(7, Flag.SEEN)
    bench.sync()
    assert (7, Flag.SEEN) in [row[:2] for row in bench.cached()], "all else is kept in step"
    bench.server.tamper = honest
    bench.sync()
    bench.check_in_step()


def test_a_server_that_refuses_all_messages_is_taken_at_its_word(bench: Bench) -> None:
    for number in range(10, 200):
        bench.server.inbox.deliver(letter(number))
    bench.server.tamper = at("UID FETCH", refusing(b"NO [INUSE] Locked"))
    bench.sync()
    assert bench.server.commands.count("UID FETCH") < 20


def test_bodies_that_came_before_a_refusal_are_kept(bench: Bench) -> None:
    def refuse_the_rest(command: Command, answer: list[bytes]) -> Iterable[bytes]:
        if b"BODY.PEEK[]" not in command.arguments:
            return answer
        given = answer[:6] if len(answer) > 6 else []
        return [*given, command.done(b"NO [SERVERBUG] Error reading message")]

    bench.server.tamper = at("UID FETCH", refuse_the_rest)
    bench.sync()
    assert sum(bool(raw) for *_, raw in bench.cached()) == 6


def test_answers_that_come_twice(bench: Bench) -> None:
    bench.server.tamper = at("UID FETCH", lambda _, answer: [*answer[:-1], *answer])
    report = bench.sync()
    bench.check_in_step()
    assert (report.messages_added, report.bodies_fetched) == (10, 10)


def test_a_new_message_stored_before_the_line_broke_keeps_what_the_user_did(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user reads it here while the next sync is on its way, which must not show it as unread again."""
    monkeypatch.setattr(sync_plan.newest_first, "__defaults__", (1,))
    bench.sync()
    for number in (10, 11):
        bench.server.inbox.deliver(letter(number))
    bench.server.tamper = hanging_up_at(b"UID 11 FLAGS () INTERNALDATE")
    assert bench.try_sync()
    assert [uid for uid, *_ in bench.cached()][-1] == 12, "the newest came first"

    def read_it_meanwhile(_command: Command, answer: list[bytes]) -> Iterable[bytes]:
        (message_id,) = bench.store.messages.find_message_id("11@example.org")
        record_flags(bench.store, [message_id], Flag.SEEN, Flag.NONE)
        bench.store.close_thread()
        return answer

    bench.server.tamper = at("LIST", read_it_meanwhile)
    bench.sync()
    assert [flags for uid, flags, *_ in bench.cached() if uid == 12] == [Flag.SEEN]
    bench.server.tamper = honest
    bench.sync()
    bench.check_in_step()
    assert bench.server.inbox.messages[12].flags == Flag.SEEN


def hanging_up_at(words: bytes) -> Tamper:
    def cut(_command: Command, answer: list[bytes]) -> Iterator[bytes]:
        for line in answer:
            if words in line:
                raise Hangup
            yield line

    return cut


@EACH_METHOD
def test_sizes_dates_and_marks_that_make_no_sense(bench: Bench, capabilities: str) -> None:
    def garble(_command: Command, answer: list[bytes]) -> Iterable[bytes]:
        for line in answer:
            line = re.sub(rb"RFC822.SIZE \d+", b"RFC822.SIZE 99999999999999999999", line)
            yield line.replace(b"21-Nov-2026", b"99-Foo-0000").replace(b"MODSEQ (", b"MODSEQ (-")

    bench.server.tamper = at("UID FETCH", garble)
    bench.sync()
    assert len(bench.cached()) == 10
    bench.server.inbox.set_flags(3, Flag.SEEN)
    bench.sync()
    bench.check_flags()


def test_nul_bytes_in_header_flags_and_body(bench: Bench) -> None:
    raw = b"Subject: a\0b\r\nFrom: \0 <x\0y@example.org>\r\nMessage-ID: <\0>\r\n\r\n\0text\0\r\n"
    uid = bench.server.inbox.deliver(raw)
    bench.server.inbox.messages[uid].keywords = frozenset({"a\0b"})
    report = bench.sync()
    assert report.problems == ()
    (row,) = [one for one in bench.cached() if one[0] == uid]
    assert row[3] == raw
    assert "a" in row[2] and "b" in row[2]


# -- a great deal of data --------------------------------------------------------------------------

MEGABYTE = b"x" * (1 << 20)
HUGE = 200
"""Megabytes in one literal."""
ALLOWED_GROWTH = 40 * (1 << 20)
"""Bytes by which the memory of the process may grow meanwhile."""


def literal_of_200_megabytes(before: bytes, after: bytes) -> Iterator[bytes]:
    yield b"%s{%d}\r\n" % (before, HUGE << 20)
    yield from itertools.repeat(MEGABYTE, HUGE)
    yield after


class PeakMemory:
    """How much the resident memory of this process grew at its peak, in bytes (Linux)."""

    def __enter__(self) -> PeakMemory:
        Path("/proc/self/clear_refs").write_text("5")  # begins the high-water mark anew
        self._before = self._high_water()
        return self

    def __exit__(self, *_: object) -> None:
        self.growth = self._high_water() - self._before

    @staticmethod
    def _high_water() -> int:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads the memory figures of Linux")

PLACES = {
    "LIST": (b'* LIST () "/" ', b"\r\n"),
    "SELECT": (b"* 1 FETCH (UID 1 X ", b")\r\n"),
    "UID SEARCH": (b"* X ", b"\r\n"),
    "UID FETCH": (b"* 99 FETCH (UID 99 FLAGS () BODY[HEADER] ", b")\r\n"),
}


@needs_linux
@pytest.mark.parametrize("verb", PLACES)
def test_a_literal_of_200_megabytes_is_read_past(bench: Bench, verb: str) -> None:
    before, after = PLACES[verb]

    def flood(_command: Command, answer: list[bytes]) -> Iterator[bytes]:
        yield from literal_of_200_megabytes(before, after)
        yield from answer

    bench.sync()
    bench.server.inbox.deliver(letter(10))
    bench.server.tamper = at(verb, flood, times=1)
    with PeakMemory() as memory:
        bench.sync()
    bench.check_in_step()
    assert memory.growth < ALLOWED_GROWTH


@needs_linux
def test_a_message_far_larger_than_announced_is_fetched_once(bench: Bench) -> None:
    def grow(command: Command, answer: list[bytes]) -> Iterator[bytes]:
        yield from answer[:3]
        if b"BODY.PEEK[]" in command.arguments:
            head, _, _ = answer[3].partition(b"{")
            yield from literal_of_200_megabytes(head, b")\r\n")
        else:
            yield answer[3]
        yield from answer[4:]

    bench.server.tamper = at("UID FETCH", grow)
    with PeakMemory() as memory:
        report = bench.sync()
    assert memory.growth < ALLOWED_GROWTH
    assert (report.messages_added, report.bodies_fetched, report.problems) == (10, 9, ())
    assert [uid for uid, *_, raw in bench.cached() if not raw] == [4]
    bench.server.inbox.deliver(letter(10))
    bench.server.tamper = honest
    assert bench.sync().bodies_fetched == 1, "it is not asked for at every sync"


@needs_linux
@pytest.mark.parametrize("claim", [b"1:19000000", b"1:*", b"1,3,5:4294967295"])
def test_a_search_that_claims_millions(bench: Bench, claim: bytes) -> None:
    bench.sync()
    bench.server.inbox.deliver(letter(10))
    answer = b'* ESEARCH (TAG "x") UID ALL %s\r\n' % claim
    bench.server.tamper = in_turn(
        at("SELECT", replacing(b"11 EXISTS", b"12 EXISTS")), at("UID SEARCH", instead(answer))
    )
    with PeakMemory() as memory:
        fault = bench.try_sync()
    assert memory.growth < ALLOWED_GROWTH
    assert fault is not None and "impossibly many" in fault.detail
    bench.server.tamper = honest
    bench.sync()
    bench.check_in_step()
