"""The time in a server's greeting."""

from __future__ import annotations

import pytest

from qtmail.protocols.server_clock import time_in_greeting

NOON = 1_795_262_400.0  # 2026-11-21 12:00 UTC


@pytest.mark.parametrize(
    "greeting",
    [
        b"220 mx.example.org ESMTP Sendmail 8.17/8.17; Sat, 21 Nov 2026 13:00:00 +0100",
        b"220 x.prod.outlook.com Microsoft ESMTP ready at Sat, 21 Nov 2026 12:00:00 +0000 [08DE]",
        b"+OK Dovecot ready. <1f2a.1.1795262400.abc==@mail>",
        b"+OK POP3 server ready <1896.1795262400@dbc.mtview.ca.us>",
    ],
)
def test_a_time_is_found(greeting: bytes):
    assert time_in_greeting(greeting) == NOON


@pytest.mark.parametrize(
    "greeting",
    [
        b"",
        b"* OK IMAP4rev1 ready",
        b"+OK <1896.697170952@dbc.mtview.ca.us>",
        b"+OK <12345.0000000001@host>",
        b"220 ready Sat, 99 Nov 2026 12:00:00 +0000",
        b"220 call +4912345678901 <not a stamp>",
    ],
)
def test_what_is_no_time_is_not_taken_for_one(greeting: bytes):
    assert time_in_greeting(greeting) is None
