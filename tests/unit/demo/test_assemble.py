from __future__ import annotations

import email
from email.header import decode_header, make_header

import pytest

from qtmail.demo.assemble import file_part, flow, multipart, text_part, unwrap, words


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_words_round_trip_and_stay_short(charset: str) -> None:
    text = "一封很长很长的信，长到一个编码词装不下 with English in between"
    encoded = words(text, charset)
    assert all(len(line) <= 76 for line in encoded.split("\r\n"))
    assert str(make_header(decode_header(encoded.replace("\r\n", "")))) == text


def test_plain_ascii_needs_no_words() -> None:
    assert words("Re: shed", "gb18030") == "Re: shed"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("plain\n", "7bit"), ("mostly plain, a café\n", "quoted-printable"), ("全是汉字\n", "base64")],
)
def test_the_encoding_suits_the_text(text: str, encoding: str) -> None:
    message = email.message_from_bytes(bytes(text_part("text/plain", text)))
    assert message["Content-Transfer-Encoding"] == encoding
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == text


def test_a_label_may_lie() -> None:
    part = text_part("text/plain", "中文", charset="gb18030", label="us-ascii", encoding="8bit")
    assert b'charset="us-ascii"' in bytes(part)
    assert part.body == "中文".encode("gb18030")


def test_multipart_holds_its_parts_and_a_single_part_stays_alone() -> None:
    one = text_part("text/plain", "one")
    two = file_part("image/png", b"\x89PNG", filename="图.png", content_id="a@b.test")
    assert multipart("mixed", [one], "x") is one
    message = email.message_from_bytes(bytes(multipart("mixed", [one, two], "x")))
    _, first, second = message.walk()
    assert first.get_payload() == "one"
    assert second.get_payload(decode=True) == b"\x89PNG"
    assert second["Content-ID"] == "<a@b.test>"


def test_unwrap_joins_full_lines_only() -> None:
    long = "word " * 16 + "end"
    assert unwrap(f"{long}\nof it\n\nshort\nlines\n") == f"{long} of it\n\nshort\nlines\n"
    assert unwrap("汉" * 45 + "\n字") == "汉" * 45 + "字"
    assert unwrap(f"> {long}\n> quoted") == f"> {long}\n> quoted"


def test_flow_marks_lines_that_go_on() -> None:
    flowed = flow("one two three four\n\n> quoted words here", width=10)
    assert flowed == "one two \nthree four\n\n> quoted \n> words here"
