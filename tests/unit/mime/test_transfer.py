"""Transfer encodings, also when they are damaged or mislabelled."""

from __future__ import annotations

import base64
import binascii

import pytest

from qtmail.mime.transfer import decode_transfer
from qtmail.mime.uuencode import find_block, split_blocks


@pytest.mark.parametrize(
    ("encoding", "data", "decoded"),
    [
        ("base64", b"SGVsbG8=", b"Hello"),
        ("BASE64 (comment)", b"SGVs\r\nbG8=\r\n", b"Hello"),
        ("base64", b"SGVsbG8", b"Hello"),
        ("base64", b"SGVsbG8=\nIHdvcmxk", b"Hello world"),
        ("base64", b"SGVs!bG8=\n", b"Hello"),
        ("base64", b"> SGVs\n> bG8=\n", b"Hello"),
        ("base64", b"SGVsbG8=\n-- \nthe list footer\n", b"Hello"),
        ("base64", b"SGVs\n_____________\nlist footer\n", b"Hel"),
        ("base64", b"SGVsbG8=\n\n_____\nthe team list\nwrite to us to leave it\n", b"Hello"),
        ("base64", base64.urlsafe_b64encode(b"\xff\xef\xfe>>>"), b"\xff\xef\xfe>>>"),
        ("base64", b"", b""),
        ("quoted-printable", b"a=3Db=e4=\r\nc", b"a=b\xe4c"),
        ("Quoted-Printable; x", b"soft = \nbreak=\t\r\nx", b"soft breakx"),
        ("quoted-printable", b"50=% =ZZ ==3D =", b"50=% =ZZ == "),
        ("7bit", b"x=3D", b"x=3D"),
        ("8bit; charset=utf-8", b"x", b"x"),
        ("", b"x", b"x"),
    ],
)
def test_decoding(encoding: str, data: bytes, decoded: bytes) -> None:
    assert decode_transfer(data, encoding, []) == decoded


def test_plain_text_under_a_base64_label_stays_readable() -> None:
    problems: list[str] = []
    text = b"This is, plainly, no base64 at all.\n"
    assert decode_transfer(text, "base64", problems, text=True) == text
    assert problems == ["The content is labelled as base64 but is plain text."]


def test_unknown_encoding_is_reported() -> None:
    problems: list[str] = []
    assert decode_transfer(b"x", "x-yzip", problems) == b"x"
    assert problems == ["The transfer encoding “x-yzip” is unknown; the content was taken as it is."]


def uuencoded(data: bytes) -> bytes:
    lines = b"".join(binascii.b2a_uu(data[start : start + 45]) for start in range(0, len(data), 45))
    return b"begin 644 file name.bin\n" + lines + b"`\nend\n"


def test_uuencoded_block_is_cut_out_of_its_text() -> None:
    data = bytes(range(256))
    rest, blocks = split_blocks(b"before\n" + uuencoded(data) + b"after\n" + uuencoded(b"2"))
    assert [(block.name, block.content) for block in blocks] == [
        (b"file name.bin", data),
        (b"file name.bin", b"2"),
    ]
    assert rest == b"before\n\nafter\n\n"


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 or so we thought\nand then came the\nend\n",
        b"begin 644 x\nno end here",
        b"we begin 644 x\nM\nend\n",
        b"begin 6 x\n`\nend\n",
    ],
)
def test_prose_is_no_uuencoded_file(text: bytes) -> None:
    assert find_block(text) is None


def test_crlf_and_stripped_trailing_spaces_do_not_hurt() -> None:
    data = bytes(90)
    block = find_block(uuencoded(data).replace(b"`", b" ").replace(b" \n", b"\n").replace(b"\n", b"\r\n"))
    assert block is not None
    assert block.content == data
