"""A line to the sending server that is cut after any byte, falls silent, or says anything at any step.

Whatever happens, once the outbox has come to rest nothing is lost and nothing has been delivered twice; and
it says "uncertain" only when nobody here can know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from qtmail.domain.account import Security
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.engine.outbox_control import OutboxControl
from qtmail.engine.outbox_plan import GIVE_UP_SECONDS
from tests.end2end.outbox_bench import (
    FINE,
    LATER,
    MESSAGE,
    PASSWORD,
    REFUSED,
    START,
    USER,
    OutboxBench,
    delivered,
    offering,
)
from tests.fakes.smtp_server import Do, Fault, SmtpServer
from tests.wire.sessions import trust_in

WAYS = {
    "one by one": offering(),
    "pipelining": offering("PIPELINING"),
    "chunking": offering("CHUNKING"),
    "pipelining and chunking": offering("PIPELINING", "CHUNKING"),
    "HELO": (),
}
NO = "550 5.1.1 no such user"
FEW = 12
"""How many cuts of each kind the ordinary run makes, besides those around the answer to the message."""
TAKEN, BYE = b"250 2.0.0 taken\r\n", b"221 2.0.0 bye\r\n"
"""The last the server says."""

each_way = pytest.mark.parametrize("way", WAYS)


@dataclass
class Lines:
    """What the lines of a bench are like: who serves them, and how they are protected.

    The server refuses one of three recipients and puts one off the first time, so that the whole takes two
    connections.

    Attributes:
        whole: how many bytes the server says in each, when nothing is cut.
    """

    bench: OutboxBench
    offers: tuple[str, ...]
    options: dict[str, object]
    whole: list[int] = field(default_factory=list)

    def server(self, *faults: Fault) -> SmtpServer:
        return SmtpServer(
            offers=self.offers,
            users={USER: PASSWORD} if self.offers else None,
            answers={f"RCPT {REFUSED}": NO, f"RCPT {LATER}": ["450 4.2.1 later"]},
            faults=faults,
            **self.options,  # type: ignore[arg-type]
        )

    def use(self, server: SmtpServer) -> OutboxItem:
        """Queue the message for all three and let the outbox come to rest."""
        self.bench.server = server
        return self.bench.settle(self.bench.queue((FINE, LATER, REFUSED)))

    def cuts(self, do: Do = Do.CLOSE) -> Iterator[Fault]:
        """A fault after each byte of both connections, both ways."""
        with self.server() as server:
            item = self.use(server)
        check_whole(self.bench, server, item, "nothing cut")
        self.whole = server.bytes_out
        for number in (1, 2):
            for offset in range(server.bytes_in[number - 1] + 1):
                yield Fault(after_in=offset, connection=number, do=do)
            for offset in range(server.bytes_out[number - 1] + 1):
                yield Fault(after_out=offset, connection=number, do=do)

    def in_doubt(self, server: SmtpServer, fault: Fault) -> bool:
        """Whether the server had said all that comes before its answer to the message, and not that."""
        index = fault.connection - 1
        left = self.whole[index] - server.bytes_out[index] - len(BYE)
        return 0 < left <= len(TAKEN)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[OutboxBench]:
    with SmtpServer() as server, OutboxBench.opened(tmp_path / "profile", server) as bench:
        yield bench


@pytest.fixture
def in_clear_text(bench: OutboxBench) -> Callable[[str], Lines]:
    return lambda way: Lines(bench, WAYS[way], {})


@pytest.fixture
def over_tls(bench: OutboxBench, authority: trustme.CA, tmp_path: Path) -> Callable[[str], Lines]:
    certificate = authority.issue_cert("127.0.0.1")
    bench.trust = trust_in(authority, tmp_path)
    bench.security = Security.TLS
    return lambda way: Lines(bench, WAYS[way], {"certificate": certificate, "implicit_tls": True})


def check(lines: Lines, fault: Fault) -> OutboxState:
    """Cut there; returns what the outbox said of the message when it had come to rest."""
    with lines.server(fault) as server:
        item = lines.use(server)
        state = item.state
        if state is OutboxState.UNCERTAIN:
            assert lines.in_doubt(server, fault), f"{fault}: it can be known"
            lines.bench.resolve(item)
            item = lines.bench.settle(item)
        check_whole(lines.bench, server, item, fault)
    return state


def check_whole(bench: OutboxBench, server: SmtpServer, item: OutboxItem, fault: object) -> None:
    """Everybody who can get it has it once, byte for byte, and the user is told about the one who cannot."""
    assert delivered(server.accepted) == {FINE: 1, LATER: 1}, fault
    assert {message.data for message in server.accepted} == {MESSAGE}, fault
    assert item.state is OutboxState.ACCEPTED, fault
    assert bench.states(item) == {FINE: "accepted", LATER: "accepted", REFUSED: "refused"}, fault
    assert not item.acknowledged
    assert item.refused[0].answer == NO


def sample(cuts: Iterator[Fault], count: int = FEW) -> list[Fault]:
    """So many of them, evenly spread."""
    every = list(cuts)
    return every[:: len(every) // count]


# -- every byte ------------------------------------------------------------------------------------


@each_way
def test_a_line_that_is_cut_anywhere(in_clear_text: Callable[[str], Lines], way: str) -> None:
    lines = in_clear_text(way)
    for fault in sample(lines.cuts()):
        check(lines, fault)


@each_way
def test_a_line_that_is_cut_within_the_answer_to_the_message(
    in_clear_text: Callable[[str], Lines], way: str
) -> None:
    lines = in_clear_text(way)
    list(lines.cuts())
    taken = lines.whole[0] - len(BYE)
    for offset in (taken - len(TAKEN), taken - 5, taken - 1):
        assert check(lines, Fault(after_out=offset)) is OutboxState.UNCERTAIN
    assert check(lines, Fault(after_out=taken)) is OutboxState.ACCEPTED


def test_an_encrypted_line_that_is_cut_anywhere(over_tls: Callable[[str], Lines]) -> None:
    lines = over_tls("pipelining")
    for fault in sample(lines.cuts()):
        check(lines, fault)


@pytest.mark.parametrize("do", [Do.STALL, Do.RESET])
def test_a_line_that_falls_silent_or_is_reset_anywhere(in_clear_text: Callable[[str], Lines], do: Do) -> None:
    lines = in_clear_text("pipelining and chunking")
    lines.bench.timeout = 0.2
    for fault in sample(lines.cuts(do), 8):
        check(lines, fault)


@pytest.mark.proof
@pytest.mark.timeout(600)
@each_way
def test_every_single_byte(in_clear_text: Callable[[str], Lines], way: str) -> None:
    lines = in_clear_text(way)
    states = {check(lines, fault) for fault in lines.cuts()}
    assert states == {OutboxState.ACCEPTED, OutboxState.UNCERTAIN}


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_every_tenth_byte_of_an_encrypted_line(over_tls: Callable[[str], Lines]) -> None:
    lines = over_tls("pipelining and chunking")
    states = {check(lines, fault) for fault in list(lines.cuts())[::10]}
    assert states >= {OutboxState.ACCEPTED}


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize("offers", [("DSN",), ("PIPELINING", "CHUNKING")], ids=["one piece", "chunks"])
def test_a_large_message_cut_long_before_its_end(bench: OutboxBench, offers: tuple[str, ...]) -> None:
    """So long before that the rest cannot lie between the two programs, unread: that would be a doubt."""
    raw = b"Subject: large\r\n\r\n" + b"0123456789\r\n" * 1_400_000
    for offset in (1000, 600_000, 1_100_000, 4_000_000):
        with SmtpServer(offers=offers, faults=[Fault(after_in=offset)]) as server:
            bench.server = server
            assert bench.settle(bench.queue(raw=raw)).state is OutboxState.ACCEPTED
            assert [message.data for message in server.accepted] == [raw]


# -- every step ------------------------------------------------------------------------------------

STEPS = ("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "end")
MAY_REFUSE = ("MAIL", "RCPT", "DATA", "end")
NONSENSE = ("what?", "250-half\r\n354 or not", "999 beyond", "")
each_step = pytest.mark.parametrize("step", STEPS)


def served(bench: OutboxBench, step: str, answer: str, way: str = "pipelining") -> SmtpServer:
    """A server that says this once, in place of its usual answer to a step."""
    bench.timeout = 0.2
    bench.server = SmtpServer(offers=WAYS[way], users={USER: PASSWORD}, answers={step: [answer]})
    return bench.server


@each_step
@pytest.mark.parametrize("answer", ["451 4.3.0 busy", "421 4.3.2 going down"])
def test_what_is_put_off_is_tried_again(bench: OutboxBench, step: str, answer: str) -> None:
    with served(bench, step, answer) as server:
        item = bench.queue()
        bench.attempt()
        assert step == "EHLO" or server.accepted == []
        waiting = bench.item(item)
        assert waiting.state is OutboxState.ACCEPTED or (
            waiting.state is OutboxState.QUEUED and waiting.last_answer and waiting.next_try >= START
        )
        assert bench.settle(item).state is OutboxState.ACCEPTED
        assert delivered(server.accepted) == {FINE: 1}


@each_step
def test_what_is_refused_for_good_is_told_and_sent_when_the_user_says_so(
    bench: OutboxBench, step: str
) -> None:
    with served(bench, step, "550 5.7.1 never") as server:
        item = bench.settle(bench.queue())
        if step in MAY_REFUSE:
            assert item.state is OutboxState.FAILED
            assert item.last_answer and "5.7.1 never" in item.refused[0].answer
            assert server.accepted == []
            OutboxControl(bench.store, bench.clock).retry(item.id)
            item = bench.settle(item)
        assert item.state is OutboxState.ACCEPTED
        assert delivered(server.accepted) == {FINE: 1}


@each_step
@pytest.mark.parametrize("answer", NONSENSE, ids=["garbage", "changing", "no code", "silence"])
def test_nonsense_is_never_taken_for_an_answer(bench: OutboxBench, step: str, answer: str) -> None:
    with served(bench, step, answer) as server:
        item = bench.settle(bench.queue())
        assert (item.state is OutboxState.UNCERTAIN) == (step == "end")
        assert item.last_answer
        if step == "end":
            assert item.advice
            bench.resolve(item)
            item = bench.settle(item)
        assert item.state is OutboxState.ACCEPTED
        assert delivered(server.accepted) == {FINE: 1}


def test_a_server_that_says_no_forever_is_given_up_after_days(bench: OutboxBench) -> None:
    with SmtpServer(offers=WAYS["pipelining"], answers={"RCPT": "450 4.2.1 later"}) as server:
        bench.server = server
        item = bench.settle(bench.queue((FINE, LATER)), attempts=60)
    assert item.state is OutboxState.FAILED
    assert bench.now - item.queued_at >= GIVE_UP_SECONDS
    assert [one.answer for one in item.refused] == ["450 4.2.1 later"] * 2
