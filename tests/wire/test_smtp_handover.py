"""The moment after which nobody knows: a message is delivered at most once, and the sender is never told the
wrong thing about it, wherever the line breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from qtmail.errors import ConnectionFailed, HandedOver, ProtocolViolation, QtmailError, Retry, Stopped
from qtmail.protocols.smtp import SendResult, SendTimeouts
from tests.end2end.processes import wait_until
from tests.fakes.imap_server import ScriptedServer, Send, Stall, transcript
from tests.fakes.smtp_server import EVERYTHING, Do, Fault, SmtpServer
from tests.wire.sessions import aborting
from tests.wire.smtp_sessions import MESSAGE, connected, envelope, greeted, send

WAYS = pytest.mark.parametrize("offers", [EVERYTHING, ("PIPELINING",), ("CHUNKING",), ()], ids=" ".join)
IMPATIENT = SendTimeouts(0.2, 0.2, 0.2, 0.2)


@dataclass
class Attempt:
    """What the caller of one `send` has learnt."""

    handed_over: bool = False
    result: SendResult | None = None
    error: QtmailError | None = None
    pieces: list[bytes] = field(default_factory=lambda: [MESSAGE, b".\r\n", MESSAGE])

    def make(self, server: SmtpServer) -> Attempt:
        try:
            with connected(server, timeouts=IMPATIENT) as session:
                self.result = send(session, envelope(), self.pieces, before_end=self._note)
        except QtmailError as error:
            self.error = error
        return self

    def _note(self) -> None:
        self.handed_over = True


def check(attempt: Attempt, server: SmtpServer) -> None:
    """What the caller believes is what the server did."""
    taken = server.accepted
    assert [message.data for message in taken] in ([], [b"".join(attempt.pieces)])
    match attempt.error:
        case None:
            assert attempt.result is not None
            assert attempt.result.accepted == bool(taken)
        case HandedOver():
            assert attempt.handed_over
        case _:
            assert not taken
            assert not attempt.handed_over, "once it was noted, only HandedOver may follow"


def offsets(total: int) -> Iterator[int]:
    return iter(range(total + 1))


@WAYS
def test_the_line_is_cut_after_every_byte_the_server_reads(offers: tuple[str, ...]):
    with SmtpServer(offers=offers) as whole:
        Attempt().make(whole)
    outcomes = set()
    for offset in offsets(whole.bytes_in[0]):
        with SmtpServer(offers=offers, faults=[Fault(after_in=offset)]) as server:
            attempt = Attempt().make(server)
        check(attempt, server)
        outcomes.add((type(attempt.error), len(server.accepted)))
    assert (HandedOver, 1) in outcomes, "the one that must not be sent again"
    assert (ConnectionFailed, 0) in outcomes


@WAYS
def test_the_line_is_cut_after_every_byte_the_server_says(offers: tuple[str, ...]):
    with SmtpServer(offers=offers) as whole:
        Attempt().make(whole)
    outcomes = set()
    for offset in offsets(whole.bytes_out[0]):
        with SmtpServer(offers=offers, faults=[Fault(after_out=offset)]) as server:
            attempt = Attempt().make(server)
        check(attempt, server)
        outcomes.add((type(attempt.error), len(server.accepted)))
    assert {(ConnectionFailed, 0), (HandedOver, 1), (type(None), 1)} <= outcomes


@WAYS
@pytest.mark.parametrize("do", [Do.RESET, Do.STALL])
def test_the_line_is_reset_or_silent_after_the_end(offers: tuple[str, ...], do: Do):
    with SmtpServer(offers=offers) as whole:
        Attempt().make(whole)
    faults = [Fault(after_in=whole.bytes_in[0], do=do)]
    with SmtpServer(offers=offers, faults=faults) as server:
        attempt = Attempt().make(server)
    assert isinstance(attempt.error, HandedOver)
    assert attempt.error.retry is Retry.ASK_USER
    assert "was handed over" in attempt.error.sentence
    assert len(server.accepted) == 1


@WAYS
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_never_answers(offers: tuple[str, ...], step: str):
    if step == "DATA" and "CHUNKING" in offers:
        step = "RCPT"
    with SmtpServer(offers=offers, answers={step: ""}) as server:
        attempt = Attempt().make(server)
        assert isinstance(attempt.error, ConnectionFailed)
        assert not attempt.handed_over
        assert "did not answer" in attempt.error.sentence


@pytest.mark.parametrize(
    "answer",
    ["what?", "354 go on", "250-taken\r\n354 or not", "", "9"],
    ids=["garbage", "wrong code", "changing code", "silence", "short"],
)
@WAYS
def test_an_answer_to_the_message_that_says_nothing(offers: tuple[str, ...], answer: str):
    with SmtpServer(offers=offers, answers={"end": [answer]}) as server:
        attempt = Attempt().make(server)
    assert isinstance(attempt.error, HandedOver)
    assert attempt.error.detail


@WAYS
@pytest.mark.parametrize("answer", ["554 5.7.1 spam", "451 4.7.1 later", "421 4.3.2 stopping"])
def test_an_answer_to_the_message_that_says_no(offers: tuple[str, ...], answer: str):
    with SmtpServer(offers=offers, answers={"end": [answer]}) as server:
        attempt = Attempt().make(server)
    check(attempt, server)
    assert attempt.result is not None
    assert str(attempt.result.reply) == answer


@WAYS
def test_the_note_is_made_when_all_but_the_end_is_on_the_wire(offers: tuple[str, ...]):
    with SmtpServer(offers=offers) as server, connected(server) as session:
        heard: list[int] = []

        def note() -> None:
            heard.append(session.counters.bytes_sent)
            assert server.accepted == []

        large = MESSAGE * 5000
        assert send(session, envelope(size=len(large)), [large], before_end=note).accepted
        left = session.counters.bytes_sent - heard[0]
    assert len(heard) == 1
    assert left == 3 if "CHUNKING" not in offers else left < 13_000


@WAYS
def test_a_line_that_broke_before_the_end_is_noticed_before_the_note(offers: tuple[str, ...]):
    """All bytes may have gone into the system's buffers by then."""
    large = MESSAGE * 50_000
    faults = [Fault(after_in=500_000)]
    with SmtpServer(offers=offers, faults=faults) as server, connected(server) as session:

        def until_gone() -> Iterator[bytes]:
            yield large
            wait_until(lambda: server.closed == 1, 10, "the server to hang up")
            yield MESSAGE

        with pytest.raises(ConnectionFailed) as failure:
            send(session, envelope(), until_gone(), before_end=unreachable)
    assert not isinstance(failure.value, HandedOver)
    assert server.accepted == []


def unreachable() -> None:
    raise AssertionError("nothing was handed over")


# -- breaking off ----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["MAIL", "end"])
@WAYS
def test_aborting_while_the_server_is_silent(offers: tuple[str, ...], step: str):
    with (
        SmtpServer(offers=offers, answers={step: ""}) as server,
        connected(server) as session,
        aborting(session, after=0.05),
    ):
        with pytest.raises(Stopped):
            send(session)
        assert session.closed
        with pytest.raises(Stopped):
            session.noop()


def test_aborting_an_upload_that_does_not_move():
    script = [
        *greeted(rest="C: MAIL FROM:<eva@example.org>\nS: 250 ok\nC: RCPT TO:<bob@example.org>\nS: 250 ok"),
        *transcript("C: DATA\nS: 354 go on"),
        Send(b""),
        Stall(),
    ]

    def endless() -> Iterator[bytes]:
        while True:
            yield MESSAGE * 1000

    with (
        ScriptedServer(script) as server,
        connected(server) as session,
        aborting(session, after=0.1),
        pytest.raises(Stopped),
    ):
        send(session, message=endless(), before_end=unreachable)


# -- several messages ------------------------------------------------------------------------------


@WAYS
def test_many_messages_over_one_connection(offers: tuple[str, ...]):
    with SmtpServer(offers=offers) as server, connected(server) as session:
        for number in range(20):
            message = b"Subject: %d\r\n\r\n" % number
            assert send(session, envelope(size=len(message)), [message]).accepted
    assert [taken.data for taken in server.accepted] == [b"Subject: %d\r\n\r\n" % n for n in range(20)]
    assert server.connections == 1


@WAYS
def test_a_server_that_closes_after_a_message_has_not_touched_the_next(offers: tuple[str, ...]):
    with SmtpServer(offers=offers) as once, connected(once) as session:
        send(session)
    faults = [Fault(after_out=once.bytes_out[0])]
    with SmtpServer(offers=offers, faults=faults) as server, connected(server) as session:
        assert send(session).accepted
        with pytest.raises(ConnectionFailed) as failure:
            send(session, before_end=unreachable)
    assert not isinstance(failure.value, HandedOver | ProtocolViolation)
    assert len(server.accepted) == 1
