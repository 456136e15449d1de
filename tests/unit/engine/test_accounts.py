from dataclasses import replace

import pytest

from qtmail.domain.message import Flag
from qtmail.engine.accounts import add_account, forget_account, sweep
from qtmail.engine.replay_queue import record_flags
from qtmail.errors import UsageError
from tests.fakes.memory_imap import plain_message


def test_an_address_is_added_once(store, account):
    with pytest.raises(UsageError, match="already"):
        add_account(store, replace(account, id=0, address="ANN@example.org"))
    assert add_account(store, replace(account, id=0, address="bob@example.org")).id != account.id
    assert len(store.accounts.list()) == 2


def test_an_account_is_forgotten_with_all_that_was_kept_of_it(bench):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    record_flags(bench.store, [1], Flag.SEEN, Flag.NONE)
    forget_account(bench.store, bench.account.id)
    assert bench.store.accounts.list() == []
    assert bench.store.folders.list() == []
    assert bench.store.operations.pending(bench.account.id) == []


def test_what_an_interrupted_removal_left_behind_is_swept_and_nothing_else(bench):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    sweep(bench.store)
    assert bench.cached() == bench.on_server()
    with bench.store.user_transaction() as tx:
        bench.store.accounts.remove(tx, bench.account.id)
    sweep(bench.store)
    assert bench.store.folders.list() == []
