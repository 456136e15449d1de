"""What the window asks about the connection of an account, with real workers and a server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.errors import Layer
from tests.fakes.mailbox_server import MailboxServer
from tests.unit.workers.service_desk import ServiceDesk, new_account


@pytest.fixture
def server() -> Iterator[MailboxServer]:
    with MailboxServer() as server:
        yield server


@pytest.fixture
def eva(office: ServiceDesk, server: MailboxServer) -> Account:
    """An account that rests, so that nobody but the check asks its server."""
    imap = ServerSettings("127.0.0.1", server.port, Security.NONE, "eva")
    office.service.add_account(replace(new_account("eva"), imap=imap, enabled=False), "secret", remember=True)
    office.until(lambda: office.service.accounts())
    (eva,) = office.service.accounts()
    office.until(lambda: office.credentials.get(eva) == "secret")
    return eva


def answered(office: ServiceDesk, told: list[list[Verdict]]) -> list[Verdict]:
    office.until(lambda: told)
    return told.pop()


def test_an_account_that_was_changed_is_tried_with_what_is_kept_of_it(
    office: ServiceDesk, eva: Account
) -> None:
    told: list[list[Verdict]] = []
    office.service.test_account(replace(eva, name="Renamed"), None, told.append)
    verdicts = answered(office, told)
    assert all(verdict.ok for verdict in verdicts), verdicts
    assert Layer.SIGN_IN in {verdict.layer for verdict in verdicts}


def test_this_computer_is_looked_at(office: ServiceDesk) -> None:
    told: list[list[Verdict]] = []
    office.service.check_computer(told.append)
    assert {verdict.layer for verdict in answered(office, told)} == {Layer.STORE, Layer.KEYRING}


def test_the_report_tells_the_conversation_and_no_names(office: ServiceDesk, eva: Account) -> None:
    told: list[list[Verdict]] = []
    office.service.check_connection(eva.id, told.append)
    report = office.service.connection_report(eva, answered(office, told), "Qt 6")
    assert "C q1 AUTHENTICATE PLAIN ***" in report and "Qt 6" in report
    assert "eva" not in report.lower()
