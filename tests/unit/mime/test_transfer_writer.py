"""Transfer encodings, chosen and written."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from qtmail.mime.transfer import decode_transfer
from qtmail.mime.transfer_writer import (
    base64_lines,
    encode_quoted_printable,
    encode_text,
    fits_lines,
    with_crlf,
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("", "7bit"),
        ("plain\r\n", "7bit"),
        ("-- \r\nAnn \r\n", "7bit"),
        ("x" * 998 + "\r\n", "7bit"),
        ("x" * 999 + "\r\n", "quoted-printable"),
        ("From now on\r\n", "quoted-printable"),
        ("nothing\0 to see\r\n", "quoted-printable"),
        ("Viele Grüße aus dem Süden, bis bald und macht es gut!\r\n", "quoted-printable"),
        ("会议通知\r\n", "base64"),
        ("Grüße ü ö\r\n", "base64"),
    ],
)
def test_the_lightest_encoding_is_taken(text: str, encoding: str) -> None:
    encoded = encode_text(text.encode())
    assert encoded.encoding == encoding
    assert decode_transfer(encoded.body, encoding, []) == text.encode()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("会议通知\r\n", "8bit"), ("plain\r\n", "7bit"), ("é" * 500 + "\r\n", "base64"), ("é\0\r\n", "base64")],
)
def test_eight_bits_are_used_where_they_are_allowed(text: str, encoding: str) -> None:
    assert encode_text(text.encode(), eight_bit=True).encoding == encoding


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        (b"a=b\r\n", b"a=3Db\r\n"),
        (b"blank \r\ntab\t\r\nend ", b"blank=20\r\ntab=09\r\nend=20"),
        (b"From me\r\nnot From me\r\n", b"=46rom me\r\nnot From me\r\n"),
        (b".\r\n..\r\n-- \r\n--b\r\n", b"=2E\r\n=2E.\r\n=2D-=20\r\n=2D-b\r\n"),
        ("é".encode(), b"=C3=A9"),
        (b"\0\x7f\x1b", b"=00=7F=1B"),
    ],
)
def test_quoted_printable(text: bytes, encoded: bytes) -> None:
    assert encode_quoted_printable(text) == encoded


@pytest.mark.parametrize(
    "text", ["é" * 300, "=" * 300, "From " * 90, "x" * 72 + "From me", "x" * 73 + ".b", "--" * 99]
)
def test_lines_of_quoted_printable_are_short_and_end_outside_an_escape(text: str) -> None:
    encoded = encode_quoted_printable(text.encode())
    lines = encoded.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert not any(line.startswith((b"From ", b".", b"--")) for line in lines)
    assert decode_transfer(encoded, "quoted-printable", []) == text.encode()


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 57 * 4096 - 1, 57 * 4096, 57 * 4096 + 1, 700_000])
@pytest.mark.parametrize("step", [1 << 20, 65_537])
def test_base64_is_the_same_however_the_content_is_cut(size: int, step: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    pieces = (content[start : start + step] for start in range(0, size, step))
    encoded = b"".join(base64_lines(pieces))
    assert encoded == base64.encodebytes(content).replace(b"\n", b"\r\n")


def test_base64_runs_along_with_its_content() -> None:
    """What has been read is handed on before the next megabyte is asked for."""
    read = 0

    def content() -> Iterator[bytes]:
        nonlocal read
        for _ in range(20):
            read += 1 << 20
            yield bytes(1 << 20)

    written = 0
    for piece in base64_lines(content()):
        written += len(piece)
        assert read - written * 57 // 78 < 2 << 20
        assert len(piece) < 400_000


def test_line_ends() -> None:
    assert with_crlf(b"a\nb\rc\r\nd\n\re") == b"a\r\nb\r\nc\r\nd\r\n\r\ne"
    assert fits_lines(b"x" * 998 + b"\r\n" + b"x" * 998)
    assert not fits_lines(b"x" * 999 + b"\r\n")
    assert not fits_lines(b"x" * 999)
    assert not fits_lines(b"\0")
