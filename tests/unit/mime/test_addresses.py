"""Address lists, right and wrong."""

from __future__ import annotations

import pytest

from qtmail.domain.address import Address
from qtmail.mime.addresses import MAX_ADDRESSES, parse_addresses


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ("a@b", [("", "a@b")]),
        ("Ann Lee <ann@x.org>", [("Ann Lee", "ann@x.org")]),
        ('"Lee, Ann" <ann@x.org>, bob@x.org', [("Lee, Ann", "ann@x.org"), ("", "bob@x.org")]),
        ("Lee, Ann <ann@x.org>, bob@x.org", [("Lee, Ann", "ann@x.org"), ("", "bob@x.org")]),
        ("A, B, C <c@x>, d@x", [("A, B, C", "c@x"), ("", "d@x")]),
        ("a@b; c@d;", [("", "a@b"), ("", "c@d")]),
        ("a@b, ,, c@d,", [("", "a@b"), ("", "c@d")]),
        ("Team: a@b, C <c@d>; e@f", [("", "a@b"), ("C", "c@d"), ("", "e@f")]),
        ("undisclosed-recipients:;", [("undisclosed-recipients", "")]),
        ("undisclosed-recipients:", [("undisclosed-recipients", "")]),
        ("Undisclosed recipients: ;", [("Undisclosed recipients", "")]),
        ("Note: Ann <a@b>", [("Note: Ann", "a@b")]),
        ("a@b (Ann (the) Lee)", [("Ann (the) Lee", "a@b")]),
        ("Ann (work) <a@b>", [("Ann", "a@b")]),
        ("<a@b> (Ann)", [("Ann", "a@b")]),
        ('"a@b" <a@b>', [("a@b", "a@b")]),
        ('"Q \\"x\\" \\\\" <a@b>', [('Q "x" \\', "a@b")]),
        ('"quoted local"@x.org', [("", '"quoted local"@x.org')]),
        ("<@x,@y:a@b>", [("", "a@b")]),
        ("Ann a@b", [("Ann", "a@b")]),
        ("Ann Lee [a@b]", [("Ann Lee [ ]", "a@b")]),
        ("<a@b", [("", "a@b")]),
        ("Ann <a@b", [("Ann", "a@b")]),
        ("a@b>", [("", "a@b")]),
        ("<<a@b>>", [("", "a@b")]),
        ("< a@b >", [("", "a@b")]),
        ("Ann @ home <a@b>", [("Ann @ home", "a@b")]),
        ("'a@b'", [("", "a@b")]),
        ("mailto:a@b", [("", "a@b")]),
        ("Ann <mailto:a@b>", [("Ann", "a@b")]),
        ("user@[192.168.0.1]", [("", "user@[192.168.0.1]")]),
        ("root", [("", "root")]),
        ("<MAILER-DAEMON>", [("", "MAILER-DAEMON")]),
        ("Mail Delivery System", [("Mail Delivery System", "")]),
        ("张三 <用户@例子.中国>", [("张三", "用户@例子.中国")]),
        ("=?utf-8?Q?Doe=2C_J=22x=22?= <a@b>", [('Doe, J"x"', "a@b")]),
        ('"=?utf-8?B?5byg5LiJ?=" <a@b>', [("张三", "a@b")]),
        ("=?utf-8?Q?Doe, J?= <a@b>, c@d", [("Doe, J", "a@b"), ("", "c@d")]),
        ("=?utf-8?B?5byg5LiJIDxhQGI+?=", [("张三", "a@b")]),
        ("=?utf-8?Q?a=40b?=", [("", "a@b")]),
        ("a@b (=?utf-8?B?5byg5LiJ?=)", [("张三", "a@b")]),
        ('"=?utf-8?Q?=22Ann=22?=" <a@b>', [("Ann", "a@b")]),
        ('"unclosed <a@b>, c@d', [("unclosed", "a@b"), ("", "c@d")]),
        ('Ann" <a@b>', [("Ann", "a@b")]),
        ("a@b c@d", [("", "a@b"), ("", "c@d")]),
        ("Ann <a(home)@b (work)>", [("Ann", "a@b")]),
        ("root (Cron Daemon)", [("Cron Daemon", "root")]),
        ("(unclosed a@b", [("(unclosed", "a@b")]),
        ("<>", []),
        ("", []),
        (" , ; ", []),
    ],
)
def test_addresses(value: str, pairs: list[tuple[str, str]]) -> None:
    assert [(found.name, found.address) for found in parse_addresses(value.encode())] == pairs


def test_raw_gbk_name_with_delimiters_in_its_second_bytes() -> None:
    name = "張誠凌"  # second bytes of its GBK characters are ASCII letters and brackets
    found = parse_addresses(f"{name} <a@b>".encode("gbk"), fallback="gbk")
    assert [(person.name, person.address) for person in found] == [(name, "a@b")]


def test_control_characters_and_direction_do_not_survive_in_names() -> None:
    assert parse_addresses(b"=?utf-8?Q?Ann=0D=0ABcc=3A?= <a@b>")[0].name == "Ann Bcc:"


@pytest.mark.parametrize("piece", ["a,", "a@b,", "<a@b> ", '"', "(", "<", "a:;", "x y@", "=?u?q?a?= ", "a@["])
def test_endless_lists_are_cut(piece: str) -> None:
    assert len(parse_addresses((piece * 200_000).encode())) <= MAX_ADDRESSES + 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("o'brien@example.org", [Address("", "o'brien@example.org")]),
        ("'o'brien@example.org'", [Address("", "o'brien@example.org")]),
        ("'ann@example.org'", [Address("", "ann@example.org")]),
        ("d'arcy.o'neil@example.org, ann@example.org", [
            Address("", "d'arcy.o'neil@example.org"), Address("", "ann@example.org"),
        ]),
        ("Tim O'Reilly tim@example.org", [Address("Tim O'Reilly", "tim@example.org")]),
    ],
)  # fmt: skip
def test_an_apostrophe_inside_an_address_is_part_of_it(text: str, found: list[Address]) -> None:
    assert list(parse_addresses(text)) == found
