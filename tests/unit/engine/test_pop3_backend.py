from __future__ import annotations

import pytest

from qtmail.credentials import Credentials
from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.engine.pop3_backend import Pop3Backend
from qtmail.engine.secrets import secrets_of
from qtmail.errors import ConnectionFailed, PasswordNeeded, SignInFailed, Stopped
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from qtmail.protocols.pop3 import Pop3Refused, Pop3Session
from qtmail.store.store import Store
from tests.end2end.pop3_desk import add_account, backend
from tests.fakes.pop3_server import Pop3Server


def account_at(store: Store, server: Pop3Server) -> Account:
    return add_account(store, ServerSettings(server.host, server.port, Security.NONE, "eva"))


def test_a_session_is_signed_in_and_ready(store: Store):
    told: list[Pop3Session] = []
    with Pop3Server([b"Subject: one\r\n\r\n"]) as server:
        session = backend(store, account_at(store, server), "secret").open(on_created=told.append)
        assert [listed.number for listed in session.listing()] == [1]
        assert told == [session]
        session.quit()


@pytest.mark.parametrize(
    ("answers", "password", "error"),
    [
        ({}, "wrong", SignInFailed),
        ({"AUTH end": "-ERR [IN-USE] busy"}, "secret", Pop3Refused),
        ({"greeting": "-ERR out of order"}, "secret", ConnectionFailed),
    ],
)
def test_a_session_that_cannot_be_had_is_closed(
    store: Store, answers: dict[str, str], password: str, error: type[Exception]
):
    told: list[Pop3Session] = []
    with Pop3Server(answers=answers) as server, pytest.raises(error):
        backend(store, account_at(store, server), password).open(on_created=told.append)
    assert told[0].closed


def test_it_can_be_broken_off_before_it_begins(store: Store):
    with Pop3Server() as server, pytest.raises(Stopped):
        backend(store, account_at(store, server), "secret").open(on_created=Pop3Session.abort)


def way_of_a_stranger(store: Store, account: Account) -> Pop3Backend:
    """The way of somebody whose password is not known."""
    secrets = secrets_of(store, Credentials())
    return Pop3Backend(account, secrets=secrets, trust=TlsTrust(), protocol_log=ProtocolLog())


def test_without_a_password_nothing_is_said(store: Store):
    with Pop3Server() as server:
        with pytest.raises(PasswordNeeded):
            way_of_a_stranger(store, account_at(store, server)).open()
        assert server.connections == 0


def test_an_account_without_pop3_has_no_such_way(store: Store, account: Account):
    with pytest.raises(ValueError, match="no POP3"):
        way_of_a_stranger(store, account)
