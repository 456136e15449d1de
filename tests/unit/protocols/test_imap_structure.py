"""BODYSTRUCTURE: section numbers by the book, and servers that never read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.domain.message import PartStructure
from qtmail.protocols.imap_structure import parse_structure
from qtmail.protocols.imap_syntax import Value, parse_values

TEXT = '("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92)'
ENVELOPE = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"


def structure_of(text: str) -> PartStructure:
    return parse_structure(parse_values(text.encode())[0])


def outline(structure: PartStructure) -> list[tuple[str, str]]:
    return [(part.section, part.content_type) for part in structure.walk()]


def test_one_part():
    part = structure_of(
        '("Text" "HTML" ("Charset" "GB18030" "Format" "flowed") "<id@x>" "words" "Quoted-Printable" 31 2 '
        'NIL ("Inline" ("FileName" "a.html")) "en" NIL)'
    )
    assert part == PartStructure(
        section="1",
        content_type="text/html",
        parameters=(("charset", "GB18030"), ("format", "flowed")),
        encoding="quoted-printable",
        size=31,
        disposition="inline",
        disposition_parameters=(("filename", "a.html"),),
        content_id="id@x",
        description="words",
    )


def test_multiparts_are_numbered_by_place():
    html = '("TEXT" "HTML" NIL NIL NIL "7BIT" 1 1)'
    image = '("IMAGE" "PNG" NIL "<logo>" NIL "BASE64" 99)'
    related = f'({html}{image} "RELATED" ("BOUNDARY" "x" "TYPE" "text/html") NIL NIL)'
    tree = structure_of(f'(({TEXT}{related} "ALTERNATIVE" NIL NIL NIL NIL){TEXT} "MIXED")')
    assert outline(tree) == [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "multipart/related"),
        ("1.2.1", "text/html"),
        ("1.2.2", "image/png"),
        ("2", "text/plain"),
    ]
    assert tree.children[0].children[1].parameters == (("boundary", "x"), ("type", "text/html"))


def test_the_example_of_the_standard():
    """RFC 9051 section 6.4.5.1: parts of an embedded multipart are numbered below the message that holds
    it."""
    inner = f'({TEXT}("APPLICATION" "OCTET-STREAM" NIL NIL NIL "BASE64" 5) "MIXED")'
    embedded = f'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 900 {ENVELOPE} {inner} 40 NIL ("ATTACHMENT" NIL))'
    image = '("IMAGE" "GIF" NIL NIL NIL "BASE64" 7)'
    deep_inner = f'({TEXT}({TEXT}{TEXT} "ALTERNATIVE") "MIXED")'
    deep = f'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 900 {ENVELOPE} {deep_inner} 40)'
    tree = structure_of(f'({TEXT}{TEXT}{embedded}({image}{deep} "MIXED") "MIXED")')
    assert outline(tree) == [
        ("", "multipart/mixed"),
        ("1", "text/plain"),
        ("2", "text/plain"),
        ("3", "message/rfc822"),
        ("3.TEXT", "multipart/mixed"),
        ("3.1", "text/plain"),
        ("3.2", "application/octet-stream"),
        ("4", "multipart/mixed"),
        ("4.1", "image/gif"),
        ("4.2", "message/rfc822"),
        ("4.2.TEXT", "multipart/mixed"),
        ("4.2.1", "text/plain"),
        ("4.2.2", "multipart/alternative"),
        ("4.2.2.1", "text/plain"),
        ("4.2.2.2", "text/plain"),
    ]
    assert tree.children[2].disposition == "attachment"


def test_an_embedded_message_of_one_part():
    tree = structure_of(f'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 {ENVELOPE} {TEXT} 4)')
    assert outline(tree) == [("1", "message/rfc822"), ("1.1", "text/plain")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NIL", [("1", "application/octet-stream")]),
        ("()", [("1", "application/octet-stream")]),
        ('("TEXT")', [("1", "application/octet-stream")]),
        ('("TEXT" "PLAIN")', [("1", "text/plain")]),
        ('("TEXT" NIL)', [("1", "application/octet-stream")]),
        ('(NIL NIL NIL NIL NIL "7BIT" 4)', [("1", "application/octet-stream")]),
        ('("TEXT" "PLAIN" NIL NIL NIL NIL NIL NIL)', [("1", "text/plain")]),
        ('("TEXT" "PLAIN" "x" NIL NIL "7BIT" -1 NIL)', [("1", "text/plain")]),
        ("((NIL NIL))", [("", "multipart/mixed"), ("1", "application/octet-stream")]),
        (
            f"({TEXT} NIL)",
            [("", "multipart/mixed"), ("1", "text/plain")],
        ),
        (
            f'(("X"){TEXT} "MIXED")',
            [("", "multipart/mixed"), ("1", "application/octet-stream"), ("2", "text/plain")],
        ),
        ('("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9)', [("1", "message/rfc822")]),
        ('("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 NIL NIL 4)', [("1", "message/rfc822")]),
        (f'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 {ENVELOPE} NIL)', [("1", "message/rfc822")]),
    ],
)
def test_nonsense_is_made_the_best_of(text: str, expected: list[tuple[str, str]]):
    assert outline(structure_of(text)) == expected


def test_a_bare_disposition_and_a_parameter_without_a_value():
    part = structure_of('("A" "B" ("NAME" NIL "LAST") NIL NIL "8BIT" 4 NIL "attachment")')
    assert part.disposition == "attachment"
    assert part.parameters == (("name", ""),)


values = st.recursive(
    st.none() | st.sampled_from([b"TEXT", b"MESSAGE", b"RFC822", b"7", b"\xff", b""]),
    lambda inner: st.lists(inner, max_size=9),
    max_leaves=40,
)


@given(values)
def test_any_value_makes_a_tree(value: Value):
    assert parse_structure(value).walk()
