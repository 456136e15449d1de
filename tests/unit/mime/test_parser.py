"""Whole messages and messages in parts. The corpus holds most cases; here is what needs code to say."""

from __future__ import annotations

import base64
import time
import tracemalloc
from collections.abc import Callable

import pytest

from qtmail.domain.message import PartStructure
from qtmail.mime.parser import INLINE_IMAGE_BYTES, parse, parse_partial, sections_to_read
from qtmail.mime.tree import MAX_DEPTH, MAX_PARTS

HEADER = b"From: Ann <a@b>\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
MB = 1_000_000


def test_sections_are_those_of_imap() -> None:
    inner = HEADER + b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nx\r\n--i\r\n\r\ny\r\n--i--"
    single = HEADER + b"\r\nz"
    raw = (
        HEADER + b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\ntext\r\n"
        b"--o\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\np\r\n--a--\r\n"
        b"--o\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n"
        b"--o\r\nContent-Type: message/rfc822\r\n\r\n" + single + b"\r\n--o--\r\n"
    )
    sections = [part.section for part in parse(raw).root.walk()]
    assert sections == ["", "1", "2", "2.1", "3", "3.TEXT", "3.1", "3.2", "4", "4.1"]
    assert parse(HEADER + b"\r\nx").root.section == "1"


def test_attached_message_can_be_walked_and_opened() -> None:
    inner = HEADER + b"Subject: inner\r\n\r\ninside"
    raw = (
        HEADER
        + b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    message = parse(raw + inner + b"\r\n--o--\r\n")
    (attachment,) = message.attachments
    assert attachment.filename == "inner.eml"
    assert message.root.children[0].children[0].content == b"inside"
    assert parse(attachment.content or b"").text == "inside"


@pytest.mark.parametrize("kind", [b"mixed", b"alternative", b"related"])
def test_deep_nesting(kind: bytes) -> None:
    def nested(depth: int) -> bytes:
        heads = (
            b"Content-Type: multipart/%s; boundary=b%d\r\n\r\n--b%d\r\n" % (kind, n, n) for n in range(depth)
        )
        return HEADER + b"".join(heads) + b"\r\ntext"

    assert parse(nested(MAX_DEPTH)).text == "text"
    deeper = parse(nested(MAX_DEPTH * 3))
    assert deeper.attachments
    assert any("nested" in problem for problem in deeper.problems)


def test_messages_in_messages_in_messages() -> None:
    message = parse((HEADER + b"Content-Type: message/rfc822\r\n\r\n") * 1000)
    assert [item.content_type for item in message.attachments] == ["message/rfc822"]


def test_the_rest_of_too_many_parts_is_kept_together() -> None:
    raw = (
        HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * (MAX_PARTS + 10)
    )
    message = parse(raw + b"--b--\r\n")
    assert message.text.count("x") == MAX_PARTS + 10


def test_headers_are_decoded_for_display() -> None:
    message = parse("X-Note: =?utf-8?Q?=E4=BD=A0?=\nSubject: 通知\nFrom: a@b\n\nx".encode("gbk"))
    assert message.headers == (("X-Note", "你"), ("Subject", "通知"), ("From", "a@b"))


def test_preview_is_one_line_of_the_senders_own_words() -> None:
    message = parse(HEADER + b"\r\n> quoted\r\n----\r\nAnswer\r\n  goes   here " + b"x" * 500)
    assert message.preview.startswith("Answer goes here xxx")
    assert len(message.preview) == 200
    assert parse(HEADER + b"\r\n> only quoted").preview == "> only quoted"


@pytest.mark.parametrize(
    ("raw", "readable"),
    [
        (HEADER + b"\r\nx", True),
        (b"Subject: x", True),
        (b"just some text", True),
        (b"", False),
        (bytes(range(256)) * 20, False),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), False),
    ],
)
def test_readable(raw: bytes, readable: bool) -> None:
    assert parse(raw).readable is readable


def test_a_large_attachment_is_not_copied_around() -> None:
    size = 30 * MB
    raw = (
        HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
        b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(bytes(size))
        + b"\r\n--b--\r\n"
    )
    tracemalloc.start()
    message = parse(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert message.attachments[0].size == size
    assert peak < 2.5 * len(raw)


STRUCTURE = PartStructure(
    "",
    "multipart/mixed",
    children=(
        PartStructure(
            "1",
            "multipart/related",
            children=(
                PartStructure("1.1", "text/html", (("charset", "utf-8"),), "quoted-printable", 40),
                PartStructure("1.2", "image/png", (), "base64", 400, content_id="pic@x"),
                PartStructure("1.3", "image/png", (), "base64", 3 * INLINE_IMAGE_BYTES, content_id="big@x"),
            ),
        ),
        PartStructure(
            "2", "application/pdf", (), "base64", 7800, "attachment", (("filename*", "utf-8''%E4%BD%A0.pdf"),)
        ),
        PartStructure("3", "message/rfc822", (), "7bit", 99, children=(PartStructure("3.1", "text/plain"),)),
        PartStructure("4", "text/plain", (), "7bit", 5, "attachment", (("filename", "notes.txt"),)),
        PartStructure("5", "application/ms-tnef", (("name", "winmail.dat"),), "base64", 500),
    ),
)


def test_sections_to_read() -> None:
    assert sections_to_read(STRUCTURE) == ("1.1", "1.2", "5")
    assert sections_to_read(PartStructure("1", "text/plain")) == ("1",)
    assert sections_to_read(PartStructure("1", "application/pdf", size=10)) == ()


def test_partial_message() -> None:
    html = b'<p>=E4=BD=A0 <img src=3D"cid:pic@x"></p>'
    message = parse_partial(HEADER + b"Subject: s\r\n\r\n", STRUCTURE, {"1.1": html, "1.2": b"UE5H"})
    assert message.envelope.subject == "s"
    assert message.text == "你"
    assert message.html is not None
    assert "cid:pic@x" in message.html
    shown = [
        (item.section, item.filename, item.size, item.inline, item.content) for item in message.attachments
    ]
    assert shown == [
        ("1.2", "part-1.2.png", 3, True, b"PNG"),
        ("1.3", "part-1.3.png", 3 * INLINE_IMAGE_BYTES * 57 // 78, True, None),
        ("2", "你.pdf", 7800 * 57 // 78, False, None),
        ("3", "part-3.eml", 99, False, None),
        ("4", "notes.txt", 5, False, None),
        ("5", "winmail.dat", 500 * 57 // 78, False, None),
    ]
    assert message.raw is None


def test_partial_and_whole_reading_agree() -> None:
    raw = HEADER + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nplain\r\n"
    raw += b"--b\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n--b--\r\n"
    structure = PartStructure(
        "",
        "multipart/alternative",
        children=(PartStructure("1", "text/plain"), PartStructure("2", "text/html")),
    )
    whole, partial = parse(raw), parse_partial(raw, structure, {"1": b"plain", "2": b"<p>rich</p>"})
    assert (whole.text, whole.html, whole.envelope) == (partial.text, partial.html, partial.envelope)


def field(name: bytes, value: bytes) -> bytes:
    return name + b": " + value + b"\n\nx"


def typed(kind: bytes, body: bytes, encoding: bytes = b"7bit") -> bytes:
    return HEADER + b"Content-Type: " + kind + b"\nContent-Transfer-Encoding: " + encoding + b"\n\n" + body


HOSTILE: dict[str, Callable[[], bytes]] = {
    "words begun": lambda: field(b"Subject", b"=?" * (MB // 2)),
    "words unfinished": lambda: field(b"Subject", b"=?a?q?x " * (MB // 8)),
    "words of two charsets": lambda: field(b"Subject", b"=?utf-8?q?x?= =?gbk?q?x?= " * (MB // 26)),
    "folds": lambda: b"Subject: a" + b"\n b" * (MB // 3) + b"\n\nx",
    "angles": lambda: field(b"To", b"<" * MB),
    "quotes": lambda: field(b"To", b'"\\"' * (MB // 3)),
    "parentheses": lambda: field(b"To", b"(" * MB),
    "commas": lambda: field(b"To", b"a," * (MB // 2)),
    "literals": lambda: field(b"To", b"a@[" * (MB // 3)),
    "spaces in address": lambda: field(b"To", b"a" + b" " * MB + b"b@c"),
    "fields": lambda: b"X-A: b\n" * 100_000 + b"\nx",
    "garbage lines": lambda: b"A: b\n" + b"garbage\nX-b: c\n" * 60_000,
    "blank lines": lambda: b"\n" * MB,
    "parameters": lambda: typed(b"text/plain" + b'; a="b' * (MB // 6), b"x"),
    "boundaries": lambda: typed(b"multipart/mixed; boundary=b", b"--b\n\nx\n" * 100_000),
    "padded boundaries": lambda: typed(
        b"multipart/mixed; boundary=b", (b"--b" + b" " * 1000 + b"x\n") * 1000
    ),
    "nested parts": lambda: HEADER + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 20_000,
    "carriage returns": lambda: typed(b"text/plain", b"=\r" * (MB // 2), b"quoted-printable"),
    "base64 noise": lambda: typed(b"text/plain", b"Q!\n" * (MB // 3), b"base64"),
    "uuencode": lambda: typed(b"text/plain", b"begin 644 a\nend\n" * (MB // 16)),
    "escapes": lambda: typed(b"text/plain; charset=iso-2022-jp", b"\x1b$B$3\x1b(B" * (MB // 8)),
    "divs": lambda: typed(b"text/html", b"<div>" * (MB // 5)),
    "ampersands": lambda: typed(b"text/html", b"&" * MB),
    "comments": lambda: typed(b"text/html", b"<!--" * (MB // 4)),
    "style sheet": lambda: typed(b"text/html", b"<style>" + b"a{b:url(" * (MB // 8)),
    "style attribute": lambda: typed(b"text/html", b"<p style='" + b"a:url(;" * (MB // 7) + b"'>"),
    "addresses in text": lambda: typed(b"text/plain", b"a@" * (MB // 2)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_take_linear_time(name: str) -> None:
    """A megabyte takes well under a second, in quadratic time minutes. The limit allows for slow machines."""
    raw = HOSTILE[name]()
    started = time.process_time()
    parse(raw)
    assert time.process_time() - started < 6
