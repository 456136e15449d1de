"""Whole messages: their fields, the tree of their parts, and files that are read while they are written."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest

from qtmail.domain.address import Address
from qtmail.errors import FileFailed, MessageUnsendable
from qtmail.mime.builder import build
from qtmail.mime.outgoing import OutgoingMessage, OutgoingPart
from qtmail.mime.parser import parse

LETTER = OutgoingMessage(
    from_=Address("Ann", "ann@example.org"),
    to=(Address("Bob", "bob@example.org"),),
    subject="Lunch",
    date=datetime(2026, 11, 21, 14, 5, tzinfo=timezone(timedelta(hours=8))),
    message_id="1@example.org",
    text="See you at noon.",
)
HIDDEN = (Address("", "hidden@example.org"),)


def part(content: bytes = b"content", **fields: str) -> OutgoingPart:
    values = {"filename": "a.bin", "content_type": "application/octet-stream", "content_id": "", **fields}
    return OutgoingPart(size=len(content), open=lambda: iter([content]), **values)


def built(message: OutgoingMessage, **options: bool) -> bytes:
    return b"".join(build(message, **options))


def tree(raw: bytes) -> object:
    """The types of the parts, nested as they are."""

    def types(message: Message) -> object:
        if not message.is_multipart() or message.get_content_maintype() == "message":
            return message.get_content_subtype()
        return (message.get_content_subtype(), [types(child) for child in message.get_payload()])  # type: ignore[arg-type]

    return types(message_from_bytes(raw))


def test_a_plain_letter_byte_for_byte() -> None:
    assert built(LETTER).decode() == (
        "Date: Sat, 21 Nov 2026 14:05:00 +0800\r\n"
        "From: Ann <ann@example.org>\r\n"
        "To: Bob <bob@example.org>\r\n"
        "Subject: Lunch\r\n"
        "Message-ID: <1@example.org>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=us-ascii; format=flowed\r\n"
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "See you at noon.\r\n"
    )


BOTH = ("alternative", ["plain", "html"])
MESSAGE = "message/rfc822"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "plain"),
        ({"html": "<p>x</p>"}, BOTH),
        ({"html": "<p>x</p>", "text": " \n"}, "html"),
        ({"html": "", "text": ""}, "html"),
        (
            {"html": "x", "inline": (part(),)},
            ("alternative", ["plain", ("related", ["html", "octet-stream"])]),
        ),
        ({"html": "x", "text": "", "inline": (part(),)}, ("related", ["html", "octet-stream"])),
        ({"inline": (part(),)}, ("mixed", ["plain", "octet-stream"])),
        ({"attachments": (part(), part())}, ("mixed", ["plain", "octet-stream", "octet-stream"])),
        ({"html": "x", "attachments": (part(),)}, ("mixed", [BOTH, "octet-stream"])),
        ({"attachments": (part(b"A: b\n\nc", content_type=MESSAGE),)}, ("mixed", ["plain", "rfc822"])),
        ({"attachments": (part(b"\xff", content_type=MESSAGE),)}, ("mixed", ["plain", "octet-stream"])),
        ({"attachments": (part(content_type="message/partial"),)}, ("mixed", ["plain", "octet-stream"])),
    ],
)
def test_the_tree_has_only_what_is_needed(changes: dict[str, Any], expected: object) -> None:
    assert tree(built(replace(LETTER, **changes))) == expected


def test_pictures_in_the_text() -> None:
    picture = part(b"\x89PNG", filename="图.png", content_type="image/png", content_id="pic.1@example.org")
    raw = built(replace(LETTER, html='<img src="cid:pic.1@example.org">', inline=(picture,)))
    assert b'; type="text/html"' in raw
    assert b"Content-ID: <pic.1@example.org>\r\n" in raw
    (shown,) = parse(raw).attachments
    assert (shown.inline, shown.content_id, shown.filename) == (True, "pic.1@example.org", "图.png")


def test_blind_recipients_stay_out_of_the_bytes() -> None:
    message = replace(LETTER, bcc=HIDDEN)
    assert b"hidden" not in built(message)
    assert b"Bcc: hidden@example.org\r\n" in built(message, include_bcc=True)


def test_mail_to_blind_recipients_alone_says_so() -> None:
    message = replace(LETTER, to=(Address("friends", ""),), bcc=HIDDEN)
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in built(message)
    assert b"\r\nTo: friends:;\r\n" in built(message, include_bcc=True)


def test_a_draft_may_be_half_done() -> None:
    typed = (Address("", "bob@exam ple"), Address("Bob", ""), Address("", "张三"))
    draft = replace(LETTER, from_=Address("", ""), to=typed, subject="", text="")
    raw = built(draft, include_bcc=True)
    assert b"From:" not in raw
    assert parse(raw).envelope.to == (Address("bob@exam ple", ""), Address("Bob", ""), Address("张三", ""))


def test_what_cannot_be_sent_is_said_before_anything_is_written() -> None:
    for unsendable in (
        replace(LETTER, from_=Address("Ann", "")),
        replace(LETTER, to=(Address("", "bob"),)),
        replace(LETTER, extra=(("Bcc", "x"),)),
    ):
        with pytest.raises(MessageUnsendable):
            build(unsendable)


def test_international_addresses_alone_bring_utf8_into_the_header() -> None:
    assert built(replace(LETTER, to=(Address("用户", "bob@例子.中国"),))).isascii()
    raw = built(replace(LETTER, to=(Address("用户", "用户@例子.中国"),)))
    assert "<用户@例子.中国>".encode() in raw


def test_text_is_cleaned_of_what_no_reader_shows() -> None:
    raw = built(replace(LETTER, text="\ufeffa\0\x1b$Bb\rc\r\nd \ud83d", html="<p>\0\x08x\ud83d</p>"))
    plain, html = [one.content or b"" for one in parse(raw).root.walk() if not one.children]
    assert plain.decode() == "a$Bb\r\nc\r\nd \ufffd\r\n"
    assert html.decode() == "<p>x\ufffd</p>\r\n"


def test_flowed_and_fixed_text() -> None:
    long = "word " * 50 + "end"
    flowed, fixed = built(replace(LETTER, text=long)), built(replace(LETTER, text=long, flowed=False))
    assert parse(flowed).text == parse(fixed).text == long
    assert max(map(len, flowed.split(b"\r\n"))) <= 78
    assert b"format=flowed" not in fixed


def test_eight_bits_only_where_they_are_allowed() -> None:
    message = replace(LETTER, text="会议", html="<p>会议</p>", attachments=(part(),))
    assert built(message).isascii()
    raw = built(message, eight_bit=True)
    assert raw.count(b"Content-Transfer-Encoding: 8bit") == 4  # both texts, and the multiparts around them
    assert parse(raw).text == parse(built(message)).text == "会议"


def test_an_attached_message_is_recoded_inside_and_never_wrapped() -> None:
    inner = "From: a@b.c\nSubject: 会议\nContent-Type: text/plain; charset=utf-8\n\n你好\n".encode()
    message = replace(LETTER, attachments=(part(inner, filename="m.eml", content_type="message/rfc822"),))
    for raw, encoding in ((built(message), b"7bit"), (built(message, eight_bit=True), b"8bit")):
        (attached,) = parse(raw).attachments
        assert b'message/rfc822; name="m.eml"\r\nContent-Transfer-Encoding: ' + encoding in raw
        assert attached.content is not None
        inside = parse(attached.content)
        assert (inside.envelope.subject, inside.text) == ("会议", "你好")


def test_a_signed_message_that_cannot_travel_is_attached_as_a_file() -> None:
    inner = "A: b\nContent-Type: multipart/signed; boundary=x\n\n--x\n\né\n--x--\n".encode()
    raw = built(replace(LETTER, attachments=(part(inner, filename="m.eml", content_type="message/rfc822"),)))
    (attached,) = parse(raw).attachments
    assert (attached.content_type, attached.content) == ("application/octet-stream", inner)


@pytest.mark.parametrize("content", [b"", b"\xff" * 1000, b"\r\n.\r\nFrom \n\0", bytes(range(256)) * 300])
@pytest.mark.parametrize("content_type", ["text/plain", "image/png"])
def test_files_arrive_byte_for_byte(content: bytes, content_type: str) -> None:
    raw = built(replace(LETTER, attachments=(part(content, filename="空文件", content_type=content_type),)))
    (attached,) = parse(raw).attachments
    assert (attached.filename, attached.content_type, attached.content) == ("空文件", content_type, content)


@pytest.mark.parametrize("pieces", [[b"1234", b"56789"], [b"123"], []])
def test_a_file_that_changed_is_an_error(pieces: list[bytes]) -> None:
    changed = OutgoingPart("合同\n.pdf", "application/pdf", 8, open=lambda: iter(pieces))
    with pytest.raises(FileFailed, match="changed while it was being read") as caught:
        built(replace(LETTER, attachments=(changed,)))
    assert "\n" not in caught.value.sentence


def test_a_file_that_cannot_be_read_is_an_error() -> None:
    def missing() -> Iterator[bytes]:
        yield b"half"
        raise FileFailed("“a.pdf” is no longer there.")

    message = replace(LETTER, attachments=(OutgoingPart("a.pdf", "application/pdf", 8, open=missing),))
    with pytest.raises(FileFailed, match="no longer there"):
        built(message)


def test_boundaries_differ_from_each_other_and_from_message_to_message() -> None:
    message = replace(LETTER, html="x", inline=(part(content_id="a"),), attachments=(part(),))
    found = [one for _ in range(5) for one in re.findall(rb'boundary="(.*?)"', built(message))]
    assert len(set(found)) == 15
    assert all(b"=_" in one for one in found)


def test_a_large_message_comes_in_pieces_too() -> None:
    inner = b"Subject: large\r\n\r\n" + b"line\r\n" * 400_000
    message = replace(LETTER, attachments=(part(inner, content_type=MESSAGE),))
    pieces = list(build(message))
    assert max(map(len, pieces)) <= 1 << 20
    assert parse(b"".join(pieces)).attachments[0].content == inner


def test_a_large_file_is_never_held_whole() -> None:
    size = 40 << 20
    piece = bytes(256 * 1024)

    def content() -> Iterable[bytes]:
        return (piece for _ in range(size // len(piece)))

    large = OutgoingPart("a.iso", "application/octet-stream", size, open=lambda: iter(content()))
    tracemalloc.start()
    sizes = [len(one) for one in build(replace(LETTER, attachments=(large,)))]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) > size
    assert max(sizes) <= 1 << 20
    assert len(sizes) < 300
    assert peak < 8 << 20
