"""The text of a message, whatever the pieces it comes in."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qtmail.protocols.pop3_data import Unstuffing

atoms = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b".", b"..", b"a", b"\r\n.", b"\r\n.\r", b"\xff", b"long line "]
)
messages = st.lists(atoms, max_size=20).map(b"".join).filter(lambda raw: not raw or raw.endswith(b"\r\n"))


def stuffed(message: bytes) -> bytes:
    """As a server sends it (RFC 1939 section 3)."""
    lines = message.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b".\r\n"


def read(pieces: list[bytes]) -> tuple[bytes, bytes, bool]:
    """The text, what was left over, and whether it ended."""
    unstuffing = Unstuffing()
    text = rest = b""
    for piece in pieces:
        if unstuffing.ended:
            rest += piece
            continue
        found, used = unstuffing.feed(piece)
        text += found
        rest += piece[used:]
    return text, rest, unstuffing.ended


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[begin:end] for begin, end in pairwise(places)]


@given(
    messages,
    st.lists(st.integers(0, 1000), max_size=12),
    st.sampled_from([b"", b"+OK", b".\r\n", b"\r\n.\r\n"]),
)
@example(b"", [], b"+OK")
@example(b".\r\n..\r\n\r\n.\r\n", [1, 2, 3, 4, 5, 6], b".\r\n")
def test_any_message_in_any_pieces(message: bytes, cuts: list[int], next_answer: bytes):
    wire = stuffed(message) + next_answer
    assert read(split(wire, cuts)) == (message, next_answer, True)


@given(messages)
def test_byte_by_byte(message: bytes):
    wire = stuffed(message)
    assert read([wire[place : place + 1] for place in range(len(wire))]) == (message, b"", True)


@given(messages, st.integers(1, 5))
def test_without_its_end_it_has_not_ended(message: bytes, missing: int):
    wire = stuffed(message)[:-missing]
    text, rest, ended = read([wire])
    assert not ended
    assert rest == b""
    assert message.startswith(text)


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n"),
        (b"a\r.\rb\r\n.\r\n", b"a\r.\rb\r\n"),
        (b".not stuffed\r\n.\r\n", b"not stuffed\r\n"),
        (b"a\r\n.\rb\r\n.\r\n", b"a\r\n\rb\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
    ],
)
def test_odd_texts(wire: bytes, text: bytes):
    """Bare CR and LF are content, never line ends."""
    assert read([wire]) == (text, b"", True)
