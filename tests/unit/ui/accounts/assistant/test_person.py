from __future__ import annotations

import pytest

from qtmail.ui.accounts.assistant.person import account_with, entry_fault, password_doubt, read_address
from tests.fakes.mail_service import account


@pytest.mark.parametrize(
    ("typed", "address", "name"),
    [
        ("ann@berg.example", "ann@berg.example", ""),
        ("  ann@berg.example\n", "ann@berg.example", ""),
        ("ann @ berg.example", "ann@berg.example", ""),
        ("Ann Berg <ann@berg.example>", "ann@berg.example", "Ann Berg"),
        ("mailto:ann@berg.example", "ann@berg.example", ""),
        ("<ann@berg.example>", "ann@berg.example", ""),
        ("\u200bann@berg.example,", "ann@berg.example", ""),
        ("张伟@例子.中国", "张伟@例子.中国", ""),
        ("zhang＠例子。中国", "zhang@例子.中国", ""),
        ("ann@müller.example", "ann@müller.example", ""),
        ("root@localhost", "root@localhost", ""),
    ],
)
def test_an_address_is_understood_as_people_type_and_paste_it(typed, address, name):
    read = read_address(typed)
    assert (read.address, read.name) == (address, name)
    assert entry_fault(read) == ""


@pytest.mark.parametrize(
    "typed", ["", "ann", "ann@", "@berg.example", "a@b.example, c@d.example", "a@@b.example"]
)
def test_what_is_no_single_address_is_left_as_it_is_and_told(typed):
    read = read_address(typed)
    assert read.address == typed.strip()
    assert entry_fault(read) != ""


def test_an_account_is_known_by_its_address_however_it_is_written():
    accounts = [account()]
    assert account_with("ME@Personal.Example", accounts) is accounts[0]
    assert account_with("you@personal.example", accounts) is None


@pytest.mark.parametrize("password", ["", "secret", "two words"])
def test_an_ordinary_password_is_not_doubted(password):
    assert password_doubt(password) == ""


@pytest.mark.parametrize("password", [" secret", "secret\t", "secret\u3000", "  "])
def test_blanks_around_a_password_are_told(password):
    assert "blank" in password_doubt(password)
