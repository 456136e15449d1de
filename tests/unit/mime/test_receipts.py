"""Read receipts: who may ask, what is odd about it, and what is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from email import message_from_bytes
from email.policy import default

import pytest

from qtmail.domain.address import Address
from qtmail.mime.parser import parse
from qtmail.mime.receipts import build_receipt, receipt_doubt, receipt_requested
from qtmail.mime.reports import ReadReceipt, read_report
from tests.unit.mime.letters import ANN, NOW, letter

REQUEST = "Disposition-Notification-To: Bob Ray <bob@example.net>"


def test_who_asks() -> None:
    assert receipt_requested(letter(REQUEST)) == Address("Bob Ray", "bob@example.net")
    assert receipt_requested(letter()) is None
    assert receipt_requested(letter("Disposition-Notification-To: nobody")) is None


@pytest.mark.parametrize(
    "field",
    [
        "List-Id: <list.example>",
        "Precedence: bulk",
        "Auto-Submitted: auto-generated",
        "Disposition-Notification-Options: x=required,y",
    ],
)
def test_who_is_not_answered(field: str) -> None:
    assert receipt_requested(letter(REQUEST, field)) is None


def test_no_receipt_for_a_receipt() -> None:
    asked = b"Disposition-Notification-To: ann@example.org\r\n" + receipt().content
    assert receipt_requested(parse(asked)) is None


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        ((REQUEST,), ""),
        ((REQUEST, "Return-Path: <bob@example.net>"), ""),
        ((REQUEST, "From: office@example.net", "Return-Path: <BOB@example.net>"), ""),
        ((), ""),
        (
            (REQUEST, "From: carl@example.net"),
            "The receipt would go to bob@example.net, which is not the sender's address.",
        ),
        (
            (f"{REQUEST}, carl@x.org",),
            "The sender asks for receipts to 2 addresses; only the first would get one.",
        ),
    ],
)
def test_what_is_odd_is_said(fields: tuple[str, ...], doubt: str) -> None:
    assert receipt_doubt(letter(*fields)) == doubt


def receipt(*fields: str, address: str = "ann@example.org", automatic: bool = False):
    return build_receipt(
        letter(REQUEST, *fields), replace(ANN, address=address), date=NOW, automatic=automatic, zone=UTC
    )


def test_receipt_is_a_report_that_our_own_reader_believes() -> None:
    built = receipt("Subject: 午餐")
    assert (built.sender, built.recipient) == ("", "bob@example.net")
    report = read_report(parse(built.content))
    assert isinstance(report, ReadReceipt)
    assert report.original_message_id == "lunch@example.net"
    assert (report.displayed, report.reader) == (True, Address("Ann Lee", "ann@example.org"))
    assert "“午餐” (3 May 2026) to Ann Lee <ann@example.org> was displayed." in report.text


def test_receipt_keeps_to_the_standard() -> None:
    built = receipt("Original-Recipient: rfc822;ann+x@example.org")
    found = message_from_bytes(built.content, policy=default)
    assert found.get_content_type() == "multipart/report"
    assert found.get_param("report-type") == "disposition-notification"
    assert (found["In-Reply-To"], found["Message-ID"]) == ("<lunch@example.net>", f"<{built.message_id}>")
    text, notification = found.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert notification.get_content_type() == "message/disposition-notification"
    fields = built.content.split(b"\r\n\r\n")[-2].split(b"\r\n--")[0].split(b"\r\n")
    assert b"Final-Recipient: rfc822; ann@example.org" in fields
    assert b"Original-Recipient: rfc822;ann+x@example.org" in fields
    assert b"Original-Message-ID: <lunch@example.net>" in fields
    assert b"Disposition: manual-action/MDN-sent-manually; displayed" in fields
    assert built.content.isascii()
    assert not any(part.defects for part in found.walk())
    assert b"\n" not in built.content.replace(b"\r\n", b"")


def test_receipt_that_was_agreed_to_for_all() -> None:
    assert b"automatic-action/MDN-sent-automatically; displayed" in receipt(automatic=True).content


def test_international_reader() -> None:
    report = read_report(parse(receipt(address="王@example.cn").content))
    assert isinstance(report, ReadReceipt)
    assert report.reader.address == "王@example.cn"


def test_receipt_nobody_asked_for_is_a_bug() -> None:
    with pytest.raises(ValueError, match="no receipt"):
        build_receipt(letter(), ANN, date=NOW)
