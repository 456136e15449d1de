from dataclasses import replace

import pytest

from qtmail.domain.composition import Composition
from qtmail.domain.message import Flag
from qtmail.domain.outgoing import NewOutboxItem, OutboxState
from qtmail.domain.removal import Removal
from qtmail.engine import own_folders
from qtmail.engine.accounts import (
    MailKeptHere,
    MailWaits,
    add_account,
    forget_account,
    removal,
    sweep,
    update_account,
)
from qtmail.engine.local_mail import LocalMail, local_account
from qtmail.engine.queueing import queue
from qtmail.engine.replay_queue import record_flags
from qtmail.engine.stopping import StopToken
from qtmail.errors import StoreFailed, UsageError
from tests.fakes.local_bench import TREE, deliver, dying, folder_of, id_of, kept, paths, shown
from tests.fakes.local_bench import add_account as add_local
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


def queued(store, account, state=OutboxState.QUEUED, *, subject="Plans"):
    """An item in the account's outbox, made from a draft."""
    with store.user_transaction() as tx:
        draft = store.drafts.add(tx, Composition(subject=subject, body="Much work"), 0)
    new = NewOutboxItem(
        account.id, 0, f"{subject}@x", subject, account.address, ("bob@example.org",), 0, draft_id=draft.id
    )
    item = queue(store, new, [b"Subject: Plans\r\n\r\nYes.\r\n"], stop=StopToken())
    if state is not OutboxState.QUEUED:
        with store.user_transaction() as tx:
            assert store.outbox.save(tx, replace(item, state=state, sent_at=1), expected=item.state)
    return store.outbox.get(item.id)


@pytest.mark.parametrize(
    "state", [OutboxState.QUEUED, OutboxState.FAILED, OutboxState.UNCERTAIN, OutboxState.ACCEPTED]
)
def test_an_account_whose_mail_waits_is_not_forgotten_unless_told_so(store, account, state):
    item = queued(store, account, state)
    with pytest.raises(MailWaits, match="still in the outbox") as fault:
        forget_account(store, account.id)
    assert fault.value.advice
    assert (store.accounts.list(), store.outbox.unfinished()) == ([account], [item])
    forget_account(store, account.id, drop_unsent=True)
    assert (store.accounts.list(), store.outbox.unfinished()) == ([], [])


def test_a_message_that_is_being_sent_is_not_dropped_whoever_says_so(store, account):
    item = queued(store, account, OutboxState.SENDING)
    with pytest.raises(MailWaits, match="being sent"):
        forget_account(store, account.id, drop_unsent=True)
    assert store.outbox.unfinished() == [item]


def test_the_drafts_of_a_forgotten_account_stay_and_so_does_the_text_of_what_was_not_sent(store, account):
    with store.user_transaction() as tx:
        kept = store.drafts.add(tx, Composition(body="Still writing"), 0)
    unsent = queued(store, account, subject="unsent")
    queued(store, account, OutboxState.ACCEPTED, subject="sent")
    forget_account(store, account.id, drop_unsent=True)
    assert {draft.id for draft in store.drafts.unsent()} == {kept.id, unsent.draft_id}


def test_mail_of_other_accounts_keeps_none(store, account):
    other = add_account(store, replace(account, id=0, address="bob@example.org"))
    item = queued(store, other)
    forget_account(store, account.id)
    assert store.outbox.unfinished() == [item]


# -- mail that is on this computer only


@pytest.fixture
def ann(store):
    account = add_local(store, "Ann/王")
    LocalMail(store, account).ensure_folders()
    own_folders.create_folder(store, account.id, "工作/会议")
    own_folders.create_folder(store, account.id, "Empty")
    deliver(store, account, "one", "two")
    deliver(store, account, "three", folder=folder_of(store, account, "工作/会议").wire_name)
    return account


def test_an_account_is_not_removed_before_it_is_said_what_becomes_of_its_mail(store, ann):
    with pytest.raises(MailKeptHere, match="3 messages of “Ann/王” are on this computer only"):
        forget_account(store, ann.id)
    assert store.accounts.get(ann.id) == ann
    assert shown(store, ann) == kept(store, ann)
    assert store.local_messages.count(ann.id) == 3


def test_mail_that_is_kept_moves_to_the_local_folders(store, ann):
    row = id_of(store, "one")
    record_flags(store, [row], Flag.FLAGGED, Flag.NONE)
    forget_account(store, ann.id, keep_mail=True)
    (local,) = store.accounts.list()
    assert kept(store, local) == {
        "Ann-王/Inbox": {"one": Flag.FLAGGED, "two": Flag.NONE},
        "Ann-王/工作/会议": {"three": Flag.NONE},
    }
    assert paths(store, local) == [
        "Ann-王",
        *(f"Ann-王/{name}" for name in ("Empty", "Inbox", "工作", "工作/会议")),
    ]
    assert shown(store, local) == kept(store, local)
    assert id_of(store, "one") == row
    assert store.folders.wrong_counts() == ()


def test_two_accounts_of_one_name_keep_their_mail_apart(store):
    first, second = add_local(store, "Ann"), add_local(store, "ANN")
    deliver(store, first, "one")
    deliver(store, second, "two")
    local = local_account(store)
    forget_account(store, first.id, keep_mail=True)
    forget_account(store, second.id, keep_mail=True)
    assert {path: set(found) for path, found in kept(store, local).items()} == {
        "Ann/Inbox": {"one"},
        "ANN 2/Inbox": {"two"},
    }


def test_mail_is_kept_though_the_program_dies_at_once(store, ann):
    with dying(store):
        forget_account(store, ann.id, keep_mail=True)
    sweep(store)
    (local,) = store.accounts.list()
    LocalMail(store, local).show()
    assert shown(store, local) == kept(store, local)
    assert store.local_messages.count(local.id) == 3
    assert {folder.account_id for folder in store.folders.list()} == {local.id}


def test_mail_is_deleted_with_its_account_where_that_is_wanted(store, ann):
    blobs = [message.blob_id for message in store.local_messages.list(ann.id)]
    forget_account(store, ann.id, keep_mail=False)
    assert store.accounts.list() == []
    assert store.folders.list() == []
    for blob in blobs:
        with pytest.raises(StoreFailed):
            store.blobs.size(blob)


def test_the_local_folders_do_not_go_with_mail_in_them_unasked(store):
    local = local_account(store)
    deliver(store, local, "one")
    with pytest.raises(UsageError):
        forget_account(store, local.id, keep_mail=True)
    with pytest.raises(MailKeptHere):
        forget_account(store, local.id)
    forget_account(store, local.id, keep_mail=False)
    assert store.accounts.list() == []


def test_what_the_removal_of_an_account_would_mean(store, ann):
    identity = store.identities.list(ann.id)[0].id
    with store.user_transaction() as tx:
        store.drafts.add(tx, Composition(subject="Mine", identity_id=identity), 0)
        store.drafts.add(tx, Composition(subject="Another's", identity_id=99), 0)
    assert removal(store, ann.id) == Removal(ann, local_messages=3, unsent=0, drafts=1)
    queued(store, ann)
    assert removal(store, ann.id).unsent == 1
    forget_account(store, ann.id, keep_mail=False, drop_unsent=True)
    with pytest.raises(UsageError):
        removal(store, ann.id)


def test_settings_are_changed_and_two_accounts_never_get_one_address(store, account, ann):
    update_account(store, replace(ann, name="Work"))
    changed = store.accounts.get(ann.id)
    assert changed is not None
    assert changed.name == "Work"
    with pytest.raises(UsageError, match="already"):
        update_account(store, replace(ann, address=account.address.upper()))
    assert shown(store, ann) == kept(store, ann)


def test_mail_fetched_before_a_change_to_imap_stays_on_this_computer(store, ann):
    update_account(store, replace(ann, imap=ann.pop3, pop3=None))
    local = local_account(store)
    assert {path: set(found) for path, found in kept(store, local).items()} == {
        "Ann-王/Inbox": {"one", "two"},
        "Ann-王/工作/会议": {"three"},
    }
    assert shown(store, local) == kept(store, local)
    assert store.folders.list(ann.id) == []
    changed = store.accounts.get(ann.id)
    assert changed is not None
    assert changed.imap == ann.pop3


def test_what_an_imap_server_was_to_be_told_is_dropped_with_that_server(bench):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    record_flags(bench.store, [1], Flag.SEEN, Flag.NONE)
    local = replace(bench.account, imap=None, pop3=bench.account.imap)
    update_account(bench.store, local)
    assert bench.store.operations.pending(local.id) == []
    LocalMail(bench.store, local).show()
    assert paths(bench.store, local) == TREE
    assert shown(bench.store, local) == {}


def elsewhere(bench, **values):
    """The account with its mail on another server, or of another user."""
    return replace(bench.account, imap=replace(bench.account.imap, **values))


@pytest.mark.parametrize("values", [{"host": "imap.new.example"}, {"user": "bob"}], ids=["server", "user"])
def test_the_cache_of_one_mailbox_is_never_taken_for_that_of_another(bench, values):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    update_account(bench.store, elsewhere(bench, **values))
    assert bench.store.folders.list() == []


@pytest.mark.parametrize("values", [{"port": 143}, {"host": "IMAP.example.org"}], ids=["port", "case"])
def test_another_way_to_the_same_mailbox_costs_no_mail(bench, values):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    update_account(bench.store, elsewhere(bench, **values))
    assert bench.cached() == bench.on_server()


def test_changes_wait_for_a_server_that_has_another_name_but_not_for_another_user(bench):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    record_flags(bench.store, [1], Flag.SEEN, Flag.NONE)
    update_account(bench.store, elsewhere(bench, host="imap.new.example"))
    assert len(bench.store.operations.pending(bench.account.id)) == 1
    update_account(bench.store, elsewhere(bench, host="imap.new.example", user="bob"))
    assert bench.store.operations.pending(bench.account.id) == []


def test_an_address_that_is_taken_leaves_the_cache_as_it_was(bench):
    bench.server.inbox.deliver(plain_message(1))
    bench.sync()
    other = add_account(bench.store, replace(bench.account, id=0, address="bob@example.org"))
    with pytest.raises(UsageError, match="already"):
        update_account(bench.store, replace(elsewhere(bench, user="bob"), address=other.address))
    assert bench.cached() == bench.on_server()
