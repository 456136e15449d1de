"""What a sync costs on the line, counted between the sockets: round trips and bytes, not seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end2end.dovecot import Dovecot, User
from tests.end2end.meter import Meter, Traffic
from tests.end2end.program import Program

MESSAGES = 3000
UNCHANGED_TRIPS = 3
UNCHANGED_BYTES = 4096
FETCH_RESPONSE = re.compile(rb"^\* \d+ FETCH [^\r\n]*\r\n", re.MULTILINE)


@pytest.fixture
def meter(dovecot: Dovecot) -> Iterator[Meter]:
    with Meter(dovecot.imap_port) as meter:
        yield meter


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    user = dovecot.add_user()
    dovecot.fill(user, "INBOX", MESSAGES)
    return user


@pytest.fixture
def program(dovecot: Dovecot, user: User, meter: Meter, own_home: Path) -> Program:
    """qtmail with an inbox that is in step."""
    program = Program(dovecot, user, own_home, imap=f"{meter.host}:{meter.port}/none")
    (report,) = program.sync("--bodies", "none").answers
    assert report["messages_added"] == MESSAGES
    return program


def metered_sync(program: Program, meter: Meter) -> Traffic:
    """What passes after sign-in while the program syncs once more."""
    before = len(meter.connections)
    program.sync("--bodies", "none")
    (traffic,) = meter.connections[before:]
    return traffic.after_sign_in()


def test_nothing_new_costs_nearly_nothing(program: Program, meter: Meter) -> None:
    traffic = metered_sync(program, meter)
    assert traffic.round_trips <= UNCHANGED_TRIPS
    assert len(traffic.received()) <= UNCHANGED_BYTES


def test_changed_flags_cost_their_own_lines_only(
    dovecot: Dovecot, user: User, program: Program, meter: Meter
) -> None:
    dovecot.commands(user, "SELECT INBOX", "STORE 11:20 +FLAGS.SILENT (\\Answered)")
    received = metered_sync(program, meter).received()
    lines = FETCH_RESPONSE.findall(received)
    assert len(lines) == 10
    assert len(received) <= UNCHANGED_BYTES + sum(map(len, lines))


def test_one_new_message_is_fetched_alone(
    dovecot: Dovecot, user: User, program: Program, meter: Meter
) -> None:
    dovecot.deliver(user, "INBOX", b"From: a@example.org\r\nSubject: new\r\n\r\nhello\r\n")
    received = metered_sync(program, meter).received()
    assert received.count(b"BODY[HEADER") == 1
    assert b"Subject: new" in received


def test_a_first_sync_needs_few_round_trips(
    dovecot: Dovecot, user: User, meter: Meter, own_home: Path
) -> None:
    program = Program(dovecot, user, own_home, imap=f"{meter.host}:{meter.port}/none")
    traffic = metered_sync(program, meter)
    windows = len(re.findall(rb"UID FETCH", traffic.sent()))
    assert 0 < windows <= MESSAGES // 500
    assert traffic.received().count(b" FETCH (") == MESSAGES
