"""POP3 servers that send more than anybody has room for."""

from __future__ import annotations

import tracemalloc

import pytest

from qtmail.errors import ProtocolViolation
from qtmail.protocols import pop3
from tests.fakes.imap_server import Flood, ScriptedServer, transcript
from tests.wire.pop3_sessions import ready, signed_in, whole

LISTED = """
    C: LIST
    S: +OK
    S: 1 1000
    S: .
    C: UIDL
    S: +OK
    S: 1 a
    S: .
"""


@pytest.fixture(autouse=True)
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pop3, "_AND_MORE", 100_000)


def test_a_list_of_long_lines_fills_no_memory():
    line = b"1 " + b"x" * 8000 + b"\r\n"
    script = [*signed_in(rest="C: LIST\nS: +OK"), Flood(line)]
    with ScriptedServer(script) as server, ready(server) as session:
        tracemalloc.start()
        try:
            with pytest.raises(ProtocolViolation, match="very long"):
                session.listing()
            assert tracemalloc.get_traced_memory()[1] < 150_000_000
        finally:
            tracemalloc.stop()
        assert session.closed


@pytest.mark.parametrize("uidl", ["moving a", "header 00ff", "a 2", "a\tb"])
def test_no_id_passes_for_one_that_is_made_here(uidl: str):
    script = signed_in(rest=LISTED.replace("S: 1 a", f"S: 1 {uidl}"))
    with ScriptedServer(script) as server, ready(server) as session:
        (message,) = session.listing()
    assert message.uidl is not None and b" " not in message.uidl


@pytest.mark.parametrize("flood", [b"x" * 70_000, b"x\r\n" * 20_000, b"..\r\n" * 20_000])
def test_a_message_far_larger_than_it_was_said_to_be_is_not_read_for_ever(flood: bytes):
    script = [*signed_in(rest=LISTED + "C: RETR 1\nS: +OK"), Flood(flood)]
    with ScriptedServer(script) as server, ready(server) as session:
        session.listing()
        with pytest.raises(ProtocolViolation, match=r"far larger than it said, more than 104,000 bytes"):
            for retrieved in session.retrieve([1]):
                assert sum(map(len, retrieved.pieces)) < 0
        assert session.closed


def test_nor_when_it_is_left_out():
    script = [*signed_in(rest="C: RETR 1\nS: +OK"), Flood(b"x" * 70_000)]
    with (
        ScriptedServer(script) as server,
        ready(server) as session,
        pytest.raises(ProtocolViolation, match="far larger"),
    ):
        for _ in session.retrieve([1]):
            pass


def test_nor_where_only_its_header_is_wanted():
    script = [*signed_in(rest="C: TOP 1 0\nS: +OK"), Flood(b"X: y\r\n" * 10_000)]
    with (
        ScriptedServer(script) as server,
        ready(server) as session,
        pytest.raises(ProtocolViolation, match="far larger"),
    ):
        list(session.headers([1]))


def test_a_size_beyond_all_bounds_gives_no_room_beyond_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pop3, "_MOST_BYTES", 200_000)
    listed = LISTED.replace("1 1000", f"1 {10**17}")
    script = [*signed_in(rest=listed + "C: RETR 1\nS: +OK"), Flood(b"x" * 70_000)]
    with ScriptedServer(script) as server, ready(server) as session:
        assert [message.size for message in session.listing()] == [10**17]
        with pytest.raises(ProtocolViolation, match="more than 200,000 bytes"):
            [whole(retrieved) for retrieved in session.retrieve([1])]


def test_a_message_somewhat_larger_than_it_was_said_to_be_comes_whole():
    body = "\n".join(f"S: {'x' * 70}" for _ in range(60))
    script = transcript(f"C: RETR 1\nS: +OK\n{body}\nS: .")
    with ScriptedServer([*signed_in(rest=LISTED), *script]) as server, ready(server) as session:
        session.listing()
        (message,) = [whole(retrieved) for retrieved in session.retrieve([1])]
        assert len(message) == 60 * 72
