"""What must hold for every account, whatever its server speaks: over a line, in memory, and with Dovecot.

The tests ask `Account.capabilities` what an account can do, and never what kind it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from qtmail.domain.account import Account, Pop3Keep, Pop3Policy
from qtmail.domain.events import Connection
from qtmail.domain.folder import SpecialUse
from qtmail.domain.message import Flag
from qtmail.domain.pop3 import Pop3Wish
from qtmail.engine import moving
from qtmail.engine.backend import Incoming
from qtmail.engine.downloads import record_wish
from qtmail.engine.incoming import incoming
from qtmail.engine.local_mail import local_account
from qtmail.engine.own_folders import create_folder
from qtmail.engine.reading import Reading
from qtmail.engine.stopping import StopToken
from qtmail.errors import ServerRefused, SignInFailed, UsageError
from qtmail.log import ProtocolLog
from qtmail.protocols.connection import TlsTrust
from tests.contract.backends import Desk, FaultyWay, Way, WiredWay
from tests.end2end.processes import wait_until

PATIENCE = 10.0
CUTS = 10
"""At how many points of a conversation the line is cut; a proof cuts it at each byte."""


def letter(number: int, body: bytes = b"Hello.\r\n") -> bytes:
    return (
        b"Received: from a by b with SMTP id q%d; Sat, 3 Feb 2024 04:05:06 +0000\r\n"
        b"From: Bob <bob@example.org>\r\nTo: ann@example.org\r\nSubject: Number %d\r\n"
        b"Message-ID: <%d@example.org>\r\nDate: Sat, 3 Feb 2024 04:05:06 +0000\r\n\r\n%b"
        % (number, number, number, body)
    )


LETTERS = [letter(number) for number in range(1, 7)]
OF_ALL_KINDS = {
    "ordinary": letter(1),
    "large": letter(1, b"A line of text that is repeated.\r\n" * 60_000),
    "a long line": letter(1, b"x" * 300_000 + b"\r\n"),
    "8-bit": letter(1, bytes(range(128, 256)) + b"\r\n"),
    "Chinese": letter(1, "你好，世界。\r\n".encode("gb18030") + "您好\r\n".encode()),
    "without a body": letter(1, b""),
    "dots": letter(1, b".\r\n..\r\n.x\r\n\r\n.\r\n"),
    "dots at the end of a piece": letter(1, b"." * 70_000 + b"\r\n.\r\n"),
    "no line end at its end": letter(1, b"That is all"),
    "no header": b"\r\nOnly a body.\r\n",
    "almost nothing": b"\r\n",
}


# -- mail comes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", OF_ALL_KINDS.values(), ids=OF_ALL_KINDS)
def test_a_message_is_here_byte_for_byte(desk: Desk, raw: bytes):
    desk.way.deliver(raw)
    desk.look()
    assert desk.contents() == [desk.way.given(raw)]


def test_an_empty_message_is_here(begin: Callable[[Way], Desk], faulty: FaultyWay):
    desk = begin(faulty)
    faulty.deliver(b"", letter(1))
    desk.look()
    assert len(desk.ids()) == 2
    assert faulty.given(letter(1)) in desk.contents()


def test_new_mail_comes_once_and_the_report_counts_it(desk: Desk):
    desk.way.deliver(*LETTERS[:4])
    report = desk.look()
    assert (report.messages_added, report.messages_removed, report.problems) == (4, 0, ())
    assert desk.contents() == desk.expected()
    desk.way.deliver(*LETTERS[4:])
    assert desk.look().messages_added == 2
    desk.restart()
    assert desk.look().messages_added == 0
    assert desk.contents() == desk.expected()


def test_an_empty_mailbox_brings_nothing(desk: Desk):
    report = desk.look()
    assert (report.messages_added, report.problems) == (0, ())
    assert desk.contents() == []


def test_a_look_at_what_is_known_costs_little(desk: Desk):
    desk.way.deliver(*(letter(number, b"x" * 2000 + b"\r\n") for number in range(50)))
    first = desk.look()
    again = desk.look()
    assert (again.messages_added, again.messages_removed, again.flags_changed) == (0, 0, 0)
    assert again.round_trips <= 6
    if desk.way.wired:
        assert first.bytes_received > 100_000
        assert again.bytes_received < 5_000


def test_copies_of_a_message_are_as_many_here_as_there(desk: Desk):
    desk.way.deliver(LETTERS[0], LETTERS[0], LETTERS[1])
    desk.look()
    desk.look()
    assert desk.contents() == desk.expected()


# -- what is done here and there -------------------------------------------------------------------


def test_flags_set_here_outlive_a_look_and_the_cache(desk: Desk):
    desk.way.deliver(*LETTERS)
    desk.look()
    desk.mark("Number 3", Flag.SEEN | Flag.FLAGGED)
    desk.look()
    for without_cache in (False, True):
        desk.restart(without_cache=without_cache)
        desk.look()
        flags = {row.subject: row.flags for row in desk.rows()}
        assert flags.pop("Number 3") == Flag.SEEN | Flag.FLAGGED
        assert set(flags.values()) == {Flag.NONE}


def test_without_the_cache_all_is_here_again(desk: Desk):
    desk.way.deliver(*LETTERS)
    desk.look()
    desk.restart(without_cache=True)
    desk.look()
    assert desk.contents() == desk.expected()


def test_what_vanished_on_the_server_stays_here_if_it_is_kept_here(desk: Desk):
    desk.way.deliver(*LETTERS)
    desk.look()
    everything = desk.expected()
    desk.way.take_away(LETTERS[2])
    report = desk.look()
    assert desk.contents() == (everything if desk.account.keeps_mail_here else desk.expected())
    assert report.messages_removed == len(everything) - len(desk.contents())


# -- faults ----------------------------------------------------------------------------------------


def test_a_wrong_password_is_said_and_loses_nothing(desk: Desk):
    desk.way.deliver(*LETTERS[:3])
    desk.look()
    here = desk.contents()
    desk.way.deliver(*LETTERS[3:])
    desk.enter_password("wrong")
    with pytest.raises(SignInFailed):
        desk.look()
    assert desk.contents() == here
    desk.enter_password(desk.way.password)
    assert desk.look().messages_added == 3
    assert desk.contents() == desk.expected()


def test_a_line_that_is_cut_anywhere_loses_and_doubles_nothing(
    begin: Callable[[Way], Desk], faulty: FaultyWay
):
    faulty.deliver(*LETTERS)
    faulty.cut(None)
    begin(faulty).look()
    said = faulty.said()
    broken = 0
    for after in sorted({said * part // CUTS for part in range(CUTS)} | {said - 1}):
        desk = begin(faulty)
        faulty.cut(after)
        broken += desk.breaks()
        faulty.cut(None)
        desk.look()
        assert desk.contents() == desk.expected(), f"after {after} of {said}"
        assert desk.look().messages_added == 0
    assert broken >= CUTS - 1, "only a goodbye need not be heard"


def test_a_message_that_is_not_given_stops_no_other(begin: Callable[[Way], Desk], faulty: FaultyWay):
    desk = begin(faulty)
    faulty.deliver(*LETTERS)
    faulty.refuse(LETTERS[1])
    desk.look()
    others = [faulty.given(raw) for raw in LETTERS if raw != LETTERS[1]]
    assert [raw for raw in desk.contents() if raw] == sorted(others)
    faulty.deliver(letter(7))
    desk.look()
    assert faulty.given(letter(7)) in desk.contents()
    assert faulty.contents() == [*LETTERS, letter(7)]


def test_a_folder_that_is_not_there_is_named(desk: Desk):
    with pytest.raises(ServerRefused, match="Nowhere"):
        desk.incoming().one_pass(desk.events.append, desk.stop).run(only="Nowhere")


# -- on threads ------------------------------------------------------------------------------------


def wait_for(desk: Desk, count: int) -> None:
    wait_until(lambda: len(desk.ids()) == count, PATIENCE, f"{count} messages")


def test_it_goes_on_looking_until_it_is_stopped(desk: Desk):
    desk.way.deliver(*LETTERS[:3])
    with desk.running() as workers:
        wait_for(desk, 3)
        wait_until(lambda: workers.state.connection is Connection.WATCHING, PATIENCE, "to be in step")
        desk.way.deliver(*LETTERS[3:])
        if not (desk.account.capabilities.announces and desk.way.wired):
            workers.sync_now()
        wait_for(desk, 6)
    assert workers.state.connection is Connection.OFFLINE
    desk.restart()
    assert desk.look().messages_added == 0
    assert desk.contents() == desk.expected()


def test_a_password_that_was_wrong_is_asked_for_and_the_right_one_goes_on(desk: Desk):
    desk.way.deliver(*LETTERS)
    desk.enter_password("wrong")
    with desk.running() as workers:
        wait_until(lambda: workers.state.connection is Connection.NEEDS_USER, PATIENCE, "the refusal")
        assert workers.state.problem is not None
        desk.enter_password(desk.way.password)
        workers.sync_now()
        wait_for(desk, 6)
        wait_until(lambda: workers.state.connection is Connection.WATCHING, PATIENCE, "to be in step")
        assert workers.state.problem is None


def test_it_ends_at_once_in_the_middle_and_the_next_look_goes_on(desk: Desk):
    desk.way.deliver(*(letter(number, b"x" * 20_000 + b"\r\n") for number in range(400)))
    with desk.running():
        wait_until(lambda: len(desk.ids()) > 0, PATIENCE, "the first message")
    desk.restart()
    desk.look()
    assert desk.contents() == desk.expected()


@pytest.mark.parametrize("part", [0.0, 0.2, 0.6])
def test_it_ends_at_once_while_the_server_keeps_silent(
    begin: Callable[[Way], Desk], wired: WiredWay, part: float
):
    wired.deliver(*LETTERS)
    begin(wired).look()
    desk = begin(wired)
    wired.stall(int(wired.said() * part))
    lines = wired.lines()
    with desk.running():
        wait_until(lambda: wired.lines() > lines, PATIENCE, "a line")
    wired.cut(None)
    desk.restart()
    desk.look()
    assert desk.contents() == desk.expected()


# -- what an account says it can do ----------------------------------------------------------------


def test_messages_are_moved_and_deleted_where_that_can_be_done(desk: Desk):
    desk.way.deliver(*LETTERS)
    desk.look()
    found = [desk.find("Number 1")]
    if not desk.account.capabilities.moves:
        for move in (moving.archive, moving.delete, moving.mark_junk):
            with pytest.raises(UsageError):
                move(desk.store, found)
        assert len(desk.ids()) == 6
        return
    moving.delete(desk.store, found)
    assert (len(desk.ids()), len(desk.ids(SpecialUse.TRASH))) == (5, 1)
    moving.archive(desk.store, [desk.find("Number 2")])
    desk.look()
    assert (len(desk.ids()), len(desk.ids(SpecialUse.ARCHIVE))) == (4, 1), "the look brings nothing back"


def test_folders_are_made_where_that_can_be_done(desk: Desk):
    desk.look()
    if desk.account.capabilities.own_folders:
        create_folder(desk.store, desk.account.id, "Club")
        desk.look()
        assert desk.store.folders.find(desk.account.id, "Club") is not None
    else:
        with pytest.raises(UsageError):
            create_folder(desk.store, desk.account.id, "Club")


@pytest.mark.parametrize("wish", [Pop3Wish.DOWNLOAD, Pop3Wish.DELETE])
def test_of_large_messages_only_the_header_comes_where_the_rest_can_be_asked_for(desk: Desk, wish: Pop3Wish):
    large = letter(1, b"A line of text that is repeated.\r\n" * 3000)
    policy = Pop3Policy(Pop3Keep.KEEP, headers_only_over=50_000)
    desk.change(replace(desk.account, pop3_policy=policy))
    desk.way.deliver(large, letter(2))
    desk.look()
    found = desk.find("Number 1")
    size = Reading(desk.store, desk.account, StopToken()).on_server(found)
    if not desk.account.capabilities.downloads:
        assert size == 0
        assert desk.contents() == desk.expected()
        return
    assert size == len(large)
    assert record_wish(desk.store, [found], wish) == {desk.account.id}
    desk.look()
    kept = [large, letter(2)] if wish is Pop3Wish.DOWNLOAD else [letter(2)]
    assert sorted(desk.contents()) == sorted(kept)
    assert desk.way.contents() == kept


def way_in(desk: Desk, account: Account) -> Incoming | None:
    return incoming(account, desk.store, secrets=desk.secrets, trust=TlsTrust(), protocol_log=ProtocolLog())


def test_there_is_a_way_in_where_an_account_receives(desk: Desk):
    for account in (desk.account, local_account(desk.store)):
        assert (way_in(desk, account) is not None) == account.capabilities.receives
