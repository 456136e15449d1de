"""Fields of delivery reports, well and badly written. Whole reports are in the corpus: see test_reports."""

from __future__ import annotations

import pytest

from qtmail.domain.outgoing import DeliveryStatus
from qtmail.mime.delivery_reports import MAX_RECIPIENTS, DeliveryReport, best_code
from qtmail.mime.parser import parse
from qtmail.mime.reports import read_report

HEADER = b"From: MAILER-DAEMON@example.org\r\nDate: Tue, 5 May 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"


def status_report(fields: str) -> DeliveryReport | None:
    """The report whose message/delivery-status part has these fields."""
    body = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    body += f"Content-Type: message/delivery-status\r\n\r\n{fields}\r\n--b--\r\n"
    report = read_report(parse(HEADER + body.encode()))
    assert report is None or isinstance(report, DeliveryReport)
    return report


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ("Action: FAILED\r\nStatus: 4.4.7", DeliveryStatus.FAILED),
        ("Status: 5.1.1", DeliveryStatus.FAILED),
        ("Status: 4.2.2", DeliveryStatus.DELAYED),
        ("Status: 2.0.0", DeliveryStatus.DELIVERED),
        ("Action: eaten by a dog", DeliveryStatus.UNKNOWN),
        ("Action: delivered (to mailbox)", DeliveryStatus.DELIVERED),
    ],
)
def test_action_decides_else_the_class_of_the_status(fields: str, status: DeliveryStatus) -> None:
    report = status_report(f"Final-Recipient: rfc822; bob@example.net\r\n{fields}")
    assert report is not None
    assert [one.status for one in report.recipients] == [status]


@pytest.mark.parametrize(
    "value", ["rfc822; bob@x.org", "RFC822;<bob@x.org>", "bob@x.org", "unknown;bob@x.org"]
)
def test_address_with_and_without_its_type(value: str) -> None:
    report = status_report(f"Final-Recipient: {value}\r\nAction: failed")
    assert report is not None
    assert report.recipients[0].address == "bob@x.org"


def test_report_about_nobody_is_none() -> None:
    assert status_report("Reporting-MTA: dns; x") is None


def test_endless_report_is_cut() -> None:
    report = status_report("\r\n\r\n".join(f"Final-Recipient: rfc822; u{n}@x.org" for n in range(5000)))
    assert report is not None
    assert len(report.recipients) <= MAX_RECIPIENTS + 1


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        ("5.1.1", "550 5.7.1 no", "5.1.1"),
        ("5.0.0", "550 5.7.1 no", "5.7.1"),
        ("5.0.0", "550 no", "5.0.0"),
        ("", "550-5.1.1 no", "5.1.1"),
        ("", "host 192.0.2.7 said: 550 no", "550"),
        ("", "host [5.1.1.4] is down", ""),
    ],
)
def test_the_code_that_says_most(status: str, words: str, code: str) -> None:
    assert best_code(status, words) == code
