from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.account import Account, Pop3Policy, Security
from qtmail.domain.discovery import ServerKind, Source
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.ui.accounts.assistant.choice import (
    ACCOUNT_COLORS,
    account_name,
    found_choice,
    free_color,
    methods,
    needs_own_client,
    new_account,
    stays_here,
)
from qtmail.ui.accounts.assistant.person import Person
from tests.fakes.discoveries import GOOGLE, IMAP, POP3, SMTP, berg, found_server
from tests.fakes.mail_service import account

ANN = Person("Ann Berg", "ann@berg.example")


def test_the_best_server_of_each_kind_is_taken():
    second = found_server(ServerKind.IMAP, "imap2.berg.example")
    choice = found_choice(berg(IMAP, second, POP3, SMTP), ServerKind.IMAP)
    assert choice is not None
    assert (choice.incoming, choice.outgoing) == (IMAP.settings, SMTP.settings)
    assert (choice.source, choice.provider) == (Source.AUTOCONFIG, "Berg Mail")


def test_without_a_server_of_the_kind_there_is_no_choice():
    assert found_choice(berg(IMAP, SMTP), ServerKind.POP3) is None


def test_an_account_of_one_kind_has_no_server_of_the_other():
    policy = Pop3Policy(days=3)
    imap = found_choice(berg(), ServerKind.IMAP)
    pop3 = found_choice(berg(), ServerKind.POP3)
    assert imap is not None and pop3 is not None
    by_imap, by_pop3 = (new_account(ANN, choice, policy, []) for choice in (imap, pop3))
    assert (by_imap.imap, by_imap.pop3) == (IMAP.settings, None)
    assert (by_pop3.imap, by_pop3.pop3) == (None, POP3.settings)
    assert by_pop3.pop3_policy == policy
    assert (by_imap.id, by_imap.address, by_imap.full_name) == (0, ANN.address, ANN.full_name)


def test_only_hosts_nobody_vouches_for_are_to_be_confirmed():
    stranger = found_server(ServerKind.SMTP, "mail.other.example", foreign=True)
    choice = found_choice(berg(IMAP, stranger), ServerKind.IMAP)
    assert choice is not None
    assert choice.foreign == ("mail.other.example",)


def test_a_line_in_clear_text_is_one_that_leaves_this_computer():
    clear = found_server(ServerKind.IMAP, "imap.berg.example", security=Security.NONE)
    local = found_server(ServerKind.IMAP, "127.0.0.1", security=Security.NONE)
    for server, expected in ((clear, (clear.settings,)), (local, ())):
        choice = found_choice(berg(server, SMTP), ServerKind.IMAP)
        assert choice is not None
        assert choice.clear_servers() == expected


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.8.8", "::1", "[::1]"])
def test_loopback_stays_here(host):
    assert stays_here(host)


@pytest.mark.parametrize("host", ["localhost.evil.example", "128.0.0.1", "127.0.0.1.evil.example", ""])
def test_anything_else_does_not(host):
    assert not stays_here(host)


def test_an_app_password_goes_before_a_browser_that_would_ask_for_a_client_id():
    assert needs_own_client(GOOGLE.sign_in)
    assert methods(GOOGLE, ServerKind.IMAP) == (SignInMethod.PASSWORD, SignInMethod.OAUTH)


def test_with_a_client_id_the_provider_s_own_way_comes_first():
    ours = replace(GOOGLE, sign_in=SignIn(SignInMethod.OAUTH, "google", client_id="mine"))
    assert methods(ours, ServerKind.IMAP) == (SignInMethod.OAUTH, SignInMethod.PASSWORD)


def test_instead_of_the_browser_it_is_an_app_password():
    choice = found_choice(GOOGLE, ServerKind.IMAP, SignInMethod.PASSWORD)
    assert choice is not None
    assert choice.sign_in == SignIn()
    assert choice.app_password


def test_names_are_told_apart():
    taken = [account(1, "Berg Mail")]
    assert account_name(ANN, "", []) == "berg.example"
    assert account_name(ANN, "Berg Mail", []) == "Berg Mail"
    assert account_name(ANN, "Berg Mail", taken) == "ann@berg.example"
    taken.append(account(2, "Ann@berg.example"))
    assert account_name(ANN, "Berg Mail", taken) == "ann@berg.example (2)"


def test_each_account_has_a_colour_of_its_own_while_there_are_colours():
    accounts: list[Account] = []
    for number in range(len(ACCOUNT_COLORS)):
        accounts.append(account(number, color=free_color(accounts)))
    assert {one.color for one in accounts} == set(ACCOUNT_COLORS)
    del accounts[3]
    assert free_color(accounts) == ACCOUNT_COLORS[3]
