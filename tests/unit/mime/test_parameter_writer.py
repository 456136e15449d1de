"""Content-Type, Content-Disposition, and the names of files in them."""

from __future__ import annotations

import pytest

from qtmail.mime.parameter_writer import disposition_field, sendable_name, sendable_type, type_field
from qtmail.mime.parameters import file_name, parse_structured


@pytest.mark.parametrize(
    ("filename", "sent"),
    [
        ("report.pdf", "report.pdf"),
        ("no extension", "no extension"),
        ("AC/DC \\ live.mp3", "AC_DC _ live.mp3"),
        ('say "hi".txt', "say 'hi'.txt"),
        ("a\r\nBcc: x@y.z\0.txt", "a Bcc: x@y.z .txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("half \ud83d.txt", "half \ufffd.txt"),
        ("=?utf-8?Q?x?=.txt", "=_utf-8?Q?x?=.txt"),
        ("  会议.docx ", "会议.docx"),
        ("..", ""),
        ("", ""),
    ],
)
def test_names_are_cleaned(filename: str, sent: str) -> None:
    assert sendable_name(filename) == sent


@pytest.mark.parametrize(
    ("content_type", "sent"),
    [
        ("Application/PDF", "application/pdf"),
        ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
        ("image/svg+xml", "image/svg+xml"),
        ("multipart/mixed", "application/octet-stream"),
        ("text/plain; charset=x", "application/octet-stream"),
        ("text/plain\r\nX: y", "application/octet-stream"),
        ("text", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_what_is_no_type_is_sent_as_octets(content_type: str, sent: str) -> None:
    assert sendable_type(content_type) == sent


def test_ascii_names_are_written_once_in_quotes() -> None:
    assert (
        disposition_field("attachment", "a b.txt")
        == b'Content-Disposition: attachment; filename="a b.txt"\r\n'
    )
    assert type_field("text/plain", filename="a b.txt") == b'Content-Type: text/plain; name="a b.txt"\r\n'
    assert disposition_field("inline", "") == b"Content-Disposition: inline\r\n"


def test_other_names_are_written_in_every_way_that_is_read() -> None:
    assert disposition_field("attachment", "会议.pdf").decode() == (
        'Content-Disposition: attachment; filename="=?utf-8?B?5Lya6K6uLnBkZg==?=";\r\n'
        " filename*=utf-8''%E4%BC%9A%E8%AE%AE.pdf\r\n"
    )
    assert type_field("application/pdf", filename="会议.pdf").decode() == (
        'Content-Type: application/pdf; name="=?utf-8?B?5Lya6K6uLnBkZg==?="\r\n'
    )


@pytest.mark.parametrize(
    "filename",
    [
        *(
            "会议.pdf",
            "会议纪要" * 40 + ".docx",
            "é" * 100,
            "😀" * 60,
            "a'b*c%20;d=e, 会.txt",
            "100% größer.xls",
        ),
        *("x" * 300 + ".txt", "word " * 100 + "end", "it's (a) name; with=signs.txt"),
    ],
)
def test_each_way_leads_to_the_same_name(filename: str) -> None:
    """Whichever of the three a program reads."""
    disposition = disposition_field("attachment", filename)
    content_type = type_field("application/pdf", filename=filename)
    for field in (disposition, content_type):
        lines = field.decode("ascii").splitlines()
        assert max(map(len, lines)) <= 78
        assert all(line.startswith(" ") for line in lines[1:])
    _, parameters = parse_structured(disposition.partition(b":")[2].replace(b"\r\n", b""))
    plain = {key: value for key, value in parameters.items() if "*" not in key}
    extended = {key: value for key, value in parameters.items() if "*" in key}
    _, type_parameters = parse_structured(content_type.partition(b":")[2].replace(b"\r\n", b""))
    assert file_name(plain, {}) == filename
    assert file_name(extended, {}) == (filename if extended else "")
    assert file_name({}, type_parameters) == filename


def test_boundaries_are_quoted_where_they_must_be() -> None:
    field = type_field("multipart/x", boundary="=_a", type="text/html", charset="utf-8")
    assert field == b'Content-Type: multipart/x; boundary="=_a"; type="text/html"; charset=utf-8\r\n'
