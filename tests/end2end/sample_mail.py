"""Reproducible mail in bulk: the same seed gives the same messages, byte for byte."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

TINY = 0
"""`size` of messages that are only a header and one line: for tests of header sync."""
FULL = 35_000
"""`size` in bytes of an ordinary message with text, HTML and a small attachment."""

NEWEST = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
SPACING = timedelta(minutes=7)

PEOPLE = (
    ("Ada Fuller", "ada.fuller"),
    ("Bertrand Okoye", "bertrand"),
    ("Chiara Lindqvist", "chiara.l"),
    ("李明", "li.ming"),
    ("王小红", "xiaohong.wang"),
    ("Jürgen Weiß", "j.weiss"),
    ("Priya Raman", "priya"),
    ("build robot", "noreply"),
)
SUBJECTS = (
    "Minutes of the {} meeting",
    "Re: budget for {}",
    "Your order {} has been shipped",
    "关于{}的安排",
    "Re: 会议纪要 {}",
    "Fwd: photos from {}",
    "[builds] job {} succeeded",
    "Größere Änderung an {}",
)
WORDS = """
    harbour lantern quiet reply morning garden river copper window letter paper signal winter market
    bridge answer carry promise number travel season orange silver thunder velvet whisper yellow
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to be put into a folder.

    Attributes:
        raw: the message with CRLF line ends.
        flags: IMAP flags as they are written in APPEND.
        date: the internal date.
    """

    raw: bytes
    flags: tuple[str, ...] = ()
    date: datetime | None = None


def messages(count: int, *, seed: int = 1, size: int = TINY) -> Iterator[Mail]:
    """`count` messages of about `size` bytes, oldest first; four in five are read, one in thirty flagged."""
    chance = random.Random(seed)
    filler = _filler(chance)
    for number in range(count):
        date = NEWEST - SPACING * (count - number)
        header = _header(chance, seed, number, date)
        body = _full_body(chance, filler, size) if size else _tiny_body(number)
        yield Mail((header + body).encode("ascii"), _flags(chance), date)


def _flags(chance: random.Random) -> tuple[str, ...]:
    seen = ("\\Seen",) if chance.random() < 0.8 else ()
    flagged = ("\\Flagged",) if chance.random() < 0.03 else ()
    return seen + flagged


def _encoded(text: str) -> str:
    """RFC 2047 section 2, base64, for what is not ASCII."""
    if text.isascii():
        return text
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def _header(chance: random.Random, seed: int, number: int, date: datetime) -> str:
    name, local = PEOPLE[chance.randrange(len(PEOPLE))]
    other, other_local = PEOPLE[chance.randrange(len(PEOPLE))]
    subject = SUBJECTS[chance.randrange(len(SUBJECTS))].format(number)
    when = format_datetime(date)
    answered = max(0, number - chance.randrange(1, 40))
    return (
        f"Return-Path: <{local}@example.org>\r\n"
        f"Received: from relay.example.org (relay.example.org [192.0.2.{number % 250}])\r\n"
        f"\tby mx.example.net with ESMTPS id {number:010x}; {when}\r\n"
        f"From: {_encoded(name)} <{local}@example.org>\r\n"
        f"To: Me <me@example.net>, {_encoded(other)} <{other_local}@example.com>\r\n"
        f"Subject: {_encoded(subject)}\r\n"
        f"Date: {when}\r\n"
        f"Message-ID: <{seed}.{number}@example.org>\r\n"
        f"In-Reply-To: <{seed}.{answered}@example.org>\r\n"
        f"References: <{seed}.{answered}@example.org>\r\n"
        "MIME-Version: 1.0\r\n"
    )


def _tiny_body(number: int) -> str:
    return f"Content-Type: text/plain; charset=utf-8\r\n\r\nThis is message {number}.\r\n"


def _filler(chance: random.Random) -> tuple[str, str]:
    """Long runs of words and of base64 that bodies are cut from: cheaper than new random text each time."""
    words = WORDS.split()
    lines = (" ".join(chance.choices(words, k=10)) for _ in range(4000))
    return "\r\n".join(lines), base64.encodebytes(chance.randbytes(400_000)).decode().replace("\n", "\r\n")


def _full_body(chance: random.Random, filler: tuple[str, str], size: int) -> str:
    """Text and HTML for a tenth of the size each, and an attachment that fills the rest."""
    words, encoded = filler
    tenth = size // 10
    text = _cut(words, chance, tenth)
    html = "<p>" + _cut(words, chance, tenth).replace("\r\n", "</p>\r\n<p>") + "</p>"
    attachment = _cut(encoded, chance, max(0, size - len(text) - len(html) - 1200))
    return (
        'Content-Type: multipart/mixed; boundary="outer"\r\n\r\n'
        '--outer\r\nContent-Type: multipart/alternative; boundary="inner"\r\n\r\n'
        f"--inner\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--inner\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>{html}</body></html>\r\n"
        "--inner--\r\n"
        '--outer\r\nContent-Type: application/octet-stream; name="data.bin"\r\n'
        'Content-Disposition: attachment; filename="data.bin"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{attachment}\r\n--outer--\r\n"
    )


def _cut(source: str, chance: random.Random, length: int) -> str:
    """About `length` characters of whole lines from a random place of `source`."""
    start = source.find("\r\n", chance.randrange(max(1, len(source) - length - 200))) + 2
    return source[start : source.rfind("\r\n", start, start + length + 100)]
