"""How fast, and over how few bytes, mail comes from the server into the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks import peers
from tests.benchmarks.harness import Result
from tests.end2end.dovecot import Dovecot
from tests.end2end.meter import Meter, Traffic
from tests.end2end.program import Program, temporary_home
from tests.end2end.sample_mail import FULL

HEADERS = 10_000
BODIES = 10_000
LARGE = 100_000
CHANGED = 10
FETCH_LINE_BYTES = 80
"""The most a FETCH line with UID, FLAGS and MODSEQ takes."""
UNCHANGED_BYTES = 4096


def header_sync() -> Iterator[Result]:
    """The first sync of an inbox, headers only, against a plain loop that stores nothing."""
    with Dovecot() as server, temporary_home() as home:
        user = server.add_user("me")
        server.fill(user, "INBOX", HEADERS)
        server.commands(user, "EXAMINE INBOX", "FETCH 1:* (ENVELOPE)")  # the server's cache is warm for both
        peer = HEADERS / peers.imapclient_envelopes(server, user, HEADERS)
        run = Program(server, user, home).sync("--bodies", "none")
    (report,) = run.answers
    _expect(report["messages_added"], HEADERS)
    yield Result(
        name=f"first header sync, {HEADERS:,} messages",
        figure=HEADERS / report["seconds"],
        unit="/s",
        target=8000,
        more_is_better=True,
        peer="imapclient",
        peer_figure=peer,
        least_ratio=3,
    )
    yield Result("the same from process start to end", run.seconds, "s")


def body_sync() -> Iterator[Result]:
    """The first sync of an inbox with every message whole, against mbsync."""
    with Dovecot() as server, temporary_home() as home:
        user = server.add_user("me")
        server.fill(user, "INBOX", BODIES, size=FULL)
        peer = peers.mbsync(server, user, home / "mbsync", BODIES)
        run = Program(server, user, home).sync("--bodies", "all")
    (report,) = run.answers
    _expect(report["bodies_fetched"], BODIES)
    yield Result(
        name=f"{BODIES:,} whole messages, {report['bytes_received'] / 1e6:,.0f} MB",
        figure=run.seconds,
        unit="s",
        target=12,
        peer="mbsync",
        peer_figure=peer,
        least_ratio=1,
    )


def unchanged_sync() -> Iterator[Result]:
    """What a sync costs on the line when nothing, or ten flags, changed in a large folder."""
    with Dovecot() as server, temporary_home() as home, Meter(server.imap_port) as meter:
        user = server.add_user("me")
        server.fill(user, "INBOX", LARGE)
        program = Program(server, user, home, imap=f"{meter.host}:{meter.port}/none")
        program.sync("--bodies", "none")
        quiet = _metered(program, meter)
        server.commands(user, "SELECT INBOX", f"STORE 1:{CHANGED} +FLAGS.SILENT (\\Answered)")
        flags = _metered(program, meter)
    yield Result(f"nothing new among {LARGE:,}: round trips", quiet.round_trips, "trips", target=3)
    yield Result("nothing new: received", quiet.received, "bytes", target=UNCHANGED_BYTES)
    yield Result("nothing new: from process start to end", quiet.seconds, "s")
    allowed = UNCHANGED_BYTES + CHANGED * FETCH_LINE_BYTES
    yield Result(f"{CHANGED} changed flags: round trips", flags.round_trips, "trips")
    yield Result(f"{CHANGED} changed flags: received", flags.received, "bytes", target=allowed)


@dataclass(frozen=True, slots=True)
class _Cost:
    round_trips: int
    received: int
    seconds: float


def _metered(program: Program, meter: Meter) -> _Cost:
    """One sync as the meter saw it, after signing in."""
    before = len(meter.connections)
    run = program.sync("--bodies", "none")
    parts: list[Traffic] = [traffic.after_sign_in() for traffic in meter.connections[before:]]
    trips = sum(part.round_trips for part in parts)
    return _Cost(trips, sum(len(part.received()) for part in parts), run.seconds)


def _expect(found: int, expected: int) -> None:
    if found != expected:
        raise AssertionError(f"{found} messages arrived, not {expected}: the figure would mean nothing")
