"""The bytes of a message as DATA and BDAT carry them, whatever the pieces they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.errors import MessageUnsendable
from qtmail.protocols.smtp_data import checked, chunks, dot_stuffed

pieces = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"..", b"a", b"", b"abc\r\n"]), max_size=12)


def is_sendable(message: bytes) -> bool:
    without = message.replace(b"\r\n", b"")
    return bool(message) and b"\r" not in without and b"\n" not in without


def ended(message: bytes) -> bytes:
    return message if message.endswith(b"\r\n") else message + b"\r\n"


@given(pieces)
def test_nothing_but_whole_line_ends_passes(given_pieces: list[bytes]):
    message = b"".join(given_pieces)
    if is_sendable(message):
        out = list(checked(given_pieces))
        assert b"".join(out) == ended(message)
        assert not any(piece.endswith(b"\r") for piece in out)
    else:
        with pytest.raises(MessageUnsendable):
            list(checked(given_pieces))


@given(pieces)
def test_dots_are_doubled_where_a_line_begins(given_pieces: list[bytes]):
    message = b"".join(given_pieces)
    if is_sendable(message):
        lines = ended(message).split(b"\r\n")
        expected = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
        assert b"".join(dot_stuffed(checked(given_pieces))) == expected


@given(st.binary(min_size=1, max_size=60), st.integers(1, 20), st.integers(1, 10), st.integers(1, 30))
def test_chunks_keep_their_sizes_and_lose_nothing(message: bytes, size: int, last_size: int, cut: int):
    given_pieces = [message[start : start + cut] for start in range(0, len(message), cut)]
    *before, last = chunks(given_pieces, size, last_size)
    assert b"".join(data for data, _ in [*before, last]) == message
    assert all(1 <= len(data) <= size and not is_last for data, is_last in before)
    assert 1 <= len(last[0]) <= last_size and last[1]
