"""Envelopes, by the fast way and by the tolerant one."""

from __future__ import annotations

import pytest

from qtmail.domain.address import Address
from qtmail.mime.headers import envelope_from_fields, envelope_from_header, split_header

HEADER = (
    b"Return-Path: <x@y>\r\nFrom: =?utf-8?B?5byg5LiJ?= <z@x.cn>\r\nTo: a@b,\r\n c@d\r\nCC: e@f\r\n"
    b"Subject: =?utf-8?Q?a?=\r\n =?utf-8?Q?b?=\r\nDate: Mon, 1 Jan 2024 10:00:00 +0800\r\n"
    b"Message-Id: <1@x>\r\nIn-Reply-To: Your message <0@x>\r\nReferences: <p@x>\r\n <q@x>\r\n\r\n"
)


def test_envelope() -> None:
    envelope = envelope_from_header(HEADER)
    assert envelope.subject == "ab"
    assert envelope.from_ == (Address("张三", "z@x.cn"),)
    assert envelope.to == (Address("", "a@b"), Address("", "c@d"))
    assert envelope.cc == (Address("", "e@f"),)
    assert envelope.date is not None
    assert envelope.date.isoformat() == "2024-01-01T02:00:00+00:00"
    assert envelope.message_id == "1@x"
    assert envelope.in_reply_to == "0@x"
    assert envelope.references == ("p@x", "q@x")


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        HEADER.replace(b"\r\n", b"\n"),
        b"\n" + HEADER,
        b"\xef\xbb\xbf" + HEADER,
        b"From x@y Mon Jan  1 10:00:00 2024\r\n" + HEADER,
        b"garbage line\r\n" + HEADER,
        HEADER.replace(b"Cc: ", b"Cc:\r\n "),
        HEADER.replace(b"Subject", b"SUBJECT").replace(b"From", b"from"),
        HEADER.replace(b"z@x.cn", b"z@\0x.cn"),
    ],
)
def test_both_ways_agree(header: bytes) -> None:
    assert envelope_from_header(header) == envelope_from_fields(split_header(header))
    assert envelope_from_header(header).subject == "ab"


def test_raw_text_is_guessed_over_the_whole_header() -> None:
    header = "From: 李明 <l@x>\nSubject: 通知\nTo: 请各位同事准时参加会议 <t@x>\n\n".encode("gbk")
    envelope = envelope_from_header(header)
    assert (envelope.from_[0].name, envelope.subject) == ("李明", "通知")


def test_declared_charset_helps() -> None:
    header = "Subject: 請求書\nContent-Type: text/plain; charset=euc-jp\n\n".encode("euc_jp")
    assert envelope_from_header(header).subject == "請求書"


def test_repeated_fields() -> None:
    header = b"Subject:\nSubject: a\nSubject: b\nTo: a@b\nTo: c@d\nFrom: e@f\nFrom: g@h\n\n"
    problems: list[str] = []
    envelope = envelope_from_fields(split_header(header), problems=problems)
    assert envelope == envelope_from_header(header)
    assert (envelope.subject, len(envelope.to), envelope.from_[0].address) == ("a", 2, "e@f")
    assert len(problems) == 2
