from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.domain.address import Address
from qtmail.domain.folder import Folder
from qtmail.domain.message import HeaderSummary
from qtmail.engine.correspondents import Correspondents
from qtmail.engine.stopping import StopToken
from qtmail.errors import Stopped
from qtmail.store.store import Store
from tests.unit.store.values import INBOX, SENT, add_account, add_folders, add_messages, new_message

ANNA = Address("Anna Berg", "anna@example.org")
BOB = Address("Bob", "bob@example.com")
NOW = 1_750_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def folders(store: Store) -> dict[str, Folder]:
    return {folder.path: folder for folder in add_folders(store, add_account(store).id, INBOX, SENT)}


def came(store: Store, folder: Folder, uid: int, sender: Address, date: int = NOW) -> None:
    add_messages(store, folder.id, new_message(uid, summary=HeaderSummary(sender=sender, date=date)))


def went(store: Store, folder: Folder, uid: int, header: str, date: int = NOW) -> None:
    message = new_message(uid, summary=HeaderSummary(date=date), header=header.encode())
    add_messages(store, folder.id, message)


def loaded(store: Store) -> Correspondents:
    correspondents = Correspondents(store)
    correspondents.load()
    return correspondents


def completions(correspondents: Correspondents, typed: str) -> list[tuple[str, str]]:
    return [(one.name, one.address) for one in correspondents.complete(typed)]


def test_who_wrote_and_who_was_written_to_is_suggested(store: Store, folders: dict[str, Folder]) -> None:
    came(store, folders["INBOX"], 1, ANNA)
    to = "To: =?utf-8?B?546L5bCP5piO?= <wang@qq.com>,\r\n Bob <bob@example.com>\r\n"
    went(store, folders["Sent"], 1, f"{to}Cc: cc@x.org\r\nBcc: b@x.org\r\n")
    correspondents = loaded(store)
    assert completions(correspondents, "an") == [("Anna Berg", "anna@example.org")]
    assert completions(correspondents, "小明") == [("王小明", "wang@qq.com")]
    assert len(completions(correspondents, "@x")) == 2
    assert len(correspondents) == 5


def test_mail_sent_outranks_mail_received(store: Store, folders: dict[str, Folder]) -> None:
    for uid in range(1, 20):
        came(store, folders["INBOX"], uid, Address("", "ariel@shop.example"))
    went(store, folders["Sent"], 1, "To: anna@example.org\r\n", NOW - 60 * 86400)
    assert completions(loaded(store), "a")[0] == ("", "anna@example.org")


def test_loading_again_reads_only_what_came_since(store: Store, folders: dict[str, Folder]) -> None:
    came(store, folders["INBOX"], 1, ANNA)
    went(store, folders["Sent"], 1, "To: bob@example.com\r\n")
    correspondents = loaded(store)
    scores = {one.address: one.score for one in correspondents.complete("example")}
    came(store, folders["INBOX"], 2, Address("Carl", "carl@example.org"))
    went(store, folders["Sent"], 2, "To: dora@example.org\r\n")
    correspondents.load()
    again = {one.address: one.score for one in correspondents.complete("example")}
    assert again.keys() == scores.keys() | {"carl@example.org", "dora@example.org"}
    assert {address: again[address] for address in scores} == scores


def test_junk_dated_in_the_future_does_not_stay_on_top(store: Store, folders: dict[str, Folder]) -> None:
    came(store, folders["INBOX"], 1, Address("", "ad@example.com"), 4_000_000_000)
    came(store, folders["INBOX"], 2, Address("", "anna@example.org"), NOW)
    first = loaded(store).complete("ad")[0]
    assert first.score < 4_000_000_000 / (30 * 86400)


def test_what_is_sent_counts_at_once_and_after_a_restart(store: Store) -> None:
    correspondents = loaded(store)
    correspondents.note_sent([ANNA, Address("a group", "")], NOW)
    assert completions(correspondents, "anna") == [("Anna Berg", "anna@example.org")]
    assert completions(loaded(store), "anna") == [("Anna Berg", "anna@example.org")]


def test_what_the_user_removed_stays_away_after_a_restart(store: Store, folders: dict[str, Folder]) -> None:
    came(store, folders["INBOX"], 1, ANNA)
    correspondents = loaded(store)
    correspondents.forget("Anna@Example.org")
    assert completions(correspondents, "anna") == []
    assert completions(loaded(store), "anna") == []
    correspondents.note_sent([ANNA], NOW)
    assert completions(loaded(store), "anna") == [("Anna Berg", "anna@example.org")]


def test_broken_headers_spoil_nothing(store: Store, folders: dict[str, Folder]) -> None:
    for uid, header in enumerate(
        ("", "To: \x00\r\n", "To: undisclosed-recipients:;\r\n", "nonsense", "To: a"), 1
    ):
        went(store, folders["Sent"], uid, header)
    went(store, folders["Sent"], 9, "To: bob@example.com\r\n")
    assert [one.address for one in loaded(store).complete("b")] == ["bob@example.com"]


def test_loading_can_be_stopped_and_taken_up_again(store: Store, folders: dict[str, Folder]) -> None:
    came(store, folders["INBOX"], 1, BOB)
    correspondents, stop = Correspondents(store), StopToken()
    stop.stop()
    with pytest.raises(Stopped):
        correspondents.load(stop)
    correspondents.load()
    assert completions(correspondents, "bob") == [("Bob", "bob@example.com")]
