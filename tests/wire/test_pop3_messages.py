"""STAT, LIST, UIDL, RETR, TOP, DELE, RSET and QUIT: what a mailbox holds, what comes of it and what goes."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import pytest

from qtmail.errors import ConnectionFailed, ProtocolViolation, Retry, Stopped
from qtmail.log import ProtocolLog
from qtmail.protocols.pop3 import HEADER_LIMIT, Listed, Pop3Refused
from tests.fakes.imap_server import Flood, ScriptedServer, Send, Stall, Step, transcript
from tests.fakes.pop3_server import EVERYTHING, Fault, Mail, Pop3Server
from tests.wire.pop3_sessions import new_session, ready, signed_in, whole

ONE_BY_ONE = tuple(word for word in EVERYTHING if word != "PIPELINING")
DOTS = b"Subject: dots\r\n\r\n.\r\n..\r\n.x\r\nbare\n.\nfeeds\r\n\r\n"


def messages(count: int, size: int = 0) -> list[bytes]:
    return [b"Subject: %d\r\n\r\n.\r\n%s\r\n" % (number, b"x" * size) for number in range(1, count + 1)]


# -- lists ---------------------------------------------------------------------------------------------


def test_how_many_there_are():
    with ScriptedServer(signed_in(rest="C: STAT\nS: +OK 2 320")) as server, ready(server) as session:
        assert session.stat() == (2, 320)


def test_an_answer_to_stat_without_numbers():
    with (
        ScriptedServer(signed_in(rest="C: STAT\nS: +OK many")) as server,
        ready(server) as session,
        pytest.raises(ProtocolViolation, match="STAT without numbers"),
    ):
        session.stat()


def test_the_list_in_one_round_trip():
    rest = """
        C: LIST
        C: UIDL
        S: +OK 2 messages
        S: 1 120
        S: 2 200
        S: .
        S: +OK
        S: 1 whqtswO00WBw418f9t5JxYwZ
        S: 2 QhdPYR:00WBw1Ph7x7
        S: .
    """
    script = [
        *signed_in("UIDL", "PIPELINING")[:-4],
        *transcript("C: USER eva\nC: PASS secret\nS: +OK\nS: +OK" + rest),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        before = session.counters
        assert session.listing() == [
            Listed(1, 120, b"whqtswO00WBw418f9t5JxYwZ"),
            Listed(2, 200, b"QhdPYR:00WBw1Ph7x7"),
        ]
        assert (session.counters - before).round_trips == 1


def test_without_pipelining_one_after_the_other():
    with Pop3Server(messages(3), capabilities=ONE_BY_ONE) as server, ready(server) as session:
        before = session.counters
        assert [message.uidl for message in session.listing()] == [b"uid-1", b"uid-2", b"uid-3"]
        assert (session.counters - before).round_trips == 2


def test_unique_ids_are_asked_for_although_capa_does_not_name_them():
    with Pop3Server(messages(1), capabilities=("USER",)) as server, ready(server) as session:
        assert not session.capabilities.uidl
        assert session.listing() == [Listed(1, 19, b"uid-1")]
        assert session.capabilities.uidl


def test_a_server_without_unique_ids_is_asked_for_them_once():
    with Pop3Server(messages(1), capabilities=None, unknown=("UIDL",)) as server, ready(server) as session:
        assert session.listing() == [Listed(1, 19, None)]
        assert not session.capabilities.uidl
        session.listing()
    assert server.heard[0].count("UIDL") == 1


@pytest.mark.parametrize("refusal", ["-ERR [SYS/TEMP] index is being built", "-ERR not now"])
def test_unique_ids_refused_in_passing_are_asked_for_again(refusal: str):
    capabilities = None if "SYS/TEMP" in refusal else EVERYTHING
    with (
        Pop3Server(messages(1), capabilities=capabilities, answers={"UIDL": [refusal]}) as server,
        ready(server) as session,
    ):
        assert session.listing() == [Listed(1, 19, None)]
        assert session.listing() == [Listed(1, 19, b"uid-1")]


def test_an_empty_mailbox():
    with Pop3Server() as server, ready(server) as session:
        assert session.listing() == []


def test_an_empty_mailbox_that_is_refused_to_be_listed():
    answers = {"LIST": "-ERR no messages", "UIDL": "-ERR no messages"}
    with Pop3Server(capabilities=None, answers=answers) as server, ready(server) as session:
        assert session.listing() == []
        assert session.capabilities.uidl


def test_a_mailbox_that_is_refused_to_be_listed():
    with (
        Pop3Server(messages(1), answers={"LIST": "-ERR [SYS/TEMP] disk asleep"}) as server,
        ready(server) as session,
    ):
        with pytest.raises(Pop3Refused, match="refused to list the messages: disk asleep") as failure:
            session.listing()
        assert failure.value.retry is Retry.LATER
        assert failure.value.code == "SYS/TEMP"
        assert session.stat() == (1, 19)


def test_what_makes_no_sense_in_the_lists_is_noted():
    log = ProtocolLog()
    answers = {"LIST": "+OK\r\n2 20\r\n1 -1\r\n1 5\r\nwhat?\r\n.", "UIDL": "+OK\r\n2 b c\r\n9 x\r\n."}
    with Pop3Server(answers=answers) as server, ready(server, log=log) as session:
        assert session.listing() == [Listed(1, 0), Listed(2, 20, b"b_c")]
    assert any(line.text.startswith("4 lines") for line in log.lines() if line.direction == "*")


@pytest.mark.parametrize("line", [b"1 1\r\n", b"9 " + b"9" * 5000 + b"\r\n"])
def test_a_list_without_end(line: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("qtmail.protocols.pop3._LISTING_LINES", 1000)
    script = [*signed_in(rest="C: LIST\nS: +OK"), Flood(line)]
    with (
        ScriptedServer(script) as server,
        ready(server) as session,
        pytest.raises(ProtocolViolation, match="more than 1,000 lines"),
    ):
        session.listing()


# -- messages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capabilities", [EVERYTHING, ONE_BY_ONE], ids=["ahead", "one by one"])
def test_messages_are_byte_for_byte(capabilities: Sequence[str]):
    mail = [DOTS, b"", b"\r\n", b"Subject: \xff\x00\r\n\r\n" + b"long" * 100_000 + b"\r\n", *messages(3)]
    with Pop3Server(mail, capabilities=capabilities) as server, ready(server) as session:
        numbers = [message.number for message in session.listing()]
        assert [(one.number, whole(one)) for one in session.retrieve(numbers)] == [
            (number, data or b"\r\n") for number, data in enumerate(mail, start=1)
        ]


def test_a_message_without_a_line_end_at_its_end_gets_one():
    with Pop3Server([b"Subject: cut"]) as server, ready(server) as session:
        assert [whole(one) for one in session.retrieve([1])] == [b"Subject: cut\r\n"]


def test_a_thousand_messages_in_few_round_trips():
    mail = messages(1000, size=1000)
    with Pop3Server(mail) as server, ready(server) as session:
        before = session.counters
        numbers = [message.number for message in session.listing()]
        assert [whole(one) for one in session.retrieve(numbers)] == mail
        assert (session.counters - before).round_trips <= 15
        assert not session.delete(numbers)
        session.reset()
        assert (session.counters - before).round_trips <= 30
        assert len(list(session.headers(numbers))) == 1000
        assert (session.counters - before).round_trips <= 45


def test_one_at_a_time_where_the_server_does_not_take_commands_ahead():
    with Pop3Server(messages(20), capabilities=ONE_BY_ONE) as server, ready(server) as session:
        before = session.counters
        assert len([whole(one) for one in session.retrieve(range(1, 21))]) == 20
        assert (session.counters - before).round_trips == 20


def test_large_messages_are_not_all_asked_for_ahead():
    """Else a slow user would make the server hold the line for an hour."""
    with Pop3Server(messages(20, size=600_000)) as server, ready(server) as session:
        numbers = [message.number for message in session.listing()]
        retrieved = session.retrieve(numbers)
        whole(next(retrieved))
        assert sum(line.startswith("RETR") for line in server.heard[0]) <= 4
        assert len([whole(one) for one in retrieved]) == 19


def test_a_large_message_is_never_in_memory():
    mail = b"Subject: large\r\n\r\n" + (b"." * 70 + b"\r\n") * 300_000 + b"one long line" * 500_000 + b"\r\n"
    with Pop3Server([mail]) as server, ready(server) as session:
        size = 0
        for one in session.retrieve([1]):
            tracemalloc.start()  # now, when the server has made its answer
            try:
                size = sum(map(len, one.pieces))
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    assert size == len(mail)
    assert peak < 2_000_000


def test_a_message_that_is_gone_does_not_disturb_the_others():
    with (
        Pop3Server(messages(3), answers={"RETR 2": "-ERR [SYS/TEMP] not now"}) as server,
        ready(server) as session,
    ):
        retrieved = [
            (one.number, b"".join(one.pieces), one.refusal) for one in session.retrieve([1, 2, 3, 4])
        ]
        session.noop()
    assert [data for _, data, _ in retrieved] == [messages(3)[0], b"", messages(3)[2], b""]
    refusals = [refusal for _, _, refusal in retrieved if refusal is not None]
    assert [refusal.retry for refusal in refusals] == [Retry.LATER, Retry.NEVER]
    assert "refused to give message 2: not now" in refusals[0].sentence


@pytest.mark.parametrize("read", [0, 1])
def test_what_is_not_read_of_a_message_is_read_past(read: int):
    with Pop3Server(messages(3, size=500_000)) as server, ready(server) as session:
        for one in session.retrieve([1, 2, 3]):
            for _ in range(read):
                next(one.pieces)
        assert session.stat()[0] == 3


def test_a_message_cannot_be_read_when_the_session_has_gone_on():
    """Else a message that was left out would look like an empty one."""
    with Pop3Server([b"", *messages(2, size=500_000)]) as server, ready(server) as session:
        read = session.retrieve([1, 2, 3])
        assert whole(next(read)) == b"\r\n"
        begun = next(read)
        next(begun.pieces)
        left = next(read)
        assert list(read) == []
        for late in (begun, left):
            with pytest.raises(RuntimeError):
                next(late.pieces)


def test_leaving_in_the_middle_closes_the_session():
    """What is on the way can no longer be told apart; deletions do not happen."""
    with Pop3Server(messages(3)) as server, ready(server) as session:
        session.delete([3])
        for _ in session.retrieve([1, 2]):
            break
        assert session.closed
        with pytest.raises(ConnectionFailed):
            session.quit()
    assert len(server.mails) == 3


def test_a_message_cut_short_is_never_whole():
    script = [*signed_in(rest="C: RETR 1"), Send(b"+OK\r\nSubject: half\r\n\r\nhal"), *transcript("DROP")]
    with ScriptedServer(script) as server, ready(server) as session:
        with pytest.raises(ConnectionFailed):
            for one in session.retrieve([1]):
                whole(one)
        assert session.closed


def test_messages_stay_out_of_the_log():
    log = ProtocolLog()
    with Pop3Server([b"Subject: private\r\n\r\nprivate\r\n"]) as server, ready(server, log=log) as session:
        assert [whole(one) for one in session.retrieve([1])]
        assert dict(session.headers([1]))
    assert "private" not in " ".join(line.text for line in log.lines())


# -- headers -------------------------------------------------------------------------------------------


def test_headers_and_the_first_lines():
    with (
        Pop3Server([b"Subject: one\r\n\r\n.\r\nb\r\nc\r\n", b"Subject: two\r\n\r\n"]) as server,
        ready(server) as session,
    ):
        assert list(session.headers([2, 1, 7])) == [
            (2, b"Subject: two\r\n\r\n"),
            (1, b"Subject: one\r\n\r\n"),
            (7, None),
        ]
        assert dict(session.headers([1], lines=2)) == {1: b"Subject: one\r\n\r\n.\r\nb\r\n"}
        assert session.capabilities.top


@pytest.mark.parametrize("capabilities", [None, ("USER", "PIPELINING")], ids=["no CAPA", "not in CAPA"])
def test_a_server_without_top_is_asked_once(capabilities: Sequence[str] | None):
    with (
        Pop3Server(messages(3), capabilities=capabilities, unknown=("TOP",)) as server,
        ready(server) as session,
    ):
        assert list(session.headers([1, 2, 3])) == [(1, None), (2, None), (3, None)]
        asked = len(server.heard[0])
        assert list(session.headers([1, 2])) == [(1, None), (2, None)]
        assert not session.capabilities.top
        assert len(server.heard[0]) == asked


def test_a_refusal_of_one_header_is_not_taken_for_one_of_all():
    answers = {"TOP 2": "-ERR it is gone"}
    with Pop3Server(messages(3), capabilities=None, answers=answers) as server, ready(server) as session:
        assert [number for number, header in session.headers([1, 2, 3]) if header is None] == [2]
        assert session.capabilities.top


def test_a_server_that_sends_all_in_place_of_the_header():
    body = b"x" * (2 * HEADER_LIMIT)
    answer = "+OK\r\nSubject: all\r\n\r\n" + body.decode() + "\r\n."
    with Pop3Server(messages(1), answers={"TOP": [answer]}) as server, ready(server) as session:
        [(_, header)] = session.headers([1])
        assert header is not None
        assert len(header) == HEADER_LIMIT
        assert session.stat()[0] == 1


# -- deleting ------------------------------------------------------------------------------------------


def test_what_is_deleted_is_gone_after_quit():
    with Pop3Server(messages(3), answers={"DELE 2": "-ERR it is being read"}) as server:
        with ready(server) as session:
            assert session.delete([1, 2, 9]) == [2, 9]
            assert len(server.mails) == 3
            session.quit()
            assert session.closed
        assert [mail.uidl for mail in server.mails] == [b"uid-2", b"uid-3"]


def test_nothing_is_deleted_after_a_change_of_mind():
    with Pop3Server(messages(2)) as server:
        with ready(server) as session:
            session.delete([1])
            session.reset()
            session.quit()
        assert len(server.mails) == 2


@pytest.mark.parametrize("how", ["close", "raise", "abort"])
def test_nothing_is_deleted_without_quit(how: str):
    with Pop3Server(messages(2)) as server:
        with pytest.raises(ZeroDivisionError), new_session(server) as session:
            session.connect()
            session.sign_in("secret")
            session.delete([1])
            if how == "close":
                session.close()
            if how == "abort":
                session.abort()
            raise ZeroDivisionError
        assert "QUIT" not in server.heard[0]
    assert len(server.mails) == 2


def test_what_could_not_be_deleted():
    answers = {"QUIT": "-ERR some deleted messages not removed"}
    with Pop3Server(messages(2), answers=answers) as server, ready(server) as session:
        session.delete([1])
        with pytest.raises(Pop3Refused, match="some deleted messages not removed"):
            session.quit()
        assert session.closed
        assert len(server.mails) == 2


def test_a_goodbye_that_nobody_answers_leaves_open_what_was_deleted():
    with Pop3Server(messages(2), answers={"QUIT": ""}) as server, ready(server) as session:
        session.delete([1])
        with pytest.raises(ConnectionFailed) as failure:
            session.quit()
        assert "next look for mail" in failure.value.advice
        assert session.closed


def test_nobody_waits_for_a_goodbye_after_a_change_of_mind():
    with Pop3Server(messages(2), answers={"QUIT": "-ERR stay"}) as server, ready(server) as session:
        session.delete([1])
        session.reset()
        session.quit()
        assert session.closed


def test_a_refused_goodbye_matters_to_nobody_who_deleted_nothing():
    with Pop3Server(answers={"QUIT": "-ERR stay"}) as server, ready(server) as session:
        session.quit()
        assert session.closed


# -- lines that break ----------------------------------------------------------------------------------


def fetch_and_delete(server: Pop3Server, fetched: list[bytes]) -> None:
    with ready(server) as session:
        numbers = [message.number for message in session.listing()]
        fetched.extend(whole(one) for one in session.retrieve(numbers))
        session.delete(numbers)
        session.quit()


@pytest.mark.parametrize("capabilities", [EVERYTHING, ONE_BY_ONE], ids=["ahead", "one by one"])
def test_a_line_cut_at_any_byte_never_makes_a_wrong_message_nor_deletes_one(capabilities: Sequence[str]):
    mails = [Mail(b"a", DOTS), Mail(b"b", b"Subject: b\r\n\r\n"), Mail(b"c", b"Subject: c\r\n\r\nend\r\n")]
    fetched: list[bytes] = []
    with Pop3Server(mails, capabilities=capabilities) as server:
        fetch_and_delete(server, fetched)
        assert fetched == [mail.data for mail in mails]
        assert server.mails == []
        limit = server.bytes_out[0]
    faults = [Fault(after_out=number, connection=number + 1) for number in range(limit)]
    with Pop3Server(mails, capabilities=capabilities, faults=faults) as server:
        for number in range(limit):
            fetched.clear()
            with pytest.raises(ConnectionFailed):
                fetch_and_delete(server, fetched)
            assert fetched == [mail.data for mail in mails[: len(fetched)]], f"at byte {number}"
            assert server.mails == mails or server.heard[number][-1] == "QUIT", f"at byte {number}"
            server.mails = list(mails)


def test_a_server_that_falls_silent_in_the_middle_of_a_message():
    script = [*signed_in(rest="C: RETR 1"), Send(b"+OK\r\nSubject: half\r\n"), Stall()]
    with ScriptedServer(script) as server, ready(server, timeout=0.1) as session:
        with pytest.raises(ConnectionFailed, match="did not answer for"):
            list(session.retrieve([1]))
        assert session.closed


def test_a_user_who_will_not_wait_for_a_message():
    script = [*signed_in(rest="C: RETR 1"), Send(b"+OK\r\nSubject: half\r\n"), Stall()]
    with ScriptedServer(script) as server, ready(server) as session:
        retrieved = session.retrieve([1])
        pieces = next(retrieved).pieces
        assert next(pieces) == b"Subject: half"
        session.abort()
        with pytest.raises(Stopped):
            next(pieces)
        assert session.closed


@pytest.mark.parametrize("answer", [b"good day\r\n", b"\r\n", b"+\r\n", b".\r\n", b"* OK\r\n", b"x" * 10_000])
def test_an_answer_that_makes_no_sense_ends_the_session(answer: bytes):
    script: list[Step] = [*signed_in(rest="C: RETR 1"), Send(answer), Stall()]
    with ScriptedServer(script) as server, ready(server) as session:
        with pytest.raises(ProtocolViolation):
            list(session.retrieve([1]))
        assert session.closed
