"""One message in parts: its structure, chosen parts, a large attachment in pieces."""

from __future__ import annotations

import pytest

from qtmail.errors import Layer, ProtocolViolation, ServerRefused
from qtmail.protocols.imap_parts import CHUNK
from tests.fakes.imap_server import Expect, ScriptedServer, Send, Step, transcript
from tests.wire.sessions import ready, signed_in

TEXT = '("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "8BIT" 12 1 NIL NIL NIL NIL)'
PDF = '("APPLICATION" "PDF" NIL NIL NIL "BASE64" 900000 NIL ("ATTACHMENT" ("FILENAME" {5}\r\na.pdf)) NIL NIL)'


def test_structure_and_header_in_one_round_trip():
    script = [
        *signed_in(),
        *transcript("C: q2 UID FETCH 7 (UID BODYSTRUCTURE BODY.PEEK[HEADER])"),
        Send(
            f'* 3 FETCH (UID 7 BODYSTRUCTURE ({TEXT}{PDF} "MIXED" ("BOUNDARY" "b)(") NIL NIL NIL) '.encode()
        ),
        Send(b"BODY[HEADER] {13}\r\nSubject: x\r\n\r)\r\n"),
        *transcript("S: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        before = session.counters.round_trips
        structure, header = session.fetch_structure(7)
        assert session.counters.round_trips == before + 1
    assert header == b"Subject: x\r\n\r"
    assert structure.content_type == "multipart/mixed"
    assert [part.section for part in structure.walk()] == ["", "1", "2"]
    pdf = structure.children[1]
    assert (pdf.disposition, pdf.disposition_parameters) == ("attachment", (("filename", "a.pdf"),))


def test_a_structure_nested_without_end_is_refused_and_the_session_goes_on():
    nested = b"(" * 1000 + b'"x"' + b")" * 1000
    script = [
        *signed_in(),
        *transcript("C: q2 UID FETCH 7 (UID BODYSTRUCTURE BODY.PEEK[HEADER])"),
        Send(b"* 3 FETCH (UID 7 BODYSTRUCTURE " + nested + b' BODY[HEADER] "")\r\n'),
        *transcript(
            """
            S: q2 OK done
            C: q3 NOOP
            S: q3 OK done
            """
        ),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        with pytest.raises(ProtocolViolation, match="cannot be read") as failure:
            session.fetch_structure(7)
        assert failure.value.layer is Layer.MESSAGE
        session.noop()


def test_parts_by_section():
    script = [
        *signed_in(),
        *transcript("C: q2 UID FETCH 7 (UID BODY.PEEK[1] BODY.PEEK[2.MIME] BODY.PEEK[3])"),
        Send(b'* 3 FETCH (UID 7 BODY[1] {3}\r\na\0b BODY[2.mime] "x" BODY[3] NIL)\r\n'),
        *transcript("S: q2 OK done"),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        assert session.fetch_parts(7, ["1", "2.MIME", "3"]) == {"1": b"a\0b", "2.MIME": b"x", "3": b""}
        assert session.fetch_parts(7, []) == {}


@pytest.mark.parametrize("answer", ["S: * 3 EXPUNGE", "S: * 3 FETCH (UID 8 BODY[1] NIL)", "S: * 3 EXISTS"])
def test_a_message_that_is_gone(answer: str):
    rest = f"""
        C: q2 UID FETCH 7 (UID BODY.PEEK[1])
        {answer}
        S: q2 OK done
    """
    with (
        ScriptedServer(signed_in("IMAP4rev1", rest)) as server,
        ready(server) as session,
        pytest.raises(ServerRefused, match="no longer in this folder"),
    ):
        session.fetch_parts(7, ["1"])


def test_a_part_the_server_refuses():
    rest = """
        C: q2 UID FETCH 7 (UID BODY.PEEK[9])
        S: q2 BAD no such section
    """
    with (
        ScriptedServer(signed_in("IMAP4rev1", rest)) as server,
        ready(server) as session,
        pytest.raises(ServerRefused, match="send this message: no such section"),
    ):
        session.fetch_parts(7, ["9"])


# -- in pieces ---------------------------------------------------------------------------------------


def asked(tag: int, offset: int) -> Expect:
    return Expect(f"q{tag} UID FETCH 7 (UID BODY.PEEK[2]<{offset}.{CHUNK}>)")


def piece(tag: int, offset: int, data: bytes) -> Send:
    answer = b"* 3 FETCH (UID 7 BODY[2]<%d> {%d}\r\n%s)\r\n" % (offset, len(data), data)
    return Send(answer + b"q%d OK done\r\n" % tag)


@pytest.mark.parametrize("told", [2 * CHUNK + 5, 2 * CHUNK - 100, 3 * CHUNK])
def test_a_part_in_pieces_whatever_size_was_told(told: int):
    content = [b"a" * CHUNK, b"b" * CHUNK, b"c" * 5]
    script: list[Step] = [
        *signed_in(),
        asked(2, 0),
        asked(3, CHUNK),
        piece(2, 0, content[0]),
        asked(4, 2 * CHUNK),
        piece(3, CHUNK, content[1]),
        asked(5, 3 * CHUNK),
        piece(4, 2 * CHUNK, content[2]),
        piece(5, 3 * CHUNK, b""),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        assert b"".join(session.fetch_part_chunks(7, "2", told)) == b"".join(content)


@pytest.mark.parametrize(
    "end",
    [
        b'* 3 FETCH (UID 7 BODY[2]<262144> "")\r\nq3 OK done\r\n',
        b"* 3 FETCH (UID 7 BODY[2]<262144> NIL)\r\nq3 OK done\r\n",
        b"q3 OK done\r\n",
        b"q3 NO beyond the end\r\n",
    ],
)
def test_a_part_that_ends_with_a_piece(end: bytes):
    script: list[Step] = [
        *signed_in(),
        asked(2, 0),
        asked(3, CHUNK),
        piece(2, 0, b"short"),
        Send(end),
        *transcript(
            """
            C: q4 NOOP
            S: q4 OK done
            """
        ),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        assert list(session.fetch_part_chunks(7, "2", 5)) == [b"short"]
        session.noop()


def test_pieces_of_a_message_that_is_gone():
    script = [
        *signed_in(),
        asked(2, 0),
        asked(3, CHUNK),
        *transcript(
            """
            S: q2 OK done
            S: q3 OK done
            C: q4 NOOP
            S: q4 OK done
            """
        ),
    ]
    with ScriptedServer(script) as server, ready(server) as session:
        with pytest.raises(ServerRefused, match="no longer in this folder"):
            list(session.fetch_part_chunks(7, "2", 5))
        session.noop()


@pytest.mark.parametrize("size", [CHUNK + 1, 50_000_000])
def test_a_piece_larger_than_asked_for_ends_the_session(size: int):
    script = [
        *signed_in(),
        asked(2, 0),
        asked(3, CHUNK),
        Send(b"* 3 FETCH (UID 7 BODY[2]<0> {%d}\r\n%s)\r\nq2 OK done\r\n" % (size, b"x" * size)),
    ]
    with (
        ScriptedServer(script) as server,
        ready(server) as session,
        pytest.raises(ProtocolViolation, match="more of an attachment than was asked for"),
    ):
        list(session.fetch_part_chunks(7, "2", 5))
