from dataclasses import replace

import pytest

from qtmail.engine.reading import Reading
from qtmail.errors import QtmailError, ServerRefused
from tests.fakes.memory_imap import plain_message


@pytest.fixture
def reading(bench):
    bench.server.inbox.deliver(plain_message(1, "A letter"))
    bench.sync()
    return Reading(bench.store, bench.account, bench.stop)


@pytest.fixture
def letter(bench, reading):
    return bench.store.messages.find_uid(bench.folder().id, 1)


def test_a_message_is_fetched_once_and_then_read_from_here(bench, reading, letter):
    assert reading.cached(letter) is None
    assert reading.fetch(bench.server.session(), letter).text.strip() == "Text of message 1."
    bench.server.calls.clear()
    assert reading.fetch(bench.server.session(), letter).envelope.subject == "A letter"
    assert bench.server.calls == []
    assert reading.cached_source(letter) == plain_message(1, "A letter")


def test_its_preview_appears_in_the_list(bench, reading, letter):
    reading.fetch(bench.server.session(), letter)
    assert bench.store.messages.get(letter).preview == "Text of message 1."


def test_a_large_message_is_not_fetched_whole(bench, letter):
    account = replace(bench.account, sync=replace(bench.account.sync, prefetch_bytes=10))
    reading = Reading(bench.store, account, bench.stop)
    bench.server.calls.clear()
    assert reading.fetch(bench.server.session(), letter).text.strip() == "Text of message 1."
    assert bench.server.calls == ["SELECT INBOX", "STRUCTURE 1", "PARTS 1"]
    assert reading.cached_source(letter) is None
    received: list[int] = []
    source = reading.fetch_source(bench.server.session(), letter, lambda done, size: received.append(done))
    assert source == plain_message(1, "A letter")
    assert received[-1] == len(source) and len(received) > 1


def test_a_message_that_is_gone_is_told_so(bench, reading, letter):
    bench.server.inbox.expunge(1)
    with pytest.raises(ServerRefused, match="no longer on the server"):
        reading.fetch(bench.server.session(), letter)


def test_a_renumbered_folder_yields_no_wrong_message(bench, reading, letter):
    bench.server.inbox.renumber()
    with pytest.raises(ServerRefused, match="renumbered"):
        reading.fetch(bench.server.session(), letter)


def test_a_message_that_left_its_folder_is_told_so(bench, reading):
    with pytest.raises(QtmailError):
        reading.fetch(bench.server.session(), 9999)
