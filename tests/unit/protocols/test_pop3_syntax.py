"""The grammar of POP3, as servers write it and as they should not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.protocols.pop3_syntax import (
    parse_capabilities,
    parse_challenge,
    parse_listing,
    parse_reply,
    parse_timestamp,
    parse_two_numbers,
)
from qtmail.protocols.pop3_values import Listed, Pop3Capabilities, Pop3Reply


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"+OK", Pop3Reply(True, "", "")),
        (b"+OK 2 320", Pop3Reply(True, "", "2 320")),
        (b"+ok fine", Pop3Reply(True, "", "fine")),
        (b"+OK<1.2@example.org>", Pop3Reply(True, "", "<1.2@example.org>")),
        (b"-ERR: no", Pop3Reply(False, "", ": no")),
        (b"+OK [not a code] fine", Pop3Reply(True, "", "[not a code] fine")),
        (b"-ERR", Pop3Reply(False, "", "")),
        (b"-ERR no", Pop3Reply(False, "", "no")),
        (b"-err [in-use] later", Pop3Reply(False, "IN-USE", "later")),
        (b"-ERR [SYS/TEMP]later", Pop3Reply(False, "SYS/TEMP", "later")),
        (b"-ERR [what now] then", Pop3Reply(False, "", "[what now] then")),
        ("-ERR 请使用授权码登录".encode(), Pop3Reply(False, "", "请使用授权码登录")),
        (b"-ERR \x00\x1b[31mred", Pop3Reply(False, "", "[31mred")),
        (b"+OKAY", None),
        (b"-ERROR", None),
        (b"* OK IMAP", None),
        (b"", None),
        (b"+ VXNlcm5hbWU6", None),
    ],
)
def test_replies(line: bytes, reply: Pop3Reply | None):
    assert parse_reply(line) == reply


def test_a_code_may_say_more_than_is_known():
    reply = parse_reply(b"-ERR [SYS/PERM/DISK] broken")
    assert reply is not None
    assert reply.about("SYS/PERM")
    assert reply.about("SYS")
    assert not reply.about("SYS/PER")
    assert not reply.about("AUTH")
    assert str(reply) == "[SYS/PERM/DISK] broken"


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        (b"+", b""),
        (b"+ ", b""),
        (b"+ VXNlcm5hbWU6", b"VXNlcm5hbWU6"),
        (b"+VXNlcm5hbWU6", b"VXNlcm5hbWU6"),
        (b"+OKAY", b"OKAY"),
        (b"+OK", None),
        (b"+OK: come in", None),
        (b"+ok welcome", None),
        (b"-ERR", None),
    ],
)
def test_challenges(line: bytes, asked: bytes | None):
    assert parse_challenge(line) == asked


@pytest.mark.parametrize(
    ("greeting", "timestamp"),
    [
        (b"+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>", b"<1896.697170952@dbc.mtview.ca.us>"),
        (b"+OK <a@b> welcome", b"<a@b>"),
        (b"+OK ready", b""),
        (b"+OK <>", b""),
        (b"+OK <no-at>", b""),
        (b"+OK <a@b@c>", b""),
        (b"+OK <a@b> and <c@d>", b""),
        (b"+OK <a..b@c>", b""),
        (b"+OK <a b@c>", b""),
        (b"+OK <a\xff@c>", b""),
        (b"+OK <a\x01@c>", b""),
        (b"+OK >a@b<", b""),
    ],
)
def test_time_stamps_for_apop(greeting: bytes, timestamp: bytes):
    assert parse_timestamp(greeting) == timestamp


def test_all_capabilities():
    lines = b"""TOP;uidl;USER;SASL PLAIN login;SASL SCRAM-SHA-256;PIPELINING;RESP-CODES;AUTH-RESP-CODE;STLS;
        LOGIN-DELAY 900;EXPIRE 60;UTF8 USER;LANG;IMPLEMENTATION Some POP3 v1.2;X-NOVELTY of it;;\xff""".split(
        b";"
    )
    assert parse_capabilities(line.strip() for line in lines) == Pop3Capabilities(
        told=True,
        stls=True,
        uidl=True,
        top=True,
        user=True,
        mechanisms=("PLAIN", "LOGIN", "SCRAM-SHA-256"),
        pipelining=True,
        resp_codes=True,
        auth_resp_code=True,
        login_delay=900,
        expire=60,
        utf8=True,
    )


def test_no_capabilities():
    told = parse_capabilities([])
    assert told.told
    assert not (told.uidl or told.top or told.user or told.pipelining)


@pytest.mark.parametrize(
    ("line", "delay", "expire", "per_user"),
    [
        (b"EXPIRE NEVER", None, None, False),
        (b"EXPIRE never USER", None, None, True),
        (b"EXPIRE 0", None, 0, False),
        (b"EXPIRE 5 USER", None, 5, True),
        (b"EXPIRE", None, None, False),
        (b"EXPIRE -1", None, None, False),
        (b"LOGIN-DELAY 120 USER", 120, None, True),
        (b"LOGIN-DELAY soon", None, None, False),
        (b"LOGIN-DELAY 99999999999999", None, None, False),
    ],
)
def test_delay_and_expiry(line: bytes, delay: int | None, expire: int | None, per_user: bool):
    told = parse_capabilities([line])
    assert (told.login_delay, told.expire, told.per_user) == (delay, expire, per_user)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("2 320", (2, 320)),
        ("0 0", (0, 0)),
        ("2 320 and more", (2, 320)),
        ("2", None),
        ("-1 3", None),
        ("", None),
    ],
)
def test_two_numbers(text: str, numbers: tuple[int, int] | None):
    assert parse_two_numbers(text) == numbers


@pytest.mark.parametrize(
    ("sizes", "uidls", "messages", "wrong"),
    [
        ([b"1 120", b"2 200"], [b"1 a", b"2 b"], [Listed(1, 120, b"a"), Listed(2, 200, b"b")], 0),
        ([b"1 120"], [], [Listed(1, 120)], 0),
        ([], [], [], 0),
        ([b"2 1", b"1 2"], [b"2 b", b"1 a"], [Listed(1, 2, b"a"), Listed(2, 1, b"b")], 0),
        ([b"1 1", b"1 2"], [b"1 a", b"1 b"], [Listed(1, 1, b"a")], 2),
        ([b"1 -5", b"2 x", b"3", b"4 " + b"9" * 30], [], [Listed(n, 0) for n in (1, 2, 3, 4)], 4),
        ([b"0 1", b"-1 1", b"x 1", b"", b"9999999999 1"], [], [], 5),
        ([b"1 1 octets"], [b"1  a b c "], [Listed(1, 1, b"a_b_c")], 0),
        ([b"1 1", b"2 2"], [b"2 b"], [Listed(1, 1), Listed(2, 2, b"b")], 0),
        ([b"1 1"], [b"1 a", b"7 b"], [Listed(1, 1, b"a")], 1),
        ([b"1 1"], [b"1"], [Listed(1, 1)], 0),
        ([b"1 1"], [b"1 \xff\xfe" + b"x" * 200], [Listed(1, 1, b"\xff\xfe" + b"x" * 200)], 0),
        ([b"1 1", b"2 1"], [b"1 same", b"2 same"], [Listed(1, 1, b"same"), Listed(2, 1, b"same")], 0),
    ],
    ids=[
        "as it should be",
        "without unique ids",
        "empty",
        "not ascending",
        "numbers that come twice",
        "sizes that are none",
        "numbers that are none",
        "more than asked for",
        "some unique ids missing",
        "unique ids of nothing",
        "an empty unique id",
        "a long unique id of any bytes",
        "a unique id that comes twice",
    ],
)
def test_lists(sizes: list[bytes], uidls: list[bytes], messages: list[Listed], wrong: int):
    assert parse_listing(sizes, uidls) == (messages, wrong)


@given(st.lists(st.binary(max_size=30)), st.lists(st.binary(max_size=30)))
def test_no_list_is_too_strange(sizes: list[bytes], uidls: list[bytes]):
    messages, wrong = parse_listing(sizes, uidls)
    assert len(messages) <= len(sizes)
    assert [m.number for m in messages] == sorted({m.number for m in messages})
    assert 0 <= wrong <= 2 * len(sizes) + len(uidls)


@given(st.binary(max_size=60))
def test_no_line_is_too_strange(line: bytes):
    parse_reply(line)
    parse_challenge(line)
    parse_timestamp(line)
    parse_capabilities([line])
