"""One message, and several, from MAIL to the reply that decides: transcripts with DATA and with BDAT."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qtmail.errors import ConnectionFailed, FileFailed, MessageUnsendable, ProtocolViolation, Stopped
from qtmail.protocols import smtp_transaction
from qtmail.protocols.smtp import RecipientResult, SendResult, SmtpEnvelope, SmtpReply
from tests.fakes.imap_server import Drop, ExpectBytes, ScriptedServer, Send, Stall, Step, transcript
from tests.fakes.smtp_server import EVERYTHING, SmtpServer
from tests.wire.smtp_sessions import MESSAGE, connected, envelope, greeted, send

SENT = [ExpectBytes(MESSAGE + b".\r\n"), *transcript("S: 250 2.0.0 queued as 4711")]
TAKEN = SmtpReply(250, "2.0.0", "queued as 4711")


def burst(*commands: str) -> list[Step]:
    """What the client says without waiting for an answer."""
    return transcript("\n".join(f"C: {command}" for command in commands))


def refused(result: SendResult) -> list[str]:
    return [one.address for one in result.recipients if not one.accepted]


# -- the envelope ----------------------------------------------------------------------------------


def test_one_command_at_a_time_where_the_server_wants_it_so():
    script = greeted(
        rest="""
        C: MAIL FROM:<eva@example.org>
        S: 250 fine
        C: RCPT TO:<bob@example.org>
        S: 250 fine
        C: DATA
        S: 354 go on
        """
    )
    fine = RecipientResult("bob@example.org", True, SmtpReply(250, "", "fine"))
    with ScriptedServer(script + SENT) as server, connected(server) as session:
        assert send(session) == SendResult(True, TAKEN, (fine,))
        assert session.counters.round_trips == 5


def test_pipelining_takes_two_round_trips_a_message():
    one = [
        *burst("MAIL FROM:<eva@example.org>", "RCPT TO:<bob@x.org>", "RCPT TO:<ann@x.org>", "DATA"),
        *transcript("S: 250 fine\nS: 250 fine\nS: 251 will forward\nS: 354 go on"),
        *SENT,
    ]
    with ScriptedServer(greeted("PIPELINING") + one + one) as server, connected(server) as session:
        before = session.counters.round_trips
        for _ in range(2):
            assert send(session, envelope("bob@x.org", "ann@x.org")).accepted
        assert session.counters.round_trips - before == 4


def test_some_recipients_are_refused_and_the_others_get_it():
    script = [
        *greeted("PIPELINING"),
        *burst("MAIL FROM:<eva@example.org>", "RCPT TO:<a@x.org>", "RCPT TO:<b@x.org>", "RCPT TO:<c@x.org>"),
        *burst("DATA"),
        *transcript(
            """
            S: 250 fine
            S: 550-5.1.1 No such
            S: 550 5.1.1 user here
            S: 250 fine
            S: 452 4.2.2 mailbox full
            S: 354 go on
            """
        ),
        *SENT,
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        result = send(session, envelope("a@x.org", "b@x.org", "c@x.org"))
    assert result.accepted
    assert refused(result) == ["a@x.org", "c@x.org"]
    gone, _, full = (one.reply for one in result.recipients)
    assert str(gone) == "550 5.1.1 No such user here"
    assert gone.permanent and not gone.transient
    assert gone.sentence == "There is no such mailbox at the recipient's server."
    assert full.transient and not full.permanent


ALL_REFUSED = [
    *greeted("PIPELINING"),
    *burst("MAIL FROM:<eva@example.org>", "RCPT TO:<a@x.org>", "RCPT TO:<b@x.org>", "DATA"),
    *transcript("S: 250 fine\nS: 550 5.1.1 gone\nS: 450 4.2.1 greylisted"),
]
RESET = transcript("C: RSET\nS: 250 forgotten")


@pytest.mark.parametrize(
    "rest",
    [
        transcript("S: 554 5.5.1 no valid recipients"),
        # RFC 2920 section 3.1: such a server waits for a message now, and must get none.
        [*transcript("S: 354 go on"), ExpectBytes(b".\r\n"), *transcript("S: 554 no valid recipients")],
    ],
    ids=["DATA refused", "DATA agreed"],
)
def test_when_all_recipients_are_refused_nothing_is_sent(rest: list[Step]):
    noop = transcript("C: NOOP\nS: 250 here")
    with ScriptedServer(ALL_REFUSED + rest + RESET + noop) as server, connected(server) as session:
        result = send(session, envelope("a@x.org", "b@x.org"), before_end=unreachable)
        session.noop()
    assert not result.accepted
    assert refused(result) == ["a@x.org", "b@x.org"]
    assert result.reply.transient, "what leaves hope stands for all"


def unreachable() -> None:
    raise AssertionError("nothing was handed over")


def test_the_sender_is_refused_and_the_session_goes_on():
    script = [
        *greeted("PIPELINING"),
        *burst("MAIL FROM:<eva@example.org>", "RCPT TO:<bob@example.org>", "DATA"),
        *transcript("S: 553 5.7.1 not your address\nS: 503 5.5.1 no sender\nS: 503 5.5.1 no sender"),
        *RESET,
        *burst("MAIL FROM:<eva@example.net>", "RCPT TO:<bob@example.org>", "DATA"),
        *transcript("S: 250 fine\nS: 250 fine\nS: 354 go on"),
        *SENT,
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        result = send(session, before_end=unreachable)
        assert str(result.reply) == "553 5.7.1 not your address"
        assert [one.reply for one in result.recipients] == [result.reply]
        assert send(session, envelope("bob@example.org", sender="eva@example.net")).accepted


def test_the_sender_is_refused_and_no_recipient_is_named_without_pipelining():
    script = greeted(
        rest="""
        C: MAIL FROM:<eva@example.org>
        S: 451 4.7.1 try later
        C: RSET
        S: 250 forgotten
        """
    )
    with ScriptedServer(script) as server, connected(server) as session:
        result = send(session, envelope("a@x.org", "b@x.org"))
    assert result.reply.transient
    assert refused(result) == ["a@x.org", "b@x.org"]


def test_data_is_refused():
    script = [
        *greeted("PIPELINING"),
        *burst("MAIL FROM:<eva@example.org>", "RCPT TO:<bob@example.org>", "DATA"),
        *transcript("S: 250 fine\nS: 250 fine\nS: 451 4.3.0 disk trouble"),
        *RESET,
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        result = send(session, before_end=unreachable)
        assert not session.closed
    assert str(result.reply) == "451 4.3.0 disk trouble"
    assert refused(result) == []


@pytest.mark.parametrize("reply", ["552 5.3.4 too big", "451 4.3.0 try later", "421 4.3.2 stopping"])
def test_the_message_is_refused_after_its_end(reply: str):
    with SmtpServer(answers={"end": [reply]}) as server, connected(server) as session:
        result = send(session)
        assert session.closed == reply.startswith("421")
    assert (result.accepted, str(result.reply)) == (False, reply)
    assert server.accepted == []


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("offers", [("PIPELINING",), ("SIZE",)])
def test_a_server_that_closes_before_the_message_took_nothing(step: str, offers: tuple[str]):
    answers = {step: "421 4.7.0 too many messages"}
    with (
        SmtpServer(offers=offers, answers=answers) as server,
        connected(server) as session,
        pytest.raises(ConnectionFailed, match="too many messages"),
    ):
        send(session, before_end=unreachable)
    assert server.accepted == []


def test_too_many_recipients_at_once_is_no_refusal_for_good():
    assert SmtpReply(552, "5.5.3", "too many recipients").transient
    assert SmtpReply(552, "5.2.2", "full").permanent


# -- extensions ------------------------------------------------------------------------------------


def test_size_and_8bitmime_are_announced():
    script = [
        *greeted("PIPELINING", "SIZE 1000", "8BITMIME"),
        *burst(f"MAIL FROM:<> SIZE={len(MESSAGE)} BODY=8BITMIME", "RCPT TO:<bob@example.org>", "DATA"),
        *transcript("S: 250 fine\nS: 250 fine\nS: 354 go on"),
        *SENT,
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        assert send(session, envelope(sender="", eight_bit=True)).accepted


def test_a_message_over_the_limit_is_refused_with_both_sizes_before_anything_is_sent():
    with ScriptedServer(greeted("SIZE 10485760")) as server, connected(server) as session:
        result = send(session, envelope(size=26_214_400), before_end=unreachable)
    assert not result.accepted and result.reply.permanent
    assert result.reply.sentence == "The message has 25.0 MB, and 127.0.0.1 takes at most 10.0 MB."
    assert refused(result) == ["bob@example.org"]


def test_a_message_just_over_the_limit_says_by_how_much():
    with ScriptedServer(greeted("SIZE 10485760")) as server, connected(server) as session:
        assert "10,485,761 bytes" in send(session, envelope(size=10_485_761)).reply.sentence


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE unlimited"])
def test_a_server_without_a_limit(size: str):
    with ScriptedServer(greeted(size)) as server, connected(server) as session:
        assert session.offers.sized
        assert session.offers.size_limit is None


def test_internationalised_addresses():
    script = [
        *greeted("PIPELINING", "SMTPUTF8", "8BITMIME"),
        *burst("MAIL FROM:<eva@example.org> SMTPUTF8", "RCPT TO:<用户@例子.广告>", "DATA"),
        *transcript("S: 250 fine\nS: 250 fine\nS: 354 go on"),
        *SENT,
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        assert send(session, envelope("用户@例子.广告", smtputf8=True)).accepted


def test_internationalised_addresses_where_the_server_does_not_know_them():
    with ScriptedServer(greeted("PIPELINING")) as server, connected(server) as session:
        result = send(session, envelope("用户@example.org", smtputf8=True), before_end=unreachable)
    assert result.reply.permanent
    assert "用户@example.org" in result.reply.sentence
    assert "internationalised addresses" in result.reply.sentence


def test_eight_bits_where_the_server_takes_seven():
    with ScriptedServer(greeted("PIPELINING")) as server, connected(server) as session:
        result = send(session, envelope(eight_bit=True), before_end=unreachable)
    assert "7 bits" in result.reply.sentence


def test_delivery_reports_are_asked_for():
    script = [
        *greeted("PIPELINING", "DSN", "SMTPUTF8"),
        *burst(
            "MAIL FROM:<eva@example.org> SMTPUTF8 RET=HDRS ENVID=QQ+3D+2B314159",
            "RCPT TO:<bob+2Bx@example.org> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;bob+2B2Bx@example.org",
            r"RCPT TO:<丽@example.org> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=utf-8;\x{4E3D}@example.org",
            "DATA",
        ),
        *transcript("S: 250 fine\nS: 250 fine\nS: 250 fine\nS: 354 go on"),
        *SENT,
    ]
    to = envelope(
        "bob+2Bx@example.org", "丽@example.org", smtputf8=True, notify=True, envelope_id="QQ=+314159"
    )
    with ScriptedServer(script) as server, connected(server) as session:
        assert send(session, to).accepted


def test_delivery_reports_are_not_asked_for_where_nobody_sends_them():
    script = [
        *greeted("PIPELINING"),
        *burst("MAIL FROM:<eva@example.org>", "RCPT TO:<bob@example.org>", "DATA"),
        *transcript("S: 250 fine\nS: 250 fine\nS: 354 go on"),
        *SENT,
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        assert send(session, envelope(notify=True, envelope_id="x")).accepted


# -- chunks ----------------------------------------------------------------------------------------


def test_a_small_message_is_one_chunk():
    script = [
        *greeted("PIPELINING", "CHUNKING"),
        *burst("MAIL FROM:<eva@example.org>", "RCPT TO:<bob@example.org>"),
        *transcript("S: 250 fine\nS: 250 fine"),
        ExpectBytes(b"BDAT %d LAST\r\n" % len(MESSAGE) + MESSAGE),
        *transcript("S: 250 2.0.0 queued as 4711"),
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        before = session.counters.round_trips
        assert send(session).reply == TAKEN
        assert session.counters.round_trips - before == 2


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_transaction, "CHUNK_SIZE", 10)
    monkeypatch.setattr(smtp_transaction, "LAST_CHUNK_SIZE", 4)
    monkeypatch.setattr(smtp_transaction, "CHUNKS_IN_FLIGHT", 2)


MAIL_AND_RECIPIENT = [
    *greeted("PIPELINING", "CHUNKING"),
    *burst("MAIL FROM:<eva@example.org>", "RCPT TO:<bob@example.org>"),
    *transcript("S: 250 fine\nS: 250 fine"),
]
LINES = b"0123456\r\n" * 3


@pytest.mark.usefixtures("small_chunks")
def test_chunks_go_without_waiting_and_the_last_waits_for_all_others():
    script = [
        *MAIL_AND_RECIPIENT,
        ExpectBytes(b"BDAT 10\r\n" + LINES[:10]),
        ExpectBytes(b"BDAT 10\r\n" + LINES[10:20]),
        Send(b"250 got 10\r\n"),
        ExpectBytes(b"BDAT 3\r\n" + LINES[20:23]),
        Send(b"250 got 10\r\n250 got 3\r\n"),
        ExpectBytes(b"BDAT 4 LAST\r\n" + LINES[23:]),
        *transcript("S: 250 2.0.0 queued as 4711"),
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        assert send(session, message=[LINES]).accepted


@pytest.mark.usefixtures("small_chunks")
def test_a_refused_chunk_ends_the_transaction_and_the_session_goes_on():
    script = [
        *MAIL_AND_RECIPIENT,
        ExpectBytes(b"BDAT 10\r\n" + LINES[:10]),
        ExpectBytes(b"BDAT 10\r\n" + LINES[10:20]),
        Send(b"452 4.3.1 disk full\r\n503 5.5.1 transaction failed\r\n"),
        *RESET,
        *transcript("C: NOOP\nS: 250 here"),
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        result = send(session, message=[LINES], before_end=unreachable)
        session.noop()
    assert (result.accepted, str(result.reply)) == (False, "452 4.3.1 disk full")


def test_chunks_when_all_recipients_are_refused():
    with (
        SmtpServer(answers={"RCPT": ["550 5.1.1 gone"]}) as server,
        connected(server) as session,
    ):
        assert not send(session, before_end=unreachable).accepted
        assert send(session).accepted
    assert [line.split()[0] for line in server.heard[0]] == [
        "EHLO",
        *("MAIL", "RCPT", "RSET"),
        *("MAIL", "RCPT", "BDAT"),
    ]


def test_a_server_that_loses_patience_before_the_only_chunk_has_taken_nothing():
    script = [*MAIL_AND_RECIPIENT[:-1], Send(b"250 fine\r\n421 4.4.2 too slow\r\n"), Drop()]
    with ScriptedServer(script) as server, connected(server) as session:
        result = send(session, before_end=unreachable)
        assert session.closed
    assert str(result.reply) == "421 4.4.2 too slow"


# -- the bytes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("offers", [EVERYTHING, ("PIPELINING",), ("CHUNKING",), ()], ids=" ".join)
@pytest.mark.parametrize("cut", [1, 7, 64, 1_000_000])
def test_every_byte_arrives_whatever_the_pieces(offers: tuple[str, ...], cut: int):
    text = b".\r\n..\r\n.a\r\na.\r\n\r\n." + bytes(range(14, 256)) + b"\r\n.\r\nMAIL FROM:<x@y>\r\n..."
    message = (text + b"\r\n") * 40
    pieces = [message[start : start + cut] for start in range(0, len(message), cut)]
    with SmtpServer(offers=offers) as server, connected(server) as session:
        assert send(session, envelope(size=len(message)), pieces).accepted
    assert [taken.data for taken in server.accepted] == [message]


@pytest.mark.parametrize("offers", [EVERYTHING, ("PIPELINING",)], ids=["BDAT", "DATA"])
def test_a_message_without_a_line_end_at_its_end_gets_one(offers: tuple[str, ...]):
    with SmtpServer(offers=offers) as server, connected(server) as session:
        assert send(session, message=[b"Subject: x\r\n\r\nbye"]).accepted
    assert server.accepted[0].data.endswith(b"bye\r\n")


SMUGGLED = b"Subject: x\r\n\r\nhi%s.%sMAIL FROM:<boss@example.org>\r\n"


@pytest.mark.parametrize("offers", [EVERYTHING, ("PIPELINING",)], ids=["BDAT", "DATA"])
@pytest.mark.parametrize(
    "pieces",
    [
        [SMUGGLED % (b"\n", b"\r\n")],
        [SMUGGLED % (b"\r", b"\r")],
        [SMUGGLED % (b"\r\n", b"\n")],
        [b"a\r\n", b"b\r", b"c\r\n"],
        [b"a\r\n", b"\n"],
        [b"a\r\n\r"],
        [],
        [b"", b""],
    ],
)
def test_what_servers_read_differently_is_never_sent(offers: tuple[str, ...], pieces: list[bytes]):
    with SmtpServer(offers=offers) as server, connected(server) as session:
        with pytest.raises(MessageUnsendable):
            send(session, message=pieces, before_end=unreachable)
        assert session.closed == ("CHUNKING" not in offers)
        if not session.closed:
            assert send(session).accepted
    assert all(taken.data == MESSAGE for taken in server.accepted)


def broken_file() -> Iterator[bytes]:
    yield MESSAGE * 1000
    raise FileFailed("The file is gone.")


def refusing_to_note() -> None:
    raise FileFailed("The disk is full.")


@pytest.mark.parametrize("offers", [EVERYTHING, ("PIPELINING",), ("CHUNKING",), ()], ids=" ".join)
@pytest.mark.parametrize("fails", ["the message", "the note"])
def test_when_this_side_fails_nothing_is_delivered(offers: tuple[str, ...], fails: str):
    with SmtpServer(offers=offers) as server, connected(server) as session:
        with pytest.raises(FileFailed):
            if fails == "the message":
                send(session, message=broken_file(), before_end=unreachable)
            else:
                send(session, before_end=refusing_to_note)
        if not session.closed:  # chunks can be taken back, DATA cannot
            assert send(session).accepted
    assert len(server.accepted) == ("CHUNKING" in offers)


def stopped_half_way() -> Iterator[bytes]:
    yield MESSAGE * 100_000
    raise Stopped


@pytest.mark.parametrize("offers", [EVERYTHING, ("PIPELINING",)], ids=["BDAT", "DATA"])
def test_a_message_that_is_stopped_half_way_leaves_no_half_open_session(offers: tuple[str, ...]):
    with SmtpServer(offers=offers) as server, connected(server) as session:
        with pytest.raises(Stopped):
            send(session, message=stopped_half_way(), before_end=unreachable)
        assert session.closed
    assert server.accepted == []


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "bob@example.org>\r\nRCPT TO:<eve@example.org",
        "bob@example.org\r\nDATA",
        "bob@example.org> NOTIFY=NEVER",
        "bob@exa mple.org",
        "<bob@example.org>",
        "bob\0@example.org",
        "bob",
        "@example.org",
        "bob@",
        "",
        "bob\udcff@example.org",
        '"bob\r\n"@example.org',
    ],
)
def test_an_address_that_would_break_out_of_its_command(address: str):
    with ScriptedServer(greeted("SMTPUTF8")) as server, connected(server) as session:
        with pytest.raises(MessageUnsendable):
            send(session, envelope("ann@example.org", address, smtputf8=True))
        if address:
            with pytest.raises(MessageUnsendable):
                send(session, envelope(sender=address, smtputf8=True))
        assert not session.closed


@pytest.mark.parametrize(
    "address", ['"bob builder"@example.org', "bob@[192.0.2.1]", '"a\\"b"@x.org', "o'b@x.org"]
)
def test_unusual_addresses_are_addresses(address: str):
    with SmtpServer() as server, connected(server) as session:
        assert send(session, envelope(address)).accepted
    assert server.accepted[0].recipients == (address,)


def test_an_address_beyond_ascii_needs_smtputf8():
    with (
        ScriptedServer(greeted("SMTPUTF8")) as server,
        connected(server) as session,
        pytest.raises(MessageUnsendable, match="丽@"),
    ):
        send(session, envelope("丽@example.org"))


def test_nobody_to_send_to():
    with (
        ScriptedServer(greeted()) as server,
        connected(server) as session,
        pytest.raises(MessageUnsendable, match="no recipient"),
    ):
        send(session, SmtpEnvelope("eva@example.org", (), 1))


# -- a server out of step --------------------------------------------------------------------------


@pytest.mark.parametrize("offers", [("PIPELINING",), ("SIZE",), ("PIPELINING", "CHUNKING")], ids=" ".join)
@pytest.mark.parametrize(
    ("step", "answer"), [("MAIL", "what?"), ("MAIL", "354 go on"), ("RCPT", "25"), ("RCPT", "354 go on")]
)
def test_replies_to_the_envelope_that_make_no_sense(offers: tuple[str, ...], step: str, answer: str):
    with SmtpServer(offers=offers, answers={step: [answer]}) as server, connected(server) as session:
        with pytest.raises(ProtocolViolation):
            send(session, before_end=unreachable)
        assert session.closed
    assert server.accepted == []


@pytest.mark.parametrize("offers", [("PIPELINING",), ("SIZE",)], ids=" ".join)
@pytest.mark.parametrize("answer", ["250 fine", "220 again", "go on", "3 go on"])
def test_replies_to_data_that_make_no_sense(offers: tuple[str, ...], answer: str):
    with SmtpServer(offers=offers, answers={"DATA": [answer]}) as server, connected(server) as session:
        with pytest.raises(ProtocolViolation):
            send(session, before_end=unreachable)
        assert session.closed
    assert server.accepted == []


def test_a_server_that_refuses_the_sender_and_would_send_all_the_same_gets_no_empty_message():
    script = [
        *greeted("PIPELINING"),
        *burst("MAIL FROM:<eva@example.org>", "RCPT TO:<bob@example.org>", "DATA"),
        *transcript("S: 550 5.7.1 not you\nS: 250 fine\nS: 354 go on"),
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        result = send(session, before_end=unreachable)
        assert session.closed
    assert (result.accepted, str(result.reply)) == (False, "550 5.7.1 not you")


@pytest.mark.parametrize(
    ("said", "expected"),
    [(b"552 5.3.4 too big\r\n", "552 5.3.4 too big"), (b"421 4.4.2 too slow\r\n", "421 4.4.2 too slow")],
)
def test_a_refusal_in_the_middle_of_the_message_ends_it_at_once(said: bytes, expected: str):
    head = MESSAGE * 10
    script = [
        *greeted("PIPELINING"),
        *burst("MAIL FROM:<eva@example.org>", "RCPT TO:<bob@example.org>", "DATA"),
        *transcript("S: 250 fine\nS: 250 fine\nS: 354 go on"),
        ExpectBytes(head),
        Send(said),
        Stall(),
    ]
    with ScriptedServer(script) as server, connected(server) as session:
        result = send(session, message=endless(head), before_end=unreachable)
        assert session.closed
    assert (result.accepted, str(result.reply)) == (False, expected)


def endless(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece
