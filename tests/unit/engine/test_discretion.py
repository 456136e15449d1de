"""What a report must not tell, and what it must still tell to be of use."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.engine.discretion import Discretion
from qtmail.log import LogLine
from qtmail.protocols.imap_names import encode_name


def account(user: str = "eva.berg@example.org", full_name: str = "Eva Berg") -> Account:
    imap = ServerSettings("imap.example.org", 993, Security.TLS, user)
    return Account(1, "Home", "eva.berg@example.org", full_name, imap)


def line(text: str) -> LogLine:
    direction, _, said = text.partition(" ")
    return LogLine(0.0, direction, said)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("eva.berg@example.org is signed in.", "e…@example.org is signed in."),
        ("The user name eva.berg was refused.", "The user name e… was refused."),
        ("EVA.BERG is unknown", "E… is unknown"),
        ("Welcome, Eva Berg!", "Welcome, E…!"),
        ("<bob@example.net>: no such user", "<b…@example.net>: no such user"),
        ("imap.example.org did not answer.", "imap.example.org did not answer."),
        ("The password of “Home” is not known.", "The password of “…” is not known."),
        ("evaluation of eva.berg1", "evaluation of eva.berg1"),
    ],
)
def test_people_are_shortened_and_servers_are_not(text: str, told: str) -> None:
    assert Discretion(account()).text(text) == told


def test_a_short_user_name_is_taken_out_of_sentences_but_not_of_host_names() -> None:
    discretion = Discretion(account(user="example"))
    assert discretion.text("imap.example.org refused example.") == "imap.example.org refused e…."


def test_chinese_names_have_no_spaces_around_them() -> None:
    discretion = Discretion(account(full_name="王小明"))
    assert discretion.text("用户王小明不存在") == "用户王…不存在"


def test_the_home_folder_is_not_named() -> None:
    path = Path.home() / "keys" / "me.pem"
    assert str(Path.home()) not in Discretion(None).text(f"The file {path} was not found.")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('C q5 SELECT "Divorce"', "q5 SELECT …"),
        ('C q5 UID SEARCH SUBJECT "Divorce"', "q5 UID SEARCH …"),
        ("C q5 UID FETCH 1:9 (FLAGS)", "q5 UID FETCH 1:9 (FLAGS)"),
        ("C q5 AUTHENTICATE PLAIN ***", "q5 AUTHENTICATE PLAIN ***"),
        ("C q5 LOGIN eva.berg ***", "q5 LOGIN e… ***"),
        ("C q5 NOOP", "q5 NOOP"),
        ('S * LIST () "/" Divorce', "* LIST …"),
        ('S * 3 FETCH (ENVELOPE ("Sat" "Divorce"))', "* 3 FETCH …"),
        ("S * 3 EXISTS", "* 3 EXISTS"),
        ("S * OK [UIDNEXT 4] next", "* OK [UIDNEXT 4] next"),
        ("S q5 NO [NOPERM] not for eva.berg", "q5 NO [NOPERM] not for e…"),
        ("S 250-SIZE 50000000", "250-SIZE 50000000"),
        ("C MAIL FROM:<eva.berg@example.org>", "MAIL FROM:<e…@example.org>"),
        ("C USER eva.berg", "USER e…"),
        ("* connecting to imap.example.org:993/tls", "connecting to imap.example.org:993/tls"),
    ],
)
def test_a_conversation_without_contents(said: str, told: str) -> None:
    assert Discretion(account()).line(line(said)) == told


def test_folders_named_in_a_conversation_are_taken_out_of_every_sentence() -> None:
    work = encode_name("工作", utf8=False).decode()
    said = (f'C q5 SELECT "{work}"', 'S * LIST () "/" "Law/Divorce"', 'S * LIST () "/" INBOX')
    discretion = Discretion(account(), map(line, said))
    assert discretion.text("Law/Divorce and 工作 are locked; INBOX is not.") == (
        "L… and 工… are locked; INBOX is not."
    )
    assert work not in discretion.text(f"NO {work} is locked")
