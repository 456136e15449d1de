"""The meter counts what really passed."""

from __future__ import annotations

import socket

from tests.end2end.dovecot import Dovecot
from tests.end2end.meter import Meter, Traffic


def test_round_trips_are_turns_of_the_client() -> None:
    events = [
        ("S", b"* OK\r\n"),
        ("C", b"a"),
        ("C", b"b"),
        ("S", b"1"),
        ("S", b"2"),
        ("C", b"c"),
        ("S", b"3"),
    ]
    traffic = Traffic(events)
    assert traffic.round_trips == 2
    assert traffic.sent() == b"abc"
    assert traffic.received() == b"* OK\r\n123"


def test_what_follows_sign_in_is_told_apart(dovecot: Dovecot) -> None:
    user = dovecot.add_user()
    with Meter(dovecot.imap_port) as meter:
        with socket.create_connection((meter.host, meter.port)) as client, client.makefile("rb") as answers:
            answers.readline()
            client.sendall(f'a LOGIN "{user.name}" "{user.password}"\r\n'.encode())
            while not answers.readline().startswith(b"a OK"):
                pass
            client.sendall(b"b NOOP\r\nc LOGOUT\r\n")
            said = answers.read()
        (traffic,) = meter.connections
        after = traffic.after_sign_in()
    assert after.received() == said
    assert after.sent() == b"b NOOP\r\nc LOGOUT\r\n"
    assert after.round_trips == 1


def test_without_a_sign_in_nothing_follows_it() -> None:
    assert Traffic([("S", b"* OK ready\r\n"), ("C", b"a LOGOUT\r\n")]).after_sign_in().events == []
