"""Where headers end and what fields they have."""

from __future__ import annotations

import pytest

from qtmail.mime.fields import MAX_FIELDS, normalise_line_ends, read_header, split_header


@pytest.mark.parametrize(
    ("raw", "fields", "body"),
    [
        (b"A: b\r\nC: d\r\n\r\nbody", [("A", b"b"), ("C", b"d")], b"body"),
        (b"A: b\n\nbody", [("A", b"b")], b"body"),
        (b"A: b\r\n c\r\n\td\r\n\r\nx", [("A", b"b c\td")], b"x"),
        (b"A : b\n\nx", [("A", b"b")], b"x"),
        (b"A:\n b\n\nx", [("A", b"b")], b"x"),
        (b"A: b\r\r\nC: d\r\r\n\r\r\nx", [("A", b"b"), ("C", b"d")], b"x"),
        (b"\n\nA: b\n\nx", [("A", b"b")], b"x"),
        (b"A: b\n \nSubject: c\n\nx", [("A", b"b"), ("Subject", b"c")], b"x"),
        (b"A: b\n \nbody\n", [("A", b"b")], b"body\n"),
        (b"A: b\ngarbage\nSubject: c\n\nx", [("A", b"b"), ("Subject", b"c")], b"x"),
        (b"A: b\ngarbage\n goes on\nSubject: c\n\nx", [("A", b"b goes on"), ("Subject", b"c")], b"x"),
        (b"A: b\nhttp://x.org/\n", [("A", b"b")], b"http://x.org/\n"),
        (b"A: b\n>From someone\nSubject: c\n\nx", [("A", b"b"), ("Subject", b"c")], b"x"),
        (b"A: b\n\n folded on\nSubject: c\n\nx", [("A", b"b folded on"), ("Subject", b"c")], b"x"),
        (b"Subject: c\n\n indented body\nNote: x\n", [("Subject", b"c")], b" indented body\nNote: x\n"),
        (b"A: b\n\nContent-Type: x/y\n\nz", [("A", b"b"), ("Content-Type", b"x/y")], b"z"),
        (b"A: b\0c\n\nx", [("A", b"bc")], b"x"),
        (b"", [], b""),
        (b"just text\nmore\n", [], b"just text\nmore\n"),
        (b"A: b", [("A", b"b")], b""),
    ],
)
def test_headers(raw: bytes, fields: list[tuple[str, bytes]], body: bytes) -> None:
    header = read_header(raw, 0, len(raw))
    assert header.fields == fields
    assert raw[header.body :] == body


def test_a_part_may_have_no_header() -> None:
    raw = b"\r\nbody"
    header = read_header(raw, 0, len(raw), part=True)
    assert (header.fields, raw[header.body :]) == ([], b"body")


def test_too_many_fields_are_cut() -> None:
    assert len(split_header(b"A: b\n" * (MAX_FIELDS + 1000))) == MAX_FIELDS


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        (b"A: b\rC: d\r\rx\ry", b"A: b\nC: d\n\nx\ny"),
        (b"A: b\rC: d\r\rx\ny", b"A: b\nC: d\n\nx\ny"),
        (b"A: b\r\n\r\nx\ry", b"A: b\r\n\r\nx\ry"),
        (b"A: b\rx\n\ny", b"A: b\rx\n\ny"),
    ],
)
def test_bare_carriage_returns(raw: bytes, normal: bytes) -> None:
    assert normalise_line_ends(raw) == normal
