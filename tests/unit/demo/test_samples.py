"""The sample mail: all of it can be read, and it shows what the demo promises to show."""

from __future__ import annotations

import email
import email.policy
import itertools
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage, MIMEPart

import pytest

from qtmail.demo.render import Sample
from qtmail.demo.samples import OWNER, load_samples
from qtmail.mime import parser as mime_parser

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
INVENTED = re.compile(r"(\.example\.(org|com|net)|\bexample\.(org|com|net)|\.test)$")
UNREADABLE = {"broken", "noise"}
LYING = {"lying-label", "wrong-utf8"}
RAW_FIELDS = {"gb18030", "koi8-r"}
"""Messages with bare 8-bit header fields, which the standard library does not decode."""


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return load_samples(NOW)


@pytest.fixture(scope="module")
def by_id(samples: list[Sample]) -> dict[str, Sample]:
    return {sample.id: sample for sample in samples}


def parse(sample: Sample) -> EmailMessage:
    message = email.message_from_bytes(sample.message, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def parts(sample: Sample) -> list[MIMEPart]:
    return [part for part in parse(sample).walk() if isinstance(part, MIMEPart)]


def content_types(samples: list[Sample]) -> Counter[str]:
    return Counter(part.get_content_type() for sample in samples for part in parts(sample))


def test_there_are_sixty_and_more_in_both_languages(samples: list[Sample]) -> None:
    assert len(samples) >= 60
    texts = [parse(sample).get_body(("plain",)) for sample in samples if sample.id not in UNREADABLE]
    chinese = sum(bool(re.search("[\u4e00-\u9fff]{4}", text.get_content())) for text in texts if text)
    assert 0.35 < chinese / len(samples) < 0.65


def test_ids_and_message_ids_are_unique(samples: list[Sample]) -> None:
    assert len({sample.id for sample in samples}) == len(samples)
    assert len({parse(sample)["Message-ID"] for sample in samples}) == len(samples)


def test_samples_are_in_order_of_time_and_the_welcome_is_newest(samples: list[Sample]) -> None:
    times = [sample.when for sample in samples]
    assert times == sorted(times)
    assert samples[-1].id == "welcome"
    assert "\\Seen" not in samples[-1].flags
    assert samples[-1].when < NOW
    assert samples[0].when < NOW - timedelta(days=365 * 3)


def test_the_standard_library_finds_no_fault(samples: list[Sample]) -> None:
    for sample in samples:
        if sample.id not in UNREADABLE:
            assert [defect for part in parts(sample) for defect in part.defects] == [], sample.id


def test_every_text_decodes_where_its_label_tells_the_truth(samples: list[Sample]) -> None:
    for sample in samples:
        if sample.id in UNREADABLE | LYING:
            continue
        for part in parts(sample):
            if part.get_content_maintype() == "text":
                assert "\ufffd" not in part.get_content(), sample.id


def test_the_broken_message_is_broken(by_id: dict[str, Sample]) -> None:
    assert any(part.defects for part in parts(by_id["broken"]))


def test_our_reader_finds_fault_with_no_other(samples: list[Sample]) -> None:
    read = {sample.id: mime_parser.parse(sample.message) for sample in samples}
    assert {name for name, message in read.items() if message.problems} == UNREADABLE | LYING
    assert {name for name, message in read.items() if not message.readable} == {"noise"}
    assert all("\ufffd" not in message.text for name, message in read.items() if name not in UNREADABLE)
    assert all(message.preview for name, message in read.items() if name not in UNREADABLE)
    assert "印厂那套老系统" in read["lying-label"].text
    assert "naïve café" in read["wrong-utf8"].text


def test_only_invented_domains_occur(samples: list[Sample]) -> None:
    for sample in samples:
        text = sample.message.decode("ascii", "replace")
        for domain in re.findall(r"(?:@|https?://)([a-z0-9.-]+[a-z])", text):
            assert INVENTED.search(domain), (sample.id, domain)


def test_no_line_is_longer_than_mail_may_carry(samples: list[Sample]) -> None:
    for sample in samples:
        assert max(map(len, sample.message.split(b"\r\n"))) <= 998, sample.id
        assert b"\n" not in sample.message.replace(b"\r\n", b""), sample.id


def test_all_placeholders_are_filled(samples: list[Sample]) -> None:
    for sample in samples:
        assert b"{{" not in sample.message, sample.id


def test_conversations_hold_together(by_id: dict[str, Sample]) -> None:
    for name, length in (("garden", 8), ("yunnan", 4)):
        messages = [parse(by_id[f"{name}-{number}"]) for number in range(1, length + 1)]
        for before, answer in itertools.pairwise(messages):
            assert answer["In-Reply-To"] == before["Message-ID"]
            assert str(answer["References"]).split()[-1] == before["Message-ID"]
        senders = {str(message["From"].addresses[0].addr_spec) for message in messages}
        assert OWNER.address in senders and len(senders) > 1
        texts = [body.get_content() for message in messages if (body := message.get_body(("plain",)))]
        assert sum("\n> " in text for text in texts) >= 2
        folders = {by_id[f"{name}-{number}"].folder for number in range(1, length + 1)}
        assert "Sent" in folders and "INBOX" in folders


def test_every_kind_of_mail_the_demo_promises_is_there(samples: list[Sample]) -> None:
    kinds = content_types(samples)
    for kind in (
        "application/pdf", "application/zip", "audio/wav", "image/jpeg", "image/png", "message/rfc822",
        "message/delivery-status", "multipart/related", "multipart/report", "text/calendar", "text/csv",
        "text/html",
    ):  # fmt: skip
        assert kinds[kind], kind
    flags = Counter(flag for sample in samples for flag in sample.flags)
    for flag in ("\\Flagged", "\\Answered", "\\Draft", "$Forwarded", "$Junk", "work"):
        assert flags[flag], flag
    assert {"INBOX", "Sent", "Drafts", "Trash", "Junk", "Archive", "Projects/Garden", "旅行"} <= {
        sample.folder for sample in samples
    }
    assert max(len(sample.message) for sample in samples) > 4_000_000


def test_newsletters_point_outside_and_can_be_left(by_id: dict[str, Sample]) -> None:
    for name in ("slow-letter", "slow-read"):
        message = parse(by_id[name])
        html = message.get_body(("html",))
        assert html is not None
        assert html.get_content().count('src="https://') >= 2
        assert 'width="1" height="1"' in html.get_content()
        assert "https://" in message["List-Unsubscribe"]


@pytest.mark.parametrize(
    ("name", "charset", "word"),
    [("gb18030", "gb18030", "通讯录"), ("big5", "big5", "港邊"), ("shift-jis", "shift_jis", "和紙"),
     ("koi8-r", "koi8-r", "фонар")],
)  # fmt: skip
def test_legacy_charsets_are_what_they_say(
    by_id: dict[str, Sample], name: str, charset: str, word: str
) -> None:
    message = parse(by_id[name])
    assert message.get_content_charset() == charset
    assert word in message.get_content()
    assert (not by_id[name].message.partition(b"\r\n\r\n")[0].isascii()) == (name in RAW_FIELDS)


def test_dates_follow_the_moment_given() -> None:
    later = NOW + timedelta(days=10)
    first = {sample.id: sample for sample in load_samples(NOW)}
    second = {sample.id: sample for sample in load_samples(later)}
    assert second["welcome"].when - first["welcome"].when == timedelta(days=10)
    assert second["archive-offer"].when == first["archive-offer"].when
    assert second["lunch"].message != first["lunch"].message


def test_the_forwarded_message_is_the_very_one(by_id: dict[str, Sample]) -> None:
    forwarded = next(
        part for part in parts(by_id["forwarded-hours"]) if part.get_content_type() == "message/rfc822"
    )
    inner = forwarded.get_content()
    assert inner["Message-ID"] == parse(by_id["opening-hours"])["Message-ID"]


def test_a_chinese_file_name_comes_in_both_spellings(by_id: dict[str, Sample]) -> None:
    assert b"filename*=utf-8''" in by_id["calligraphy-date"].message
    assert b'filename="=?gb18030?B?' in by_id["minutes"].message
    assert [part.get_filename() for part in parse(by_id["calligraphy-date"]).iter_attachments()] == [
        "书法班小聚.ics"
    ]
