"""Reports without labels. Whole ones are in the corpus: see test_reports."""

from __future__ import annotations

import pytest

from qtmail.domain.outgoing import DeliveryStatus
from qtmail.mime.bounces import read_bounce
from qtmail.mime.parser import parse

HEADER = b"From: MAILER-DAEMON@example.org\r\nDate: Tue, 5 May 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
COPY = "\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nMessage-ID: <lunch@example.org>\r\n"


def reasons(notice: str, *, copy: str = COPY) -> dict[str, str] | None:
    """The code for each recipient of a notice; None if it is no report."""
    report = read_bounce(parse(HEADER + f"\r\n{notice}{copy}".encode()))
    return {one.address: one.code for one in report.recipients} if report else None


@pytest.mark.parametrize(
    ("notice", "found"),
    [
        ("<bob@x.org>: 550 5.1.1 unknown", {"bob@x.org": "5.1.1"}),
        ("<bob@x.org>:\r\nunknown\r\n(#5.1.1)\r\n\r\nSorry. 5.9.9", {"bob@x.org": "5.1.1"}),
        (
            "  bob@x.org\r\n    552 full\r\n  dan@x.org\r\n    554 no",
            {"bob@x.org": "552", "dan@x.org": "554"},
        ),
        ("Write to postmaster@x.org for help.", None),
    ],
)
def test_addresses_and_their_reasons(notice: str, found: dict[str, str] | None) -> None:
    assert reasons(notice) == found


def test_notice_must_say_which_message_it_is_about() -> None:
    assert reasons("<bob@x.org>: 550 unknown", copy="") is None


def test_warning_is_a_delay() -> None:
    warning = "Subject: Warning: not delivered yet\r\n\r\n<bob@x.org>: will be retried" + COPY
    report = read_bounce(parse(HEADER + warning.encode()))
    assert report is not None
    assert [one.status for one in report.recipients] == [DeliveryStatus.DELAYED]


def test_hostile_notice_is_read_quickly() -> None:
    dashes = b"-" * 90_000 + b" copies\r\n"
    assert read_bounce(parse(HEADER + b"Auto-Submitted: x\r\n\r\n" + dashes * 20)) is None
