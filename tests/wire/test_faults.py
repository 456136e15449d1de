"""A line that breaks at any byte, servers that refuse, stall, say BYE or talk nonsense, and a user who will
not wait."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from qtmail.domain.message import Flag, RemoteMessage
from qtmail.errors import ConnectionFailed, ProtocolViolation, ServerRefused, Stopped
from qtmail.protocols.imap import ImapSession
from tests.fakes.imap_server import Drop, Expect, Flood, ScriptedServer, Send, Stall, Step, transcript
from tests.wire.sessions import aborting, ready, signed_in
from tests.wire.test_fetch import ITEMS

HEADERS = [b"Subject: one\r\n\r\n", b'Subject: ")\r\nq2 OK done\r\n\r\n', b"Subject: three\r\n\r\n"]
ANSWER = (
    b"* 1 FETCH (UID 1 FLAGS (\\Seen) RFC822.SIZE 10 BODY[HEADER.FIELDS (SUBJECT)] {%d}\r\n%s)\r\n"
    b"* 9 EXISTS\r\n"
    b"* 2 FETCH (UID 12 FLAGS () RFC822.SIZE 20 BODY[HEADER.FIELDS (SUBJECT)] {%d}\r\n%s)\r\n"
    b'* 3 FETCH (UID 123 FLAGS (work) RFC822.SIZE 30 BODY[HEADER.FIELDS (SUBJECT)] "")\r\n'
    b"q2 OK done\r\n"
) % (len(HEADERS[0]), HEADERS[0], len(HEADERS[1]), HEADERS[1])
MESSAGES = [
    RemoteMessage(1, Flag.SEEN, frozenset(), 0, 0, 10, HEADERS[0]),
    RemoteMessage(12, Flag.NONE, frozenset(), 0, 0, 20, HEADERS[1]),
    RemoteMessage(123, Flag.NONE, frozenset({"work"}), 0, 0, 30, b""),
]


def dropped_at(offset: int, reset: bool) -> list[Step]:
    return [
        *signed_in(),
        Expect(f"q2 UID FETCH 1:* {ITEMS}"),
        Send(ANSWER[:offset]),
        Drop(reset),
    ]


def test_the_whole_answer():
    with ScriptedServer(dropped_at(len(ANSWER), reset=False)) as server, ready(server) as session:
        assert list(session.fetch_headers(["1:*"])) == [MESSAGES]


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_line_that_breaks_at_any_byte_never_makes_a_wrong_message(reset: bool):
    offsets = range(len(ANSWER))
    with ScriptedServer(*(dropped_at(offset, reset) for offset in offsets)) as server:
        for offset in offsets:
            with ready(server) as session:
                fetched: list[RemoteMessage] = []
                with pytest.raises(ConnectionFailed, match=r"closed|dropped"):
                    for window in session.fetch_headers(["1:*"]):
                        fetched.extend(window)
                assert fetched == [], f"at byte {offset}"
                assert session.closed


MESSAGE_ANSWER = (
    b"* 1 FETCH (UID 1 BODY[] {7}\r\nabc)\r\nd)\r\n* 2 FETCH (UID 2 BODY[] {1}\r\nz)\r\nq2 OK done\r\n"
)


def test_a_message_cut_short_is_never_handed_out():
    offsets = range(len(MESSAGE_ANSWER))

    def script(offset: int) -> list[Step]:
        command = transcript("C: q2 UID FETCH 1:2 (UID RFC822.SIZE BODY.PEEK[])")
        return [*signed_in(), *command, Send(MESSAGE_ANSWER[:offset]), Drop()]

    whole = [(1, b"abc)\r\nd"), (2, b"z")]
    with ScriptedServer(*map(script, offsets)) as server:
        for _ in offsets:
            with ready(server) as session:
                fetched = []
                with pytest.raises(ConnectionFailed):
                    for message in session.fetch_messages([1, 2]):
                        fetched.append(message)
                assert fetched == whole[: len(fetched)]


VERBS: dict[str, tuple[str, Callable[[ImapSession], object]]] = {
    "list": ('LIST "" "*"', lambda session: session.list_folders()),
    "select": ('SELECT "INBOX"', lambda session: session.select(b"INBOX")),
    "search": ("UID SEARCH ALL", lambda session: session.search_all_uids()),
    "headers": (f"UID FETCH 1 {ITEMS}", lambda session: list(session.fetch_headers(["1"]))),
    "flags": ("UID FETCH 1 (UID FLAGS)", lambda session: session.fetch_flags("1")),
    "messages": (
        "UID FETCH 1 (UID RFC822.SIZE BODY.PEEK[])",
        lambda session: list(session.fetch_messages([1])),
    ),
    "structure": (
        "UID FETCH 1 (UID BODYSTRUCTURE BODY.PEEK[HEADER])",
        lambda session: session.fetch_structure(1),
    ),
    "parts": ("UID FETCH 1 (UID BODY.PEEK[1])", lambda session: session.fetch_parts(1, ["1"])),
    "store": (
        "UID STORE 1 +FLAGS.SILENT (\\Seen)",
        lambda session: session.store_flags([1], Flag.SEEN, Flag.NONE),
    ),
    "noop": ("NOOP", lambda session: session.noop()),
}
each_verb = pytest.mark.parametrize(("command", "act"), VERBS.values(), ids=VERBS)


@each_verb
@pytest.mark.parametrize("answer", ["NO [NOPERM] You may not", "BAD You may not"])
def test_a_refusal_quotes_the_server_and_the_session_goes_on(
    command: str, act: Callable[[ImapSession], object], answer: str
):
    extra = 'C: q3 LSUB "" "*"' if command.startswith("LIST") else ""
    extra_answer = "S: q3 OK done" if extra else ""
    rest = f"""
        C: q2 {command}
        {extra}
        S: q2 {answer}
        {extra_answer}
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        with pytest.raises(ServerRefused, match="You may not") as failure:
            act(session)
        assert answer.split()[0] in failure.value.detail
        assert not session.closed


@each_verb
def test_bye_quotes_the_server(command: str, act: Callable[[ImapSession], object]):
    rest = f"""
        C~ q2 {"LIST.*" if command.startswith("LIST") else ".*"}
        S: * BYE [UNAVAILABLE] Server shutting down
    """
    rest += '\nC: q3 LSUB "" "*"' if command.startswith("LIST") else ""
    with (
        ScriptedServer(signed_in("IMAP4rev1", rest)) as server,
        ready(server) as session,
        pytest.raises(ConnectionFailed, match="ended the connection: Server shutting down"),
    ):
        act(session)


@each_verb
def test_silence_is_not_waited_for_beyond_the_limit(command: str, act: Callable[[ImapSession], object]):
    with (
        ScriptedServer([*signed_in(), Stall()]) as server,
        ready(server, timeout=0.05) as session,
        pytest.raises(ConnectionFailed, match="did not answer for"),
    ):
        act(session)


@each_verb
@pytest.mark.parametrize(
    "nonsense",
    ["q9 OK not yours", "q2 MAYBE", "hello?", "", "q2", "\0\0\0", "HTTP/1.1 200 OK"],
)
def test_nonsense_ends_the_session(command: str, act: Callable[[ImapSession], object], nonsense: str):
    with (
        ScriptedServer([*signed_in(), Send(nonsense.encode() + b"\r\n"), Stall()]) as server,
        ready(server) as session,
        pytest.raises(ProtocolViolation, match="not IMAP"),
    ):
        act(session)
    assert session.closed


def test_a_literal_shorter_than_announced_is_noticed():
    answer = b'* 1 FETCH (UID 1 BODY[HEADER] {10}\r\n0123456789abc)\r\n* 2 FETCH (UID 2 BODY[HEADER] "")\r\n'
    script = [*signed_in(), Expect(f"q2 UID FETCH 1:2 {ITEMS}"), Send(answer), Stall()]
    with (
        ScriptedServer(script) as server,
        ready(server) as session,
        pytest.raises(ProtocolViolation, match="another length than it announced"),
    ):
        list(session.fetch_headers(["1:2"]))


# -- abort -------------------------------------------------------------------------------------------


@each_verb
def test_abort_ends_any_wait_at_once(command: str, act: Callable[[ImapSession], object]):
    with (
        ScriptedServer([*signed_in(), Stall()]) as server,
        ready(server, timeout=30) as session,
        aborting(session, after=0.02),
    ):
        began = time.monotonic()
        with pytest.raises(Stopped):
            act(session)
        assert time.monotonic() - began < 0.5
        assert session.closed
        with pytest.raises(Stopped):
            act(session)


def test_abort_ends_a_flood():
    with (
        ScriptedServer([*signed_in(), Flood(b"* 1 EXISTS\r\n" * 1000)]) as server,
        ready(server, timeout=30) as session,
        aborting(session, after=0.05),
        pytest.raises(Stopped),
    ):
        session.noop()


# -- the end -----------------------------------------------------------------------------------------


def test_logout_says_goodbye():
    rest = """
        C: q2 LOGOUT
        S: * BYE see you
        S: q2 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest)) as server, ready(server) as session:
        session.logout()
        assert session.closed
        session.logout()


@pytest.mark.parametrize("ending", ["DROP", "S: q2 BAD what?", "S: nonsense"])
def test_logout_never_fails(ending: str):
    script = transcript(f"C: q2 LOGOUT\n{ending}")
    with ScriptedServer([*signed_in(), *script]) as server, ready(server) as session:
        session.logout()
        assert session.closed


def test_leaving_a_with_block_says_goodbye_unless_something_went_wrong():
    rest = """
        C: q2 LOGOUT
        S: * BYE see you
        S: q2 OK done
    """
    with ScriptedServer(signed_in("IMAP4rev1", rest), signed_in()) as server:
        with ready(server) as session, session:
            pass
        with pytest.raises(LookupError), ready(server) as session, session:
            raise LookupError
    assert session.closed
