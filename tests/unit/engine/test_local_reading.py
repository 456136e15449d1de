"""Reading mail on this computer."""

from __future__ import annotations

import pytest

from qtmail.domain.account import Account
from qtmail.domain.folder import SpecialUse
from qtmail.engine import moving
from qtmail.engine.local_mail import LocalMail
from qtmail.engine.local_reading import HeaderOnly, find_body, find_local
from qtmail.engine.reading import Reading
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError, StoreFailed
from qtmail.store.store import Store
from tests.fakes.local_bench import add_account, deliver, folder_of, id_of, letter
from tests.fakes.memory_imap import plain_message

WITH_FILE = (
    b"Subject: File\r\nMessage-ID: <file@example.org>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee below.\r\n--b\r\n'
    b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n"
    b"PDF bytes\r\n--b--\r\n"
)


@pytest.fixture
def ann(store: Store) -> Account:
    account = add_account(store)
    LocalMail(store, account).ensure_folders()
    return account


@pytest.fixture
def reading(store: Store, ann: Account) -> Reading:
    return Reading(store, ann, StopToken())


def test_a_message_is_read_from_here(store: Store, ann: Account, reading: Reading):
    deliver(store, ann, "one")
    message = reading.cached(id_of(store, "one"))
    assert message is not None
    assert (message.envelope.subject, message.text.strip()) == ("one", "Hello.")
    assert reading.cached_source(id_of(store, "one")) == letter("one")
    assert reading.on_server(id_of(store, "one")) == 0
    assert store.bodies.total_bytes() == 0


def test_its_parts_are_read_from_here(store: Store, ann: Account, reading: Reading):
    mail = LocalMail(store, ann)
    with store.user_transaction() as tx:
        new = mail.deliver(tx, SpecialUse.INBOX, mail.store_small(tx, WITH_FILE), 1000)
    mail.shown([new])
    id_ = id_of(store, "file")
    row = store.messages.get(id_)
    assert row is not None
    assert (row.has_attachment, row.preview) == (True, "See below.")
    message = reading.cached(id_)
    assert message is not None
    (attachment,) = message.attachments
    assert reading.cached_part(id_, attachment.section) == b"PDF bytes"
    with pytest.raises(QtmailError, match="not in the message"):
        reading.cached_part(id_, "9")


def test_of_a_header_what_is_known_is_shown_and_nothing_is_made_up(
    store: Store, ann: Account, reading: Reading
):
    deliver(store, ann, "big", server_size=9_000_000)
    id_ = id_of(store, "big")
    message = reading.cached(id_)
    assert message is not None
    assert message.envelope.subject == "big"
    assert reading.on_server(id_) == 9_000_000
    with pytest.raises(HeaderOnly, match="Download"):
        reading.cached_source(id_)
    with pytest.raises(HeaderOnly):
        reading.cached_part(id_, "1")


def test_a_message_that_is_gone_says_so(store: Store, ann: Account, reading: Reading):
    deliver(store, ann, "one")
    id_ = id_of(store, "one")
    moving.delete(store, [id_], for_good=True)
    for read in (reading.cached, reading.cached_source):
        with pytest.raises(QtmailError, match="no longer in its folder"):
            read(id_)
    assert find_local(store, id_) is None


def test_a_message_whose_bytes_are_damaged_says_so(store: Store, ann: Account, reading: Reading):
    (message,) = deliver(store, ann, "one")
    with store.user_transaction() as tx:
        store.blobs.drop(tx, [message.blob_id])
    with pytest.raises(StoreFailed, match="cannot be read") as failure:
        reading.cached(id_of(store, "one"))
    assert "backup" in failure.value.advice


def test_mail_of_a_server_is_read_from_the_cache(bench, ann):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    on_server = bench.store.messages.find_uid(bench.folder().id, 1)
    deliver(bench.store, ann, "one")  # has the same UID
    assert find_local(bench.store, on_server) is None
    assert not find_body(bench.store, on_server).fetched
    with bench.store.cache_transaction() as tx:
        bench.store.bodies.put_raw(tx, on_server, b"cached", "", has_attachment=False)
    assert find_body(bench.store, on_server).raw == b"cached"
    assert find_body(bench.store, id_of(bench.store, "one")).raw == letter("one")


def test_a_message_is_read_wherever_it_was_moved(store: Store, ann: Account, reading: Reading):
    deliver(store, ann, "one")
    moving.move(store, [id_of(store, "one")], folder_of(store, ann, "Archive").id)
    assert reading.cached_source(id_of(store, "one")) == letter("one")
