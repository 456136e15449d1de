"""The grammar: strings, lists and literals in, quoted strings and literals out."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.protocols.imap_syntax import (
    MAX_DEPTH,
    Literal,
    MalformedError,
    Response,
    Untagged,
    Value,
    astring,
    number,
    parse_code,
    parse_untagged,
    parse_values,
    words,
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"", []),
        (b"atom 12 NIL nil NILS", [b"atom", b"12", None, None, b"NILS"]),
        (b'"a b" "" "NIL"', [b"a b", b"", b"NIL"]),
        (b'"quote \\" and \\\\ and \\x"', [b'quote " and \\ and x']),
        (b"(a (b NIL) ()) c", [[b"a", [b"b", None], []], b"c"]),
        (b"(a)(b)", [[b"a"], [b"b"]]),
        (
            b"BODY[HEADER.FIELDS (DATE FROM)]<0> x",
            [b"BODY[HEADER.FIELDS (DATE FROM)]<0>", b"x"],
        ),
        (b"[Gmail]/All open[ended", [b"[Gmail]/All", b"open[ended"]),
        (b"\\Seen \\* $Junk", [b"\\Seen", b"\\*", b"$Junk"]),
        (b"nul\0 \xff\xfe", [b"nul\0", b"\xff\xfe"]),
        (b'x"y"', [b"x", b"y"]),
        (b'"(" ")"', [b"(", b")"]),
    ],
)
def test_values(text: bytes, values: list[Value]):
    assert parse_values(text) == values


def test_literals_take_their_places():
    assert parse_values(b"(\n x \n)", (b"one ) (", b"")) == [[b"one ) (", b"x", b""]]


@pytest.mark.parametrize("text", [b"(", b")", b"(()", b'"', b'"abc', b'"abc\\"', b'a "b', b'"\\'])
def test_what_does_not_match_up_is_refused(text: bytes):
    with pytest.raises(MalformedError):
        parse_values(text)


def test_depth_is_limited_without_recursion():
    assert parse_values(b"(" * MAX_DEPTH + b")" * MAX_DEPTH)
    with pytest.raises(MalformedError, match="deeper"):
        parse_values(b"(" * 100_000 + b")" * 100_000)


@pytest.mark.parametrize("piece", [b'"', b'\\"', b'"\\"', b"[", b"[]", b"[(", b'("', b"\\", b"\0", b'"\n'])
def test_hostile_text_takes_linear_time(piece: bytes):
    text = piece * (1_000_000 // len(piece))
    began = time.perf_counter()
    with contextlib.suppress(MalformedError):
        parse_values(text)
    assert time.perf_counter() - began < 3


@given(
    st.recursive(st.binary(max_size=8) | st.none(), lambda inner: st.lists(inner, max_size=4), max_leaves=12)
)
def test_what_is_written_is_read_again(value: Value):
    literals: list[bytes] = []

    def write(item: Value) -> bytes:
        if item is None:
            return b"NIL"
        if isinstance(item, list):
            return b"(" + b" ".join(map(write, item)) + b")"
        if b"\n" in item or b"\r" in item:
            literals.append(item)
            return b"\n"
        return b'"' + item.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'

    assert parse_values(write(value), tuple(literals)) == [value]


@given(st.binary())
def test_any_bytes_are_read_or_refused(text: bytes):
    with contextlib.suppress(MalformedError):
        parse_values(text)


@pytest.mark.parametrize(
    ("text", "untagged"),
    [
        (b"* 12 EXISTS", Untagged(12, b"EXISTS", b"")),
        (b"* 3 fetch (UID 1)", Untagged(3, b"FETCH", b"(UID 1)")),
        (b"* 3 FETCH(UID 1)", Untagged(3, b"FETCH", b"(UID 1)")),
        (b"*  LIST  () NIL x", Untagged(0, b"LIST", b"() NIL x")),
        (b"* OK [ALERT] hi", Untagged(0, b"OK", b"[ALERT] hi")),
    ],
)
def test_untagged(text: bytes, untagged: Untagged):
    assert parse_untagged(Response(text)) == untagged


@pytest.mark.parametrize("text", [b"*", b"* ", b"*OK", b"* ("])
def test_an_untagged_response_that_says_nothing(text: bytes):
    assert parse_untagged(Response(text)) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"plain words", (b"", b"", "plain words")),
        (b"[alert] Attention", (b"ALERT", b"", "Attention")),
        (b"[UIDNEXT 4392] next", (b"UIDNEXT", b"4392", "next")),
        (b"[PERMANENTFLAGS (\\Seen \\*)]", (b"PERMANENTFLAGS", b"(\\Seen \\*)", "")),
        (b"[unclosed words", (b"", b"", "[unclosed words")),
        (b"", (b"", b"", "")),
    ],
)
def test_codes(text: bytes, code: tuple[bytes, bytes, str]):
    assert parse_code(text) == code


def test_words_are_fit_to_be_shown():
    assert words(b"a\x1b[31mb\0 \xff c\r") == "a [31mb  \N{REPLACEMENT CHARACTER} c"
    assert words("请使用授权码".encode()) == "请使用授权码"
    assert len(words(b"x" * 100_000)) == 500


@pytest.mark.parametrize("value", [None, [], b"", b"-1", b"1.5", b"x", b"9" * 20, "²".encode()])
def test_what_is_no_number_is_refused(value: Value):
    with pytest.raises(MalformedError):
        number(value)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (b"INBOX", b'"INBOX"'),
        (b"", b'""'),
        (b'a "b" \\c', b'"a \\"b\\" \\\\c"'),
        (b"NIL", b'"NIL"'),
        (b"two\r\nlines", Literal(b"two\r\nlines")),
        (b"nul\0", Literal(b"nul\0")),
        ("ä".encode(), Literal("ä".encode())),
        (b"x" * 1001, Literal(b"x" * 1001)),
    ],
)
def test_strings_for_commands(text: bytes, written: bytes | Literal):
    assert astring(text) == written


def test_utf8_may_be_quoted_once_enabled():
    assert astring("ä".encode(), utf8=True) == '"ä"'.encode()
