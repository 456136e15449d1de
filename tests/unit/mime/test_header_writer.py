"""Header fields as they are written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from qtmail.domain.address import Address
from qtmail.errors import MessageUnsendable
from qtmail.mime.header_writer import (
    MAX_REFERENCES,
    address_field,
    date_field,
    extra_field,
    id_field,
    message_id_field,
    refolded,
    text_field,
)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "Subject: \r\n"),
        ("Lunch on Friday?", "Subject: Lunch on Friday?\r\n"),
        ("  much \t space  ", "Subject: much space\r\n"),
        ("one\r\nBcc: x@y.z", "Subject: one Bcc: x@y.z\r\n"),
        ("a\0b\x1bc\x7fd\u2028e", "Subject: a b c d e\r\n"),
        ("price: 5 €", "Subject: price: 5 =?utf-8?B?4oKs?=\r\n"),
        ("日本 語 and more", "Subject: =?utf-8?B?5pel5pysIOiqng==?= and more\r\n"),
        ("looks like =?utf-8?Q?x?=", "Subject: looks like =?utf-8?B?PT91dGYtOD9RP3g/PQ==?=\r\n"),
        ("half \ud83d a pair", "Subject: half =?utf-8?B?77+9?= a pair\r\n"),
    ],
)
def test_texts(text: str, field: str) -> None:
    assert text_field("Subject", text).decode() == field


def test_long_texts_are_folded_between_words_and_never_after_the_name() -> None:
    lines = text_field("Subject", "word " * 40 + "x" * 200 + " end").decode().splitlines()
    assert max(map(len, lines)) <= 78
    assert lines[0].startswith("Subject: word word")
    assert all(line.startswith(" ") and line.strip() for line in lines[1:])
    first = text_field("Subject", "会" * 100).decode().splitlines()[0]
    assert 70 < len(first) <= 78


@pytest.mark.parametrize(
    ("person", "written"),
    [
        (Address("", "ann@example.org"), "ann@example.org"),
        (Address("ann@example.org", "ann@example.org"), "ann@example.org"),
        (Address("", "o'brien@example.org"), "<o'brien@example.org>"),
        (Address("Ann Lee", "ann@example.org"), "Ann Lee <ann@example.org>"),
        (Address("Lee, Ann", "ann@example.org"), '"Lee, Ann" <ann@example.org>'),
        (Address("John Q. Public", "j@example.org"), '"John Q. Public" <j@example.org>'),
        (Address('The "Boss" \\o/', "b@example.org"), '"The \\"Boss\\" \\\\o/" <b@example.org>'),
        (Address("=?utf-8?Q?x?=", "x@example.org"), "=?utf-8?B?PT91dGYtOD9RP3g/PQ==?= <x@example.org>"),
        (Address("Jörg Bo", "j@bücher.de"), "=?utf-8?Q?J=C3=B6rg_Bo?= <j@xn--bcher-kva.de>"),
        (Address("张三", "用户@例子.中国"), "=?utf-8?B?5byg5LiJ?= <用户@例子.中国>"),
        (Address("Eve\r\nBcc: x@y.z", "eve@example.org"), '"Eve Bcc: x@y.z" <eve@example.org>'),
    ],
)
def test_mailboxes(person: Address, written: str) -> None:
    assert address_field("To", [person]).decode() == f"To: {written}\r\n"


def test_long_lists_are_folded_between_mailboxes() -> None:
    people = [Address("张三丰", f"zhang{number}@example.cn") for number in range(30)]
    lines = address_field("To", people).decode().splitlines()
    assert max(map(len, lines)) <= 78
    assert sum(line.count("@") for line in lines) == 30
    assert all(line.endswith((",", ">", "=")) for line in lines)


def test_groups_are_kept_only_where_asked_for() -> None:
    people = [Address("undisclosed recipients", ""), Address("", "ann@example.org"), Address("", "")]
    assert address_field("To", people) == b"To: ann@example.org\r\n"
    assert address_field("To", people[:1]) == b""
    assert address_field("To", people, groups=True) == b"To: undisclosed recipients:;, ann@example.org\r\n"
    assert address_field("To", [Address("张三", "")], groups=True) == b"To: =?utf-8?B?5byg5LiJ?=:;\r\n"


@pytest.mark.parametrize("address", ["ann@example.org\r\nBcc: x@y.z", "ann", "a b@example.org", "a,b@c.d"])
def test_bad_addresses_are_refused(address: str) -> None:
    with pytest.raises(MessageUnsendable):
        address_field("To", [Address("Ann", address)])


def test_message_ids() -> None:
    assert id_field("References", ["a@b", "c@d"]) == b"References: <a@b> <c@d>\r\n"
    assert id_field("References", ["a b", "c>\r\nd", "é@x", "", "x" * 901]) == b""
    with pytest.raises(MessageUnsendable):
        message_id_field("a b@c\r\n")


def test_a_long_message_id_goes_to_its_own_line() -> None:
    assert message_id_field("x" * 70).decode() == f"Message-ID:\r\n <{'x' * 70}>\r\n"


def test_of_a_long_thread_the_first_and_the_latest_are_named() -> None:
    field = id_field("References", [f"{number}@example.org" for number in range(500)]).decode()
    assert field.count("<") == MAX_REFERENCES
    assert field.startswith("References: <0@example.org> <451@")
    assert field.endswith("<499@example.org>\r\n")


@pytest.mark.parametrize(
    ("offset", "written"),
    [
        (timedelta(hours=8), "+0800"),
        (timedelta(hours=-3, minutes=-30), "-0330"),
        (timedelta(0), "+0000"),
        (timedelta(hours=8, minutes=5, seconds=43), "+0806"),
    ],
)
def test_dates_keep_their_zone(offset: timedelta, written: str) -> None:
    date = datetime(2026, 3, 1, 9, 5, 7, 999999, tzinfo=timezone(offset))
    field = date_field(date).decode()
    assert field.startswith("Date: Sun, 1 Mar 2026 09:0")
    assert field.endswith(f" {written}\r\n")


def test_a_date_without_a_zone_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="zone"):
        date_field(datetime(2026, 3, 1))


def test_other_fields() -> None:
    assert extra_field("X-Mailer", "qtmail\r\nBcc: x@y.z") == b"X-Mailer: qtmail Bcc: x@y.z\r\n"
    assert extra_field("X-Empty", " ") == b""
    receipt = extra_field("Disposition-Notification-To", "Müller, Joachim <jo@example.org>")
    assert (
        receipt == b"Disposition-Notification-To: =?utf-8?Q?M=C3=BCller=2C_Joachim?=\r\n <jo@example.org>\r\n"
    )


@pytest.mark.parametrize("name", ["Bcc", "bcc", "From", "Content-Type", "X Y", "X:", "", "X\r\nY", "Ünicode"])
def test_fields_that_would_do_harm_are_refused(name: str) -> None:
    with pytest.raises(MessageUnsendable):
        extra_field(name, "x@y.z")


def test_what_is_only_too_long_is_folded_without_being_encoded() -> None:
    field = refolded("X-Ids", " ".join(f"<{'x' * 80}{number}@example.org>" for number in range(20)))
    assert b"=?" not in field
    assert max(map(len, field.split(b"\r\n"))) < 110
    assert max(map(len, refolded("X-Blob", "x" * 5000).split(b"\r\n"))) <= 78
