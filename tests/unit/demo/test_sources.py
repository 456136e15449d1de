from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qtmail.demo.render import format_time, imap_flags, later, parse_when
from qtmail.demo.sources import Section, parse_source, read_people, read_sources
from qtmail.domain.address import Address

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


def test_a_message_is_fields_text_and_sections() -> None:
    source = parse_source(
        "From: anna\nSubject: Hello: again\nFlags: unread\nAttach: a.pdf\nAttach: b.pdf\n\n"
        "Hi.\n\n--- text/html ---\n<p>Hi.",
        "x-1",
    )
    assert source.id == "x-1"
    assert source.fields == (("From", "anna"), ("Subject", "Hello: again"))
    assert source.field("From") == "anna" and source.field("Cc") == ""
    assert source.flags == "unread"
    assert source.attach == ("a.pdf", "b.pdf")
    assert source.sections == (Section("text/plain", "Hi.\n\n"), Section("text/html", "<p>Hi.\n"))


def test_a_line_that_is_no_field_is_named() -> None:
    with pytest.raises(ValueError, match="x-1: not a field: 'nonsense'"):
        parse_source("nonsense\n\ntext", "x-1")


def test_a_file_holds_several_messages(tmp_path: Path) -> None:
    (tmp_path / "people.txt").write_text("All invented.\n\nanna = Anna B <anna@x.test>\n", "utf-8")
    (tmp_path / "tea.txt").write_text(
        "Subject: a\n\none\n==========\nSubject: b\nId: second\n\ntwo\n", "utf-8"
    )
    assert read_people(tmp_path) == {"anna": Address("Anna B", "anna@x.test")}
    assert [(source.id, source.sections[0].text) for source in read_sources(tmp_path)] == [
        ("tea-1", "one\n"),
        ("second", "two\n"),
    ]


def test_times_before_now() -> None:
    assert parse_when("5m", NOW) == NOW - timedelta(minutes=5)
    assert parse_when("3h", NOW) == NOW - timedelta(hours=3)
    two_days_ago = parse_when("2d 18:40", NOW)
    assert (two_days_ago.day, two_days_ago.hour, two_days_ago.minute) == (2, 18, 40)
    assert two_days_ago.utcoffset() is not None
    assert parse_when("2019-06-14 09:30", NOW).year == 2019


def test_times_after_a_message() -> None:
    assert later(NOW, "+2h") == NOW + timedelta(hours=2)
    assert later(NOW, "+3d 18:00") == datetime(2026, 3, 7, 18, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="not an offset"):
        later(NOW, "tomorrow")


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("ics", "20260304T150000Z"),
        ("day", "Wednesday 4 Mar"),
        ("日", "3月4日（星期三）"),
        ("date", "2026-03-04"),
    ],
)
def test_forms_of_a_time(form: str, written: str) -> None:
    assert format_time(NOW, form) == written


def test_flags_as_a_server_keeps_them() -> None:
    assert imap_flags("") == {"\\Seen"}
    assert imap_flags("unread flagged forwarded work") == {"\\Flagged", "$Forwarded", "work"}
