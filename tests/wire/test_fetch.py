"""Headers, flags and messages: whatever the order and dress of what the server sends."""

from __future__ import annotations

import tracemalloc

import pytest

from qtmail.domain.message import Flag, FlagChange, RemoteMessage
from qtmail.errors import ConnectionFailed, ProtocolViolation, ServerRefused
from qtmail.protocols.imap_fetch import HEADER_FIELDS, HEADER_LIMIT
from qtmail.protocols.imap_values import SkippedMessage
from tests.fakes.imap_server import Drop, Expect, ScriptedServer, Send, transcript
from tests.wire.sessions import ready, signed_in

FIELDS = " ".join(HEADER_FIELDS).upper()
ITEMS = f"(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({FIELDS})])"
HEADER = b"Subject: Hello\r\nFrom: a@example.org\r\n\r\n"


def header_answer(number: int, uid: int, header: bytes = HEADER) -> Send:
    return Send(
        b"* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE "
        b'"17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 BODY[HEADER.FIELDS (SUBJECT FROM)] {%d}\r\n%s)\r\n'
        % (number, uid, len(header), header)
    )


def message(uid: int) -> RemoteMessage:
    return RemoteMessage(uid, Flag.SEEN, frozenset(), 0, 837596665, 4286, HEADER)


# -- headers -----------------------------------------------------------------------------------------


def test_the_next_window_is_on_the_line_before_one_is_answered():
    script = [
        *signed_in(),
        Expect(f"q2 UID FETCH 1:2 {ITEMS}"),
        Expect(f"q3 UID FETCH 3:4 {ITEMS}"),
        header_answer(1, 1),
        header_answer(2, 2),
        *transcript("S: q2 OK done"),
        Expect(f"q4 UID FETCH 5 {ITEMS}"),
        header_answer(3, 3),
        header_answer(4, 4),
        *transcript("S: q3 OK done"),
        header_answer(5, 5),
        *transcript("S: q4 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        windows = list(session.fetch_headers(["1:2", "3:4", "5"]))
    assert windows == [[message(1), message(2)], [message(3), message(4)], [message(5)]]


def test_a_server_that_holds_its_tagged_answers_back_does_not_empty_the_line():
    script = [
        *signed_in(),
        Expect(f"q2 UID FETCH 1 {ITEMS}"),
        Expect(f"q3 UID FETCH 2 {ITEMS}"),
        header_answer(1, 1),
        Expect(f"q4 UID FETCH 3 {ITEMS}"),
        header_answer(2, 2),
        header_answer(3, 3),
        *transcript(
            """
            S: q2 OK done
            S: q3 OK done
            S: q4 OK done
            """
        ),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        assert list(session.fetch_headers(["1", "2", "3"])) == [[message(1)], [message(2)], [message(3)]]


@pytest.mark.parametrize("odd", range(7))
def test_unusual_answers_among_many_usual_ones_are_read_as_well(odd):
    """Many answers of the same form are read in a quick way; that must make no difference to what is read."""
    answers = [header_answer(number, number) for number in range(1, 10)]
    unusual = [
        b'* 4 FETCH (FLAGS (\\Seen) UID 4 INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286'
        b" BODY[HEADER.FIELDS (SUBJECT FROM)] {%d}\r\n%s)\r\n" % (len(HEADER), HEADER),
        b'* 4 fetch (UID 4 FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286'
        b' BODY[HEADER.FIELDS ("SUBJECT" "FROM")] {%d}\r\n%s)\r\n' % (len(HEADER), HEADER),
        answers[3].data + b"* 4 EXPUNGE\r\n",
        answers[3].data + b"* 4 FETCH (FLAGS (\\Answered))\r\n",
        b"* OK Still here\r\n" + answers[3].data,
        b"* 4 FETCH (UID 4 FLAGS (\\Seen)\r\n" + answers[3].data,
        answers[3].data + b"* 99 EXISTS\r\n",
    ]
    answers[3] = Send(unusual[odd])
    script = [*signed_in(), Expect(f"q2 UID FETCH 1:9 {ITEMS}"), *answers, *transcript("S: q2 OK done")]
    with ScriptedServer(script) as server, ready(server) as session:
        (window,) = session.fetch_headers(["1:9"])
    assert window == [message(uid) for uid in range(1, 10)]


@pytest.mark.parametrize("kept", range(0, 1200, 37))
def test_many_usual_answers_cut_anywhere_yield_whole_messages_or_a_lost_line(kept):
    answers = b"".join(header_answer(number, number).data for number in range(1, 8))
    script = [
        *signed_in(),
        Expect(f"q2 UID FETCH 1:7 {ITEMS}"),
        Send(answers[: min(kept, len(answers) - 1)]),
        Drop(),
    ]
    with ScriptedServer(script) as server, ready(server) as session, pytest.raises(ConnectionFailed):
        for window in session.fetch_headers(["1:7"]):
            assert all(found == message(found.uid) for found in window)


def test_messages_that_are_gone_do_not_stop_the_windows_after_them():
    script = [
        *signed_in(),
        Expect(f"q2 UID FETCH 1:50 {ITEMS}"),
        Expect(f"q3 UID FETCH 51:100 {ITEMS}"),
        header_answer(1, 7),
        *transcript("S: q2 OK done"),
        Expect(f"q4 UID FETCH 101:* {ITEMS}"),
        *transcript("S: q3 OK done"),
        header_answer(2, 120),
        *transcript("S: q4 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        assert list(session.fetch_headers(["1:50", "51:100", "101:*"])) == [[message(7), message(120)]]


HEADER_FORMS = {
    "other order and case": (
        b"* 1 fetch (body[header.fields (Subject)] {%d}\r\n%s rfc822.size 4286 flags (\\SEEN) "
        b'internaldate "17-jul-1996 09:44:25 +0000" uid 7)\r\n' % (len(HEADER), HEADER)
    ),
    "unknown attributes": (
        b'* 1 FETCH (X-GM-THRID 1278455344230334865 UID 7 X-THING (a ("b" NIL)) FLAGS (\\Seen \\Recent) '
        b'INTERNALDATE "17-Jul-1996 02:44:25 -0700" EMAILID (M00000001) RFC822.SIZE 4286 '
        b"BODY[HEADER.FIELDS (SUBJECT)] {%d}\r\n%s)\r\n" % (len(HEADER), HEADER)
    ),
    "literal8 and spaces": (
        b'*  1  FETCH (UID 7  FLAGS ( \\Seen ) INTERNALDATE "17-Jul-1996 02:44:25 -0700" '
        b"RFC822.SIZE 4286 BODY[HEADER.FIELDS (SUBJECT)] ~{%d}\r\n%s )\r\n" % (len(HEADER), HEADER)
    ),
}


@pytest.mark.parametrize("answer", HEADER_FORMS.values(), ids=HEADER_FORMS)
def test_headers_in_any_dress(answer: bytes):
    script = [*signed_in(), Expect(f"q2 UID FETCH 7 {ITEMS}"), Send(answer), *transcript("S: q2 OK done")]
    with ScriptedServer(script) as server, ready(server) as session:
        ((fetched,),) = session.fetch_headers(["7"])
    assert fetched == message(7)


@pytest.mark.parametrize(
    ("written", "header"),
    [
        (b"NIL", b""),
        (b'""', b""),
        (b'"Subject: \\"x\\" \\\\ y"', b'Subject: "x" \\ y'),
        (b"{0}\r\n", b""),
        (b"{12}\r\nSubject: \0\xff\n", b"Subject: \0\xff\n"),
    ],
)
def test_a_header_in_any_kind_of_string(written: bytes, header: bytes):
    answer = b"* 1 FETCH (UID 7 FLAGS () RFC822.SIZE 1 BODY[HEADER.FIELDS (SUBJECT)] " + written + b")\r\n"
    script = [*signed_in(), Expect(f"q2 UID FETCH 7 {ITEMS}"), Send(answer), *transcript("S: q2 OK done")]
    with ScriptedServer(script) as server, ready(server) as session:
        ((fetched,),) = session.fetch_headers(["7"])
    assert fetched.header == header
    assert fetched.internal_date == 0


def test_modseq_is_asked_for_where_it_is_offered():
    script = [
        *signed_in("IMAP4rev1 CONDSTORE"),
        Expect(f"q2 UID FETCH 7 {ITEMS.replace('BODY', 'MODSEQ BODY')}"),
        Send(b'* 1 FETCH (UID 7 MODSEQ (18446744073) BODY[HEADER.FIELDS (SUBJECT)] "")\r\n'),
        *transcript("S: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        ((fetched,),) = session.fetch_headers(["7"])
    assert fetched.modseq == 18446744073


def test_news_in_the_middle_of_an_answer_is_kept():
    script = [
        *signed_in(),
        Expect(f"q2 UID FETCH 1:2 {ITEMS}"),
        header_answer(1, 1),
        *transcript(
            """
            S: * 5 EXISTS
            S: * 1 RECENT
            S: * 4 FETCH (FLAGS (\\Seen))
            S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Flagged $Forwarded work) MODSEQ (9))
            S: * 3 EXPUNGE
            S: * VANISHED 8:9
            S: * OK [ALERT] Disk almost full
            S: * NO maintenance tonight
            S: * FLAGS (\\Seen)
            S: *
            S: + stray
            """
        ),
        header_answer(2, 2),
        *transcript("S: q2 OK [ALERT] really full"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        assert list(session.fetch_headers(["1:2"])) == [[message(1), message(2)]]
        updates = session.take_updates()
        assert updates
        assert updates.exists == 5
        assert updates.expunged
        assert updates.flags_unknown
        assert list(updates.vanished) == [8, 9]
        assert updates.changed == [
            FlagChange(1, Flag.SEEN | Flag.FLAGGED | Flag.FORWARDED, frozenset({"work"}), 9)
        ]
        assert updates.alerts == ["Disk almost full", "really full"]
        assert not session.take_updates()


MALFORMED = [
    b"* 1 FETCH (UID 6 FLAGS",
    b"* 1 FETCH (UID 6 FLAGS ()",
    b"* 1 FETCH (UID 6 FLAGS ()))",
    b'* 1 FETCH (UID 6 BODY[HEADER.FIELDS (SUBJECT)] "never closed)',
    b"* 1 FETCH (UID six FLAGS ())",
    b"* 1 FETCH (UID 4294967296 FLAGS ())",
    b"* 1 FETCH (UID -1 FLAGS ())",
    b"* 1 FETCH (UID 6 FLAGS)",
    b"* 1 FETCH UID 6 FLAGS ()",
    b"* 1 FETCH ((UID) 6 FLAGS ())",
    b"* 1 FETCH",
    b"* 1 FETCH " + b"(" * 1000,
    b'* 1 FETCH (UID 6 X "' + b'\\"' * 400_000,
]


@pytest.mark.parametrize("line", MALFORMED, ids=range(len(MALFORMED)))
def test_a_line_that_makes_no_sense_is_left_out_and_counted(line: bytes):
    script = [
        *signed_in(),
        Expect(f"q2 UID FETCH 6:7 {ITEMS}"),
        Send(line + b"\r\n"),
        header_answer(2, 7),
        *transcript("S: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        assert list(session.fetch_headers(["6:7"])) == [[message(7)]]
        assert session.take_updates().malformed == 1


def test_a_size_that_makes_no_sense_does_not_lose_the_message():
    script = [
        *signed_in(),
        Expect(f"q2 UID FETCH 6:7 {ITEMS}"),
        Send(b'* 1 FETCH (UID 6 RFC822.SIZE many BODY[HEADER.FIELDS (SUBJECT)] "")\r\n'),
        header_answer(2, 7),
        *transcript("S: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        ((first, second),) = session.fetch_headers(["6:7"])
    assert (first.uid, first.size, second) == (6, 0, message(7))


def test_a_refused_window_does_not_stop_the_others():
    script = [
        *signed_in(),
        Expect(f"q2 UID FETCH 1 {ITEMS}"),
        Expect(f"q3 UID FETCH 2 {ITEMS}"),
        *transcript("S: q2 NO [SERVERBUG] corrupt cache"),
        header_answer(2, 2),
        *transcript("S: q3 OK done"),
    ]
    fetched = []
    with ScriptedServer(script) as server, ready(server) as session:
        with pytest.raises(ServerRefused, match="list some of the messages: corrupt cache"):
            for window in session.fetch_headers(["1", "2"]):
                fetched.extend(window)
        assert not session.closed
    assert fetched == [message(2)]


def test_windows_given_up_do_not_mix_with_what_comes_after():
    script = [
        *signed_in(),
        Expect(f"q2 UID FETCH 1 {ITEMS}"),
        Expect(f"q3 UID FETCH 2 {ITEMS}"),
        header_answer(1, 1),
        *transcript("S: q2 OK done"),
        header_answer(2, 2),
        *transcript(
            """
            S: q3 OK done
            C: q4 UID FETCH 1:* (UID FLAGS)
            S: * 1 FETCH (UID 1 FLAGS (\\Flagged))
            S: q4 OK done
            """
        ),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        assert next(session.fetch_headers(["1", "2"])) == [message(1)]
        assert session.fetch_flags("1:*") == [FlagChange(1, Flag.FLAGGED, frozenset())]


# -- limits ------------------------------------------------------------------------------------------


def peak_of(action) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_huge_header_is_read_past_and_the_message_kept():
    size = 3 * HEADER_LIMIT
    script = [
        *signed_in(),
        Expect(f"q2 UID FETCH 6:7 {ITEMS}"),
        Send(b"* 1 FETCH (UID 6 FLAGS () RFC822.SIZE 9 BODY[HEADER.FIELDS (X)] {%d}\r\n" % size),
        Send(b"x" * size + b")\r\n"),
        header_answer(2, 7),
        *transcript("S: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        ((first, second),) = session.fetch_headers(["6:7"])
        assert (first.uid, first.header, second) == (6, b"", message(7))
        assert session.take_updates().skipped == [SkippedMessage(6, size)]


def test_a_literal_of_200_mb_uses_no_memory_and_the_session_goes_on():
    size = 200_000_000
    piece = b"y" * 1_000_000
    script = [
        *signed_in(),
        *transcript("C: q2 UID FETCH 6:7 (UID RFC822.SIZE BODY.PEEK[])"),
        Send(b"* 1 FETCH (UID 6 RFC822.SIZE 2000 BODY[] {%d}\r\n" % size),
        *[Send(piece)] * 200,
        Send(b")\r\n* 2 FETCH (UID 7 RFC822.SIZE 3 BODY[] {3}\r\nabc)\r\nq2 OK done\r\n"),
    ]
    fetched: list[tuple[int, bytes]] = []
    with ScriptedServer(script) as server, ready(server) as session:
        assert peak_of(lambda: fetched.extend(session.fetch_messages([6, 7]))) < 2_000_000
        assert fetched == [(7, b"abc")]
        assert session.take_updates().skipped == [SkippedMessage(6, size)]


@pytest.mark.parametrize(
    "line",
    [
        b"* 1 FETCH (UID 6 FLAGS (" + b"x" * 33_000_000,
        b"* 1 FETCH (UID 6 BODY[] {99999999999}",
        b"* OK " + b"x" * 33_000_000,
    ],
    ids=["line", "literal", "text"],
)
def test_what_has_no_end_ends_the_session(line: bytes):
    script = [*signed_in(), *transcript("C: q2 UID FETCH 1 (UID FLAGS)"), Send(line + b"\r\n")]
    with (
        ScriptedServer(script) as server,
        ready(server) as session,
        pytest.raises(ProtocolViolation, match=r"longer than|announced 99,999,999,999 bytes"),
    ):
        session.fetch_flags("1")
    assert session.closed


# -- flags -------------------------------------------------------------------------------------------


def test_flags_changed_since():
    rest = """
        C: q2 UID FETCH 1:* (UID FLAGS MODSEQ) (CHANGEDSINCE 900)
        S: * 3 FETCH (UID 9 MODSEQ (901) FLAGS (\\answered $Junk NonJunk $MDNSent \\Draft \\Deleted))
        S: * 4 FETCH (FLAGS (\\Seen))
        S: q2 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1 CONDSTORE", rest)) as server, ready(server) as session:
        (change,) = session.fetch_flags("1:*", changed_since=900)
        assert session.take_updates().flags_unknown
    every = Flag.ANSWERED | Flag.JUNK | Flag.NOT_JUNK | Flag.MDN_SENT | Flag.DRAFT | Flag.DELETED
    assert change == FlagChange(9, every, frozenset(), 901)


def test_flags_are_stored_in_one_burst():
    rest = """
        C: q2 UID STORE 1:3,7 +FLAGS.SILENT (\\Seen $Forwarded)
        C: q3 UID STORE 1:3,7 -FLAGS.SILENT (\\Flagged)
        S: * 1 FETCH (UID 1 MODSEQ (77))
        S: q2 OK done
        S: q3 NO [CANNOT] not that one
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        before = session.counters.round_trips
        with pytest.raises(ServerRefused, match="change flags: not that one"):
            session.store_flags([7, 1, 2, 3], Flag.SEEN | Flag.FORWARDED, Flag.FLAGGED)
        assert session.counters.round_trips == before + 1
        assert not session.take_updates()


def test_nothing_to_store_sends_nothing():
    with ScriptedServer(signed_in()) as server, ready(server) as session:
        session.store_flags([1], Flag.NONE, Flag.NONE)
        session.store_flags([], Flag.SEEN, Flag.NONE)


# -- whole messages ----------------------------------------------------------------------------------


def test_messages_stream_as_they_come():
    script = [
        *signed_in(),
        *transcript("C: q2 UID FETCH 3,5 (UID RFC822.SIZE BODY.PEEK[])"),
        Send(b"* 1 FETCH (UID 3 RFC822.SIZE 5 BODY[] {5}\r\na\0b\r\n)\r\n"),
        Send(b"* 9 FETCH (UID 99 RFC822.SIZE 5 BODY[] {1}\r\nx)\r\n"),
        Send(b'* 2 FETCH (BODY[] "quoted" UID 5)\r\n'),
        *transcript("S: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        assert list(session.fetch_messages([3, 5])) == [(3, b"a\0b\r\n"), (5, b"quoted")]


def test_messages_that_are_gone_are_left_out():
    rest = """
        C: q2 UID FETCH 3 (UID RFC822.SIZE BODY.PEEK[])
        S: q2 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        assert list(session.fetch_messages([3])) == []
        assert list(session.fetch_messages([])) == []


def test_many_messages_travel_in_batches_two_on_the_line():
    def answers(low: int, high: int) -> Send:
        return Send(b"".join(b"* 1 FETCH (UID %d BODY[] {1}\r\nm)\r\n" % uid for uid in range(low, high)))

    script = [
        *signed_in(),
        *transcript("C: q2 UID FETCH 1:50 (UID RFC822.SIZE BODY.PEEK[])"),
        *transcript("C: q3 UID FETCH 51:100 (UID RFC822.SIZE BODY.PEEK[])"),
        answers(1, 51),
        *transcript("S: q2 OK done"),
        *transcript("C: q4 UID FETCH 101:120 (UID RFC822.SIZE BODY.PEEK[])"),
        answers(51, 101),
        *transcript("S: q3 OK done"),
        answers(101, 121),
        *transcript("S: q4 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        assert [uid for uid, _ in session.fetch_messages(range(1, 121))] == list(range(1, 121))
