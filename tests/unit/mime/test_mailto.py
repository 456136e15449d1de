"""mailto: addresses, kindly meant and hostile."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.domain.address import Address
from qtmail.domain.composition import Composition
from qtmail.mime.html_text import html_to_text
from qtmail.mime.mailto import MAX_RECIPIENTS, composition_from_mailto


def plain(url: str) -> Composition:
    return composition_from_mailto(url, rich=False)


def addresses(people: tuple[Address, ...]) -> list[str]:
    return [person.address for person in people]


@pytest.mark.parametrize(
    ("url", "to"),
    [
        ("mailto:chris@example.com", ["chris@example.com"]),
        (
            "MAILTO:a@example.com,b@example.com?to=c@example.com",
            ["a@example.com", "b@example.com", "c@example.com"],
        ),
        ("mailto:?to=a@example.com&to=a@example.com", ["a@example.com"]),
        ("mailto:gorby%25kremvax@example.com", ["gorby%kremvax@example.com"]),
        ("mailto:%22not%40me%22@example.org", ['"not@me"@example.org']),
        ("mailto:user+tag@example.org", ["user+tag@example.org"]),
        ("mailto:user@%E7%B4%8D%E8%B1%86.example.org", ["user@納豆.example.org"]),
        ("mailto:a@example.com;b@example.com", ["a@example.com", "b@example.com"]),
        ("mailto://a@example.com", ["a@example.com"]),
        ("mailto:a@example.com%2Cb@example.com", ["a@example.com", "b@example.com"]),
        ("mailto:", []),
        ("a@example.com", ["a@example.com"]),
    ],
)
def test_recipients(url: str, to: list[str]) -> None:
    assert addresses(plain(url).to) == to


def test_names_are_read() -> None:
    assert plain("mailto:Ann%20Lee%20%3Cann@example.org%3E").to == (Address("Ann Lee", "ann@example.org"),)


def test_fields() -> None:
    found = plain(
        "mailto:a@x.org?cc=b@x.org&BCC=c@x.org&subject=caf%C3%A9%20%26%20tea&body=one%0D%0Atwo%0Athree%26"
        "&In-Reply-To=%3C3469A91.D10A7B45%40x.org%3E&reply-to=d@x.org"
    )
    assert addresses(found.cc + found.bcc + found.reply_to) == ["b@x.org", "c@x.org", "d@x.org"]
    assert (found.subject, found.body) == ("café & tea", "one\ntwo\nthree&")
    assert found.in_reply_to == "3469A91.D10A7B45@x.org"


def test_plus_is_no_space_and_html_ampersands_part_fields() -> None:
    found = plain("mailto:a@x.org?subject=1+1&amp;body=b")
    assert (found.subject, found.body) == ("1+1", "b")


def test_rich_body_shows_markup_as_text() -> None:
    found = composition_from_mailto("mailto:?body=%3Cb%3Ehi%3C/b%3E%0A%0Ax%20%20y")
    assert found.rich
    assert html_to_text(found.body) == "<b>hi</b>\n\nx  y"


@pytest.mark.parametrize("end", ["%0D%0A", "%0A", "%0D", "%E2%80%A8", "%C2%85"])
def test_no_line_end_gets_into_a_header(end: str) -> None:
    found = plain(f"mailto:a@x.org{end}Bcc:%20victim@x.org?subject=hi{end}X-Evil:%201&cc=b@x.org{end}c@x.org")
    assert found.subject == "hi"
    assert addresses(found.recipients) == ["a@x.org", "b@x.org"]


def test_files_and_other_fields_are_left_out() -> None:
    found = plain("mailto:a@x.org?attach=/etc/passwd&attachment=x&From=boss@x.org&X-Mailer=y&Content-Type=z")
    assert found == Composition(to=(Address("", "a@x.org"),), rich=False)


def test_huge_address_is_cut() -> None:
    found = plain("mailto:" + ",".join(f"u{n}@x.org" for n in range(100_000)) + "?subject=" + "x" * 1_000_000)
    assert len(found.to) <= MAX_RECIPIENTS
    assert len(found.subject) < 10_000


def test_wrong_encoding_does_no_harm() -> None:
    assert plain("mailto:a@x.org?subject=%C4%E3%&body=%ZZ%00").body == "%ZZ"


@given(
    st.text(st.characters(exclude_categories=["C", "Z"])),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
)
def test_what_is_encoded_comes_back(subject: str, body: str) -> None:
    found = plain(f"mailto:a@x.org?subject={quote(subject, safe='')}&body={quote(body, safe='')}")
    assert found.subject == subject
    assert found.body.split("\n") == body.replace("\u2028", "\n").replace("\u2029", "\n").split("\n")


@given(st.text())
def test_nothing_that_is_typed_raises(text: str) -> None:
    for url in (f"mailto:{text}", f"mailto:?{text}", f"mailto:?subject={text}&to={text}&body={text}"):
        found = composition_from_mailto(url)
        header = [found.subject, found.in_reply_to, *(f"{one.name}{one.address}" for one in found.recipients)]
        assert not any(char in value for value in header for char in "\r\n\0")
