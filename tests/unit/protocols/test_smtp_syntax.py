"""Replies, offers and DSN parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.protocols.smtp_syntax import make_reply, parse_offers, parse_reply_line, utf8_xtext, xtext
from qtmail.protocols.smtp_values import SmtpReply


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        (b"250 fine", (250, False, b"fine")),
        (b"250-fine", (250, True, b"fine")),
        (b"250", (250, False, b"")),
        (b"250 ", (250, False, b"")),
        (b"599-", (599, True, b"")),
        (b"150 too small", None),
        (b"650 too large", None),
        (b"25 short", None),
        (b"2500 long", None),
        (b"250_odd", None),
        (b" 250 indented", None),
        (b"", None),
    ],
)
def test_lines_of_replies(line: bytes, parsed: tuple[int, bool, bytes] | None):
    assert parse_reply_line(line) == parsed


@pytest.mark.parametrize(
    ("code", "lines", "reply"),
    [
        (550, [b"5.1.1 No such user"], SmtpReply(550, "5.1.1", "No such user")),
        (550, [b"5.1.1 No such", b"5.1.1 user"], SmtpReply(550, "5.1.1", "No such user")),
        (550, [b"5.1.1 No such", b"user"], SmtpReply(550, "5.1.1", "No such user")),
        (250, [b"2.0.0"], SmtpReply(250, "2.0.0", "")),
        (250, [b"5.1.1 of another class"], SmtpReply(250, "", "5.1.1 of another class")),
        (250, [b"2.0.0.1 is an address"], SmtpReply(250, "", "2.0.0.1 is an address")),
        (550, [b"5.1.1234 no status"], SmtpReply(550, "", "5.1.1234 no status")),
        (550, ["不存在".encode()], SmtpReply(550, "", "不存在")),
        (550, [b"\xff\x1b[31mred"], SmtpReply(550, "", "\ufffd [31mred")),
        (550, [], SmtpReply(550, "", "")),
    ],
)
def test_replies(code: int, lines: list[bytes], reply: SmtpReply):
    assert make_reply(code, lines) == reply


def test_a_reply_as_text():
    assert str(SmtpReply(550, "5.1.1", "No such user")) == "550 5.1.1 No such user"
    assert str(SmtpReply(550)) == "550"
    assert SmtpReply(550, "", "Go away").sentence.endswith("It said: “Go away”")
    assert SmtpReply(552, "5.3.4", "A sentence of ours.", ours=True).sentence == "A sentence of ours."


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_whatever_a_server_offers_is_read(lines: list[bytes]):
    parse_offers(lines)
    make_reply(250, lines)


def test_offers_in_any_case_and_order():
    offers = parse_offers([b"host hello", b"auth=login", b"Size 5", b"AUTH plain LOGIN", b"size"])
    assert offers.mechanisms == ("LOGIN", "PLAIN")
    assert (offers.name, offers.sized, offers.size_limit) == ("host", True, 5)


def test_dsn_parameters():
    assert xtext("a+b=c d") == "a+2Bb+3Dc+20d"
    assert utf8_xtext(r"丽+\x@例子.org") == r"\x{4E3D}\x{2B}\x{5C}x@\x{4F8B}\x{5B50}.org"


@given(st.text(max_size=40))
def test_dsn_parameters_never_break_out_of_their_place(text: str):
    for written in (xtext(text.encode("utf-8", "replace").decode()), utf8_xtext(text)):
        assert written.isascii()
        assert not set(written) & set(" \r\n=<>") - set("<>")
