"""Reports in the inbox are tied to what was sent, once, and can do no more than be shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.domain.account import Account, Pop3Policy
from qtmail.domain.folder import Folder, RemoteFolder, SpecialUse
from qtmail.domain.message import Flag, RemoteMessage
from qtmail.domain.outgoing import DeliveryStatus, NewOutboxItem, OutboxItem, OutboxState
from qtmail.engine.local_mail import LocalMail, local_account
from qtmail.engine.outbox_sender import envelope_id
from qtmail.engine.report_intake import ReportIntake
from qtmail.mime.summary import summarise_header
from qtmail.store.messages import NewMessage
from qtmail.store.store import Store
from tests.fakes.local_bench import add_account as add_local

REPORTS = Path(__file__).parents[2] / "corpus" / "reports"
LUNCH = "lunch-1@example.org"


@pytest.fixture
def folders(store: Store, account: Account) -> dict[str, Folder]:
    remote = [
        RemoteFolder(b"INBOX", "INBOX", "/", SpecialUse.INBOX),
        RemoteFolder(b"Junk", "Junk", "/", SpecialUse.JUNK),
    ]
    with store.cache_transaction() as tx:
        store.folders.reconcile(tx, account.id, remote)
    return {folder.path: folder for folder in store.folders.list(account.id)}


@pytest.fixture
def intake(store: Store, account: Account) -> ReportIntake:
    return ReportIntake(store, account.id)


def send(store: Store, account: Account, *recipients: str, message_id: str = LUNCH) -> OutboxItem:
    with store.user_transaction() as tx:
        blob = store.blobs.begin(tx, 0)
        new = NewOutboxItem(account.id, 0, message_id, "Lunch", account.address, recipients, 0)
        item = store.outbox.add(tx, new, blob, 10, 0)
        sent = replace(item, state=OutboxState.ACCEPTED, sent_at=1)
        store.outbox.save(tx, sent, expected=OutboxState.QUEUED)
    return sent


def arrive(store: Store, folder: Folder, raw: bytes, uid: int = 1, *, fetched: bool = True) -> int:
    header = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].replace(b"\n", b"\r\n") + b"\r\n\r\n"
    remote = RemoteMessage(uid, Flag.NONE, frozenset(), 1, 0, len(raw), header)
    with store.cache_transaction() as tx:
        (id_,) = store.messages.add(tx, folder.id, [NewMessage(remote, summarise_header(header))])
        if fetched:
            store.bodies.put_raw(tx, id_, raw, "", False)
    return id_


def delivery(store: Store, item: OutboxItem) -> dict[str, DeliveryStatus]:
    now = store.outbox.get(item.id)
    assert now is not None
    return {one.address: one.delivery for one in now.recipients}


def report(name: str) -> bytes:
    return (REPORTS / f"{name}.eml").read_bytes()


def test_a_bounce_is_noted_with_its_recipients(
    store: Store, account: Account, folders: dict[str, Folder], intake: ReportIntake
):
    item = send(store, account, "Bob@example.net", "carol@example.net", "dan@example.net")
    id_ = arrive(store, folders["INBOX"], report("postfix-failed"))
    assert intake.look_at(folders["INBOX"], [id_]) == 1
    assert delivery(store, item) == {
        "Bob@example.net": DeliveryStatus.FAILED,
        "carol@example.net": DeliveryStatus.FAILED,
        "dan@example.net": DeliveryStatus.UNKNOWN,
    }
    now = store.outbox.get(item.id)
    assert now is not None
    assert "no such mailbox" in now.recipients[0].delivery_text.lower()


def test_reading_it_again_tells_nothing_new(
    store: Store, account: Account, folders: dict[str, Folder], intake: ReportIntake
):
    send(store, account, "bob@example.net", "carol@example.net")
    id_ = arrive(store, folders["INBOX"], report("postfix-failed"))
    intake.look_at(folders["INBOX"], [id_])
    assert intake.look_at(folders["INBOX"], [id_]) == 0


def test_a_bounce_without_a_label_is_recognised_by_its_sender(
    store: Store, account: Account, folders: dict[str, Folder], intake: ReportIntake
):
    item = send(store, account, "bob@example.net", "eve@example.net", message_id="lunch-9@example.org")
    id_ = arrive(store, folders["INBOX"], report("qmail"))
    assert intake.look_at(folders["INBOX"], [id_]) == 1
    assert delivery(store, item)["bob@example.net"] is DeliveryStatus.FAILED


def test_a_report_that_knows_only_the_envelope(
    store: Store, account: Account, folders: dict[str, Folder], intake: ReportIntake
):
    item = send(store, account, "bob@example.net", "carol@example.net", message_id="other@example.org")
    raw = report("postfix-failed").replace(b"QM-42", envelope_id(item).encode())
    id_ = arrive(store, folders["INBOX"], raw)
    assert intake.look_at(folders["INBOX"], [id_]) == 1
    forged = raw.replace(b"-other", b"-guessed")
    id_ = arrive(store, folders["INBOX"], forged.replace(b"5.1.1", b"4.4.1"), 2)
    assert intake.look_at(folders["INBOX"], [id_]) == 0


def test_an_address_that_was_forwarded_means_the_only_recipient(
    store: Store, account: Account, folders: dict[str, Folder], intake: ReportIntake
):
    item = send(store, account, "alias@example.org")
    id_ = arrive(store, folders["INBOX"], report("postfix-failed"))
    assert intake.look_at(folders["INBOX"], [id_]) == 1
    assert delivery(store, item) == {"alias@example.org": DeliveryStatus.FAILED}


def test_a_read_receipt(store: Store, account: Account, folders: dict[str, Folder], intake: ReportIntake):
    item = send(store, account, "bob@example.net", message_id="lunch-12@example.org")
    for number, name in enumerate(("receipt-deleted-unread", "receipt-displayed"), 1):
        id_ = arrive(store, folders["INBOX"], report(name), number)
        intake.look_at(folders["INBOX"], [id_])
    assert delivery(store, item) == {"bob@example.net": DeliveryStatus.READ}


@pytest.mark.parametrize("name", ["not-a-report-postmaster", "not-a-report-vacation"])
def test_other_mail_says_nothing(
    store: Store, account: Account, folders: dict[str, Folder], intake: ReportIntake, name: str
):
    item = send(store, account, "bob@example.net")
    id_ = arrive(store, folders["INBOX"], report(name))
    assert intake.look_at(folders["INBOX"], [id_]) == 0
    assert delivery(store, item) == {"bob@example.net": DeliveryStatus.UNKNOWN}


def test_a_report_elsewhere_or_on_what_nobody_sent_is_passed_over(
    store: Store, account: Account, folders: dict[str, Folder], intake: ReportIntake
):
    unknown = arrive(store, folders["INBOX"], report("postfix-failed"))
    assert intake.look_at(folders["INBOX"], [unknown]) == 0
    item = send(store, account, "bob@example.net")
    junk = arrive(store, folders["Junk"], report("postfix-failed"))
    assert intake.look_at(folders["Junk"], [junk]) == 0
    assert delivery(store, item) == {"bob@example.net": DeliveryStatus.UNKNOWN}


def test_a_forged_report_changes_nothing_but_what_is_shown(
    store: Store, account: Account, folders: dict[str, Folder], intake: ReportIntake
):
    before = send(store, account, "bob@example.net", "carol@example.net")
    intake.look_at(folders["INBOX"], [arrive(store, folders["INBOX"], report("postfix-failed"))])
    after = store.outbox.get(before.id)
    assert after is not None
    shown = tuple(replace(one, delivery=DeliveryStatus.UNKNOWN, delivery_text="") for one in after.recipients)
    assert replace(after, recipients=shown) == before


def test_what_is_fetched_later_is_looked_at_then(
    store: Store, account: Account, folders: dict[str, Folder], intake: ReportIntake
):
    item = send(store, account, "bob@example.net", "carol@example.net")
    end = intake.follow()
    id_ = arrive(store, folders["INBOX"], report("postfix-failed"), fetched=False)
    assert delivery(store, item)["bob@example.net"] is DeliveryStatus.UNKNOWN
    with store.cache_transaction() as tx:
        store.bodies.put_raw(tx, id_, report("postfix-failed"), "", False)
    assert delivery(store, item)["bob@example.net"] is DeliveryStatus.FAILED
    end()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_reports_are_read_where_mail_is_kept_on_this_computer(store: Store, elsewhere: bool):
    account, local = add_local(store, sends=True), local_account(store)
    if elsewhere:
        account = replace(account, pop3_policy=Pop3Policy(deliver_to=local.id))
        with store.user_transaction() as tx:
            store.accounts.update(tx, account)
    item = send(store, account, "bob@example.net", "carol@example.net")
    end = ReportIntake(store, account.id).follow()
    mail = LocalMail(store, local if elsewhere else account)
    with store.user_transaction() as tx:
        blob = mail.store_small(tx, report("postfix-failed"))
        message = mail.deliver(tx, SpecialUse.INBOX, blob, 1000)
    mail.shown([message])
    end()
    assert delivery(store, item)["bob@example.net"] is DeliveryStatus.FAILED
