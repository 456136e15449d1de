from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.domain.address import Address
from qtmail.mime.recipients import format_recipient, split_finished, split_recipients

ANNA = Address("Anna Berg", "anna@example.org")
BOB = Address("", "bob@example.com")
WANG = Address("王小明", "wang@qq.com")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" ,; \n\t，；、 ", ()),
        ("bob@example.com", (BOB,)),
        ("Anna Berg <anna@example.org>, bob@example.com; 王小明 <wang@qq.com>", (ANNA, BOB, WANG)),
        ("Anna Berg <anna@example.org>\r\nbob@example.com\n\n王小明 <wang@qq.com>\n", (ANNA, BOB, WANG)),
        ("Anna Berg <anna@example.org>，bob@example.com；王小明 <wang@qq.com>、", (ANNA, BOB, WANG)),
        ("bob@example.com anna@example.org", (BOB, Address("", "anna@example.org"))),
        ("Team: Anna Berg <anna@example.org>, bob@example.com;", (ANNA, BOB)),
        ('"The Team": bob@example.com; undisclosed-recipients:;', (BOB,)),
        ("Anna Berg anna@example.org", (ANNA,)),
        ("Anna Berg (anna@example.org)", (ANNA,)),
        ("anna@example.org (Anna Berg)", (ANNA,)),
        ("Berg, Anna <anna@example.org>", (Address("Berg, Anna", "anna@example.org"),)),
        ("bob@example.com, Berg, Anna <anna@example.org>", (BOB, Address("Berg, Anna", "anna@example.org"))),
        ('"Berg, Anna; PhD" <anna@example.org>', (Address("Berg, Anna; PhD", "anna@example.org"),)),
        (r'"Anna \"A\" Berg" <anna@example.org>', (Address('Anna "A" Berg', "anna@example.org"),)),
        ("'Anna Berg' <anna@example.org>", (ANNA,)),
        ("=?utf-8?B?546L5bCP5piO?= <wang@qq.com>", (WANG,)),
        ("mailto:bob@example.com", (BOB,)),
        ("<mailto:bob@example.com>", (BOB,)),
        ("<bob@example.com>", (BOB,)),
        ("bob@example.com <bob@example.com>", (BOB,)),
        ("bob@example.com.", (BOB,)),
        ("王小明＜wang＠qq。com＞", (WANG,)),
        ("用户@例子.广告", (Address("", "用户@例子.广告"),)),
        ('"odd local"@example.org', (Address("", '"odd local"@example.org'),)),
        ("bob@[192.0.2.1]", (Address("", "bob@[192.0.2.1]"),)),
        ("bob@localhost", (Address("", "bob@localhost"),)),
    ],
)
def test_recipients_in_all_the_forms_people_write_them(text: str, expected: tuple[Address, ...]) -> None:
    assert split_recipients(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna Berg\tanna@example.org\nBob\tbob@example.com", (ANNA, Address("Bob", "bob@example.com"))),
        ("anna@example.org\tAnna\tBerg\n", (ANNA,)),
        ("王小明\t\twang@qq.com\r\n", (WANG,)),
        ("bob@example.com\tanna@example.org", (BOB, Address("", "anna@example.org"))),
        ("Berg, Anna\tanna@example.org", (Address("Berg, Anna", "anna@example.org"),)),
    ],
)
def test_the_columns_of_a_table(text: str, expected: tuple[Address, ...]) -> None:
    assert split_recipients(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "anna",
        "Anna Berg",
        "anna@exa mple.org",
        "an na@example.org more",
        "anna@@example.org",
        "a@b@example.org",
        "anna@",
        "@example.org",
        "Anna <anna",
        "Anna <anna at example.org>",
        "bob@x.org <anna@example.org>",
    ],
)
def test_what_is_not_plainly_a_recipient_stays_as_it_was_written(text: str) -> None:
    assert split_recipients(text) == (Address("", text),)


def test_a_wrong_piece_does_not_spoil_the_others() -> None:
    assert split_recipients("nobody, Anna Berg <anna@example.org>; b@; bob@example.com") == (
        Address("nobody, Anna Berg", "anna@example.org"),
        Address("", "b@"),
        BOB,
    )
    assert split_recipients("nobody; bob@example.com") == (Address("", "nobody"), BOB)


def test_invisible_direction_marks_are_dropped() -> None:
    assert split_recipients("\u202abob@example.com\u202c") == (BOB,)


@pytest.mark.parametrize(
    ("text", "finished", "rest"),
    [
        ("bob@example.com", "", "bob@example.com"),
        ("bob@example.com,", "bob@example.com,", ""),
        ("bob@example.com； anna", "bob@example.com；", " anna"),
        ("a@b.org, c@d.org，e", "a@b.org, c@d.org，", "e"),
        ('"Berg, An', "", '"Berg, An'),
        ('"Berg, Anna" <a', "", '"Berg, Anna" <a'),
        ('a@b.org; "Berg, An', "a@b.org;", ' "Berg, An'),
        ("Anna <anna,", "", "Anna <anna,"),
    ],
)
def test_separators_finish_a_recipient_being_typed(text: str, finished: str, rest: str) -> None:
    assert split_finished(text) == (finished, rest)


WORDS = st.text(
    st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u200b"), max_size=20
)
NAMES = WORDS.map(lambda text: " ".join(text.split())).filter(
    lambda name: not name.startswith(("'", "=?")) and not name.endswith("'") and "=?" not in name
)
LOCALS = st.from_regex(r"[a-z0-9é王]{1,8}(\.[a-z0-9]{1,8})?", fullmatch=True)
DOMAINS = st.from_regex(r"[a-z0-9例]{1,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)


@given(st.lists(st.tuples(NAMES, LOCALS, DOMAINS), max_size=5))
def test_what_is_copied_can_be_pasted(people: list[tuple[str, str, str]]) -> None:
    addresses = tuple(Address(name, f"{local}@{domain}") for name, local, domain in people)
    assert split_recipients(", ".join(map(format_recipient, addresses))) == addresses


@given(st.text(max_size=200))
def test_any_text_can_be_pasted(text: str) -> None:
    for address in split_recipients(text):
        assert address.address


@pytest.mark.parametrize("text", ['"' * 20_000, "<" * 20_000, "(a" * 10_000, "a," * 20_000, "a@b " * 10_000])
def test_long_nonsense_takes_no_time(text: str) -> None:
    split_recipients(text)
