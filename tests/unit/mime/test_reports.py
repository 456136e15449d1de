"""Delivery reports and read receipts, against the values a person wrote down for each of the corpus.

A `text` of null in a JSON file: the words of the status table are tested elsewhere.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qtmail.mime.parser import parse
from qtmail.mime.reports import DeliveryReport, ReadReceipt, read_report

REPORTS = sorted((Path(__file__).parents[2] / "corpus" / "reports").glob("*.eml"))


def described(report: DeliveryReport | ReadReceipt | None) -> dict[str, object] | None:
    match report:
        case DeliveryReport():
            return {
                "original_message_id": report.original_message_id,
                "envelope_id": report.envelope_id,
                "recipients": [
                    {"address": one.address, "status": one.status.value, "text": one.text, "code": one.code}
                    for one in report.recipients
                ],
            }
        case ReadReceipt():
            return {
                "original_message_id": report.original_message_id,
                "reader": str(report.reader),
                "displayed": report.displayed,
            }
    return None


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_report_says_what_happened_to_whom(path: Path) -> None:
    wanted = json.loads(path.with_suffix(".json").read_text("utf-8"))
    report = read_report(parse(path.read_bytes()))
    found = described(report)
    if isinstance(report, DeliveryReport):
        for one, expected in zip(report.recipients, wanted["recipients"], strict=True):
            assert one.text
            expected["text"] = expected["text"] or one.text
    assert found == wanted


def test_words_of_the_report_are_kept_without_the_copy() -> None:
    report = read_report(parse((REPORTS[0].parent / "qmail.eml").read_bytes()))
    assert report is not None
    assert "Giving up on 192.0.2.7." in report.text
    assert "Shall we?" not in report.text


def test_ordinary_mail_is_no_report() -> None:
    assert read_report(parse(b"From: a@b\r\nSubject: x\r\n\r\n<bob@example.net>: hello\r\n")) is None
