"""A list row says the same of a message as its whole envelope does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtmail.domain.address import Address
from qtmail.domain.message import HeaderSummary
from qtmail.mime.headers import envelope_from_header
from qtmail.mime.summary import recipients_line, suggests_attachment, summarise_header

CORPUS = sorted((Path(__file__).parents[2] / "corpus").glob("**/*.eml"))
HEADER = (
    "Date: Thu, 13 Aug 2026 19:25:00 +0200\r\n"
    "From: =?utf-8?B?5byg5LiJ?= <z@x.cn>, second@x.cn\r\n"
    "To: Ann <a@b>,\r\n c@d\r\n"
    "Cc: Cäcilie <e@f>\r\n"
    "Subject: Harbour\r\n plans\r\n"
    "Message-Id: <1@x>\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
).encode()

quick = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
names = st.sampled_from(
    [
        *("From", "To", "Cc", "Subject", "Date", "Message-ID", "Content-Type"),
        *("CC", "date", "X-Other", "From x", ""),
    ]
)
values = st.lists(
    st.sampled_from(
        [
            *("Thu, 13 Aug 2026 19:25:00 +0000", "31 Feb 2026 10:00:00 +0000", "1 Jan 1969 24:00:60 -0930"),
            *(
                "(a",
                ")",
                "GMT",
                "+9900",
                "<1@x>",
                "<",
                ">",
                "<a b>",
                "Ann <a@b>",
                "c@d",
                ",",
                "  ",
                "\t",
                "\x1b$B",
            ),
            *("=?utf-8?B?5byg5LiJ?=", "=?gb2312?b?1cXI/Q==?=", "=?utf-8?B?77u/YQ==?=", "=?utf-8?B?QUJD=?="),
            *(
                "=?utf-8*de?q?=E4?=",
                "=?x?B?4000?=",
                "multipart/mixed",
                "text/plain",
                "é",
                "張三",
                "\0",
                "\r",
                "a",
            ),
        ]
    ),
    max_size=5,
).map("".join)
folds = st.sampled_from(["", "", "", "\r\n ", "\n\t", "\r\n"])
ends = st.sampled_from(["\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n\r\n"])
headers = st.lists(
    st.tuples(names, st.just(": ") | st.just(":"), values, folds, values, ends), max_size=8
).map(lambda fields: "".join("".join(field) for field in fields))


def assert_as_the_envelope(header: bytes) -> None:
    summary, envelope = summarise_header(header), envelope_from_header(header)
    assert summary.subject == envelope.subject
    assert summary.sender == next(iter(envelope.from_), None)
    assert summary.recipients == recipients_line(envelope.to + envelope.cc)
    assert summary.date == (None if envelope.date is None else int(envelope.date.timestamp()))
    assert summary.message_id == envelope.message_id


def test_a_usual_header() -> None:
    assert summarise_header(HEADER) == HeaderSummary(
        subject="Harbour plans",
        sender=Address("张三", "z@x.cn"),
        recipients="Ann, c@d, Cäcilie",
        date=1_786_641_900,
        message_id="1@x",
        has_attachment=True,
    )


@pytest.mark.parametrize("header", [b"", b"\r\n", b"Subject:\r\n\r\n", b"no header at all", b"\xff\0\r"])
def test_nothing_to_read(header: bytes) -> None:
    assert summarise_header(header) == HeaderSummary()


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_row_and_envelope_agree_on_every_message_of_the_corpus(path: Path) -> None:
    raw = path.read_bytes()
    assert_as_the_envelope(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")


@quick
@given(headers, st.sampled_from(["utf-8", "gb18030"]))
def test_row_and_envelope_agree_on_any_header(header: str, charset: str) -> None:
    assert_as_the_envelope(header.encode(charset))


@quick
@given(st.binary(max_size=300))
def test_row_and_envelope_agree_on_any_bytes(raw: bytes) -> None:
    assert_as_the_envelope(raw)


def test_a_row_names_some_of_many_recipients() -> None:
    people = [Address("", f"{number}@x") for number in range(500)]
    assert recipients_line(people).endswith("18@x, 19@x, …")
    assert recipients_line(people[:20]).endswith("18@x, 19@x")


@pytest.mark.parametrize(
    ("content_type", "suggested"),
    [
        ("multipart/mixed; boundary=x", True),
        ("Multipart/Mixed", True),
        ("application/pdf", True),
        ("multipart/alternative", False),
        ("multipart/related", False),
        ("text/plain", False),
        ("TEXT/plain", False),
        ("application", False),
        ("", False),
    ],
)
def test_which_content_types_suggest_attachments(content_type: str, suggested: bool) -> None:
    assert suggests_attachment(content_type.encode()) is suggested
