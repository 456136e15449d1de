from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qtmail.domain.account import Pop3Keep, Pop3Policy, Security, ServerSettings
from qtmail.domain.identity import Identity
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.ui.accounts.settings.account_edit import AccountEdit, Page, deletes_more
from tests.fakes.mail_service import account

PERSONAL = account()
SERVER = ServerSettings("pop.personal.example", 995, Security.TLS, "me")
POP3 = replace(PERSONAL, imap=None, pop3=SERVER)
MINE = Identity(1, 1, "Me", "me@personal.example")
CLUB = Identity(2, 1, "Me", "chair@club.example")


def edit_of(**changes: Any) -> AccountEdit:
    edit = AccountEdit(PERSONAL, (MINE, CLUB))
    edit.account = replace(edit.account, **changes)
    return edit


def test_nothing_is_changed_at_first():
    edit = AccountEdit(PERSONAL, (MINE,))
    assert not edit.changed
    assert edit.fault() is None


def test_the_identity_that_bears_the_users_name_follows_and_others_stay():
    edit = AccountEdit(PERSONAL, (CLUB, MINE))
    edit.rename_user("王芳", "wang@personal.example")
    assert edit.identities == [CLUB, replace(MINE, name="王芳", address="wang@personal.example")]


@pytest.mark.parametrize(
    ("changes", "page", "sentence"),
    [
        ({"name": ""}, Page.GENERAL, "Give the account a name."),
        ({"address": "me"}, Page.GENERAL, "Mail address: The address has no @."),
        ({"address": "Other@work.example"}, Page.GENERAL, "There is already an account for"),
        (
            {"imap": replace(SERVER, host="")},
            Page.SERVERS,
            "Incoming mail: The name of the server is missing.",
        ),
        (
            {"imap": replace(SERVER, host="imap example")},
            Page.SERVERS,
            "Incoming mail: “imap example” is not",
        ),
        ({"smtp": replace(SERVER, user="")}, Page.SERVERS, "Outgoing mail: The user name is missing."),
        ({"sign_in": SignIn(SignInMethod.OAUTH)}, Page.SIGN_IN, "Choose your provider"),
        ({"sign_in": SignIn(SignInMethod.CERTIFICATE)}, Page.SIGN_IN, "Choose the file"),
        (
            {"imap": None, "pop3": SERVER, "pop3_policy": Pop3Policy(Pop3Keep.NEWEST)},
            Page.SERVER_MAIL,
            "Say how many messages",
        ),
    ],
)
def test_each_fault_names_the_page_on_which_it_is_mended(changes, page, sentence):
    fault = edit_of(**changes).fault(["other@WORK.example"])
    assert fault is not None
    assert fault.page is page
    assert fault.sentence.startswith(sentence)


def test_the_identity_with_a_fault_is_named():
    edit = edit_of()
    edit.identities[1] = replace(CLUB, address="chair")
    fault = edit.fault()
    assert fault is not None
    assert (fault.page, fault.identity) == (Page.IDENTITIES, 1)


def test_local_folders_need_no_address():
    local = replace(PERSONAL, imap=None, address="", name="Local folders")
    assert AccountEdit(local, ()).fault() is None


def test_changes_made_elsewhere_are_taken_over_unless_the_same_is_being_edited():
    edit = AccountEdit(PERSONAL, (MINE,))
    edit.account = replace(edit.account, name="Mine")
    edit.follow(replace(PERSONAL, color="#000000"), (CLUB,))
    assert edit.account.name == "Mine"
    assert edit.identities == [CLUB]


def keeping(keep: Pop3Keep, **numbers: Any) -> Pop3Policy:
    return Pop3Policy(keep, **numbers)


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        (keeping(Pop3Keep.KEEP), keeping(Pop3Keep.KEEP), False),
        (keeping(Pop3Keep.KEEP), keeping(Pop3Keep.DELETE), True),
        (keeping(Pop3Keep.KEEP), keeping(Pop3Keep.UNTIL_DELETED), True),
        (keeping(Pop3Keep.DELETE), keeping(Pop3Keep.DAYS), False),
        (keeping(Pop3Keep.DAYS, days=14), keeping(Pop3Keep.DAYS, days=7), True),
        (keeping(Pop3Keep.DAYS, days=14), keeping(Pop3Keep.DAYS, days=30), False),
        (keeping(Pop3Keep.DAYS), keeping(Pop3Keep.KEEP), False),
        (keeping(Pop3Keep.DAYS), keeping(Pop3Keep.NEWEST, newest_count=9), True),
        (keeping(Pop3Keep.NEWEST, newest_count=9), keeping(Pop3Keep.NEWEST, newest_count=5), True),
        (keeping(Pop3Keep.NEWEST, newest_count=9), keeping(Pop3Keep.NEWEST, newest_count=20), False),
        (
            keeping(Pop3Keep.NEWEST, newest_count=9),
            keeping(Pop3Keep.NEWEST, newest_count=9, newest_bytes=1),
            True,
        ),
        (keeping(Pop3Keep.UNTIL_DELETED), keeping(Pop3Keep.UNTIL_DELETED), False),
    ],
)
def test_a_rule_that_may_delete_more_on_the_server_is_told_from_one_that_may_not(before, after, more):
    old, new = (replace(POP3, pop3_policy=policy) for policy in (before, after))
    assert deletes_more(old, new) is more
