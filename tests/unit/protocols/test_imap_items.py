"""FETCH attributes: flags, dates, numbers; compared with imapclient's reader where both can read."""

from __future__ import annotations

import pytest
from imapclient.response_parser import parse_fetch_response

from qtmail.domain.message import Flag
from qtmail.protocols.imap_items import (
    fetch_items,
    flags_of,
    header_of,
    internal_date,
    modseq_of,
    parse_flags,
    section_of,
    size_of,
    uid_of,
)
from qtmail.protocols.imap_syntax import MalformedError, Untagged


def items_of(text: bytes, *literals: bytes):
    return fetch_items(Untagged(1, b"FETCH", text, literals))


def test_the_reader_agrees_with_imapclient():
    text = (
        b'UID 17 FLAGS (\\Seen $Forwarded work) INTERNALDATE "17-Jul-1996 02:44:25 -0700" '
        b"RFC822.SIZE 4286 MODSEQ (917162500) BODY[HEADER.FIELDS (SUBJECT)]"
    )
    header = b"Subject: )\r\n\r\n"
    items = items_of(b"(" + text + b" \n)", header)
    theirs = parse_fetch_response(
        [(b"1 (" + text + b" {%d}" % len(header), header), b")"], normalise_times=False
    )
    ((uid, their_items),) = theirs.items()
    assert uid_of(items) == uid
    assert size_of(items) == their_items[b"RFC822.SIZE"]
    assert internal_date(items[b"INTERNALDATE"]) == their_items[b"INTERNALDATE"].timestamp()
    assert (modseq_of(items),) == their_items[b"MODSEQ"]
    assert header_of(items) == their_items[b"BODY[HEADER.FIELDS (SUBJECT)]"]
    assert flags_of(items) == (Flag.SEEN | Flag.FORWARDED, frozenset({"work"}))


@pytest.mark.parametrize(
    "text", [b"", b"UID 1", b"(UID)", b"(UID 1 FLAGS)", b"(NIL 1)", b"((x) 1)", b"() ()", b"(UID 5000000000)"]
)
def test_attributes_that_do_not_pair_are_refused(text: bytes):
    with pytest.raises(MalformedError):
        items_of(text)


def test_flags_in_any_spelling():
    names = (b"\\SEEN", b"\\answered", b"\\Recent", b"$junk", b"NonJunk", b"\\X-Own", b"Caf\xc3\xa9", b"\xff")
    flags, keywords = parse_flags(names)
    assert flags == Flag.SEEN | Flag.ANSWERED | Flag.JUNK | Flag.NOT_JUNK
    assert keywords == {"\\X-Own", "Café", "\N{REPLACEMENT CHARACTER}"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"17-Jul-1996 02:44:25 -0700", 837596665),
        (b" 1-Jan-1970 00:00:00 +0000", 0),
        (b"01-JAN-1970 01:00:00 +0100", 0),
        (b"1-Jan-1970 00:00:10", 10),
        (b"31-Dec-1969 23:59:59 +0000", -1),
        (b"99-Jan-2024 10:00:00 +0000", 1712570400),
        (b"1-Foo-2024 10:00:00 +0000", 0),
        (b"1-Jan-0000 10:00:00 +0000", -62135560800),
        (b"yesterday", 0),
        (b"", 0),
        (None, 0),
    ],
)
def test_internal_date(text: bytes | None, seconds: int):
    assert internal_date(text) == seconds


@pytest.mark.parametrize("value", [b"NIL", b"()", b"(x)", b"x", b"-5", b"(99999999999999999999)", b"((5))"])
def test_numbers_that_make_no_sense_are_0(value: bytes):
    assert modseq_of(items_of(b"(MODSEQ " + value + b")")) == 0
    assert size_of(items_of(b"(RFC822.SIZE " + value + b")")) == 0


def test_sections():
    items = items_of(b'(body[1.mime] "a" BODY[2]<0> "b" BODY[2]<9> "c" BODY[] NIL BODY[TEXT] (x))')
    assert section_of(items, "1.mime") == b"a"
    assert section_of(items, "2") == b"b"
    assert section_of(items, "2", 9) == b"c"
    assert section_of(items, "2", 5) is None
    assert section_of(items, "") == b""
    assert section_of(items, "TEXT") == b""
    assert section_of(items, "3") is None
    assert header_of(items) is None
