"""winmail.dat opened."""

from __future__ import annotations

import base64

from qtmail.mime.parser import parse
from qtmail.mime.tnef import read_tnef
from tests.unit.mime.tnef_builder import CONTENT_ID, LONG_FILENAME, MIME_TAG, attachment, tnef

TWO_FILES = tnef(
    attachment("REPORT~1.PDF", b"%PDF-1", (LONG_FILENAME, "年度报告.pdf"), (MIME_TAG, "application/pdf")),
    attachment("pic.png", b"PNG", (CONTENT_ID, "pic@x")),
    body="The text of the message",
)


def message(data: bytes, text: str = "") -> bytes:
    return (
        b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
        + text.encode()
        + b"\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(data)
        + b"\r\n--b--\r\n"
    )


def test_files_replace_the_envelope() -> None:
    found = parse(message(TWO_FILES, "Hello"))
    assert [(a.section, a.filename, a.content_type, a.size, a.content_id) for a in found.attachments] == [
        ("2-1", "年度报告.pdf", "application/pdf", 6, ""),
        ("2-2", "pic.png", "image/png", 3, "pic@x"),
    ]
    assert [a.content for a in found.attachments] == [b"%PDF-1", b"PNG"]
    assert found.text == "Hello"


def test_its_body_is_the_text_where_there_is_no_other() -> None:
    assert parse(message(TWO_FILES)).text == "The text of the message"


def test_damaged_envelope_stays_an_attachment() -> None:
    for cut in range(1, 39):
        found = parse(message(TWO_FILES[:-cut], "Hello"))
        assert found.text == "Hello"
        assert found.attachments[-1].filename == "winmail.dat"
        assert any("damaged" in problem for problem in found.problems)


def test_no_cut_is_fatal() -> None:
    for cut in range(len(TWO_FILES)):
        assert parse(message(TWO_FILES[:cut], "Hello")).text == "Hello"


def test_endless_objects_are_refused() -> None:
    assert read_tnef(tnef() + b"\x01" + bytes(11) + (b"\x01" + bytes(10)) * 100_000) is None
