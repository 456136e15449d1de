"""`qtmail outbox list|retry|cancel|flush`: what waits to be sent."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from datetime import datetime

from qtmail.cli.context import choose_accounts, open_store, read_password, secrets_for, signed_in
from qtmail.cli.output import print_json, print_rows, say
from qtmail.domain.account import Account
from qtmail.domain.events import Problem
from qtmail.domain.outgoing import OutboxItem, OutboxState, RecipientState
from qtmail.engine.certificates import tls_trust
from qtmail.engine.filing import Filing
from qtmail.engine.local_mail import LocalMail
from qtmail.engine.outbox_control import OutboxControl
from qtmail.engine.outbox_lock import OutboxLock
from qtmail.engine.outbox_sender import OutboxSender
from qtmail.engine.reporting import Event
from qtmail.engine.secrets import Secrets
from qtmail.engine.smtp_backend import SmtpBackend
from qtmail.engine.stopping import StopToken
from qtmail.errors import QtmailError
from qtmail.log import ProtocolLog
from qtmail.store.store import Store

_COLUMNS = ("id", "state", "to", "subject", "attempts", "next_try", "last_answer")


def run(arguments: argparse.Namespace) -> bool:
    match arguments.action:
        case "list":
            return list_items(arguments)
        case "retry":
            return retry(arguments)
        case "cancel":
            return cancel(arguments)
        case _:
            return flush(arguments)


def list_items(arguments: argparse.Namespace) -> bool:
    """Everything that something is left to do for."""
    with open_store(arguments) as store:
        rows = [as_json(store, item) for item in store.outbox.unfinished()]
    if not arguments.json:
        for row in rows:
            row["to"] = ", ".join(str(one["address"]) for one in row.pop("recipients"))  # type: ignore[attr-defined]
    print_rows(rows, _COLUMNS, as_json=arguments.json)
    return True


def retry(arguments: argparse.Namespace) -> bool:
    """Try the items named now, whatever they wait for."""
    password = read_password(arguments)
    with open_store(arguments) as store:
        control = OutboxControl(store)
        tried: list[int] = []  # what was dated for later comes back under another number

        def try_now(item_id: int) -> None:
            tried.append(control.retry(item_id).id)

        done = _each(arguments, try_now)
        items = [item for item_id in tried if (item := store.outbox.get(item_id)) is not None]
        concerned = {item.account_id for item in items}
        accounts = [account for account in store.accounts.list() if account.id in concerned]
        done = send_all_due(store, accounts, password) and done
        if arguments.json:
            for item in items:
                print_json(as_json(store, store.outbox.get(item.id) or item))
    return done


def cancel(arguments: argparse.Namespace) -> bool:
    """Take the items named back, also those that perhaps were sent; what came from a draft is one again."""
    with open_store(arguments) as store:
        control = OutboxControl(store)

        def take_back(item_id: int) -> None:
            item = store.outbox.get(item_id)
            in_doubt = item is not None and item.state is OutboxState.UNCERTAIN
            control.drop(item_id) if in_doubt else control.cancel(item_id)

        return _each(arguments, take_back)


def flush(arguments: argparse.Namespace) -> bool:
    """Send what is due in one account or all, and file what was sent; done only if nothing due is left."""
    password = read_password(arguments)
    with open_store(arguments) as store:
        done = send_all_due(store, choose_accounts(store, arguments.account), password)
        if arguments.json:
            for item in store.outbox.unfinished():
                print_json(as_json(store, item))
    return done


def send_all_due(store: Store, accounts: Iterable[Account], password: str | None) -> bool:
    """Send and file what is due in the outboxes of accounts; returns whether all of it went.

    Where another qtmail sends an account's mail at the time, it is left to that.
    """
    sending = [account for account in accounts if account.capabilities.sends]
    if not sending:
        return True
    secrets = secrets_for(store, sending, password, sending=True)
    went = [_send_due(store, account, secrets) for account in sending]
    return all(went)


def _send_due(store: Store, account: Account, secrets: Secrets) -> bool:
    lock = OutboxLock(store.directory, account.id)
    if not lock.acquire():
        say(f"{account.name}: another qtmail is running on this profile and sends the mail.")
        return True
    try:
        sent = _try(account, lambda: _send(store, account, secrets))
        filed = _try(account, lambda: _file(store, account, secrets))
    finally:
        lock.release()
    return sent and filed and not _stuck(store, account)


def _send(store: Store, account: Account, secrets: Secrets) -> None:
    backend = SmtpBackend(account, secrets=secrets, trust=tls_trust(store), protocol_log=ProtocolLog())
    sender = OutboxSender(store, account, backend, _tell, StopToken())
    sender.recover()
    sender.send_due()


def _file(store: Store, account: Account, secrets: Secrets) -> None:
    if not store.outbox.in_state(account.id, OutboxState.ACCEPTED, OutboxState.UNCERTAIN):
        return
    if account.keeps_mail_here:
        LocalMail(store, account).file_accepted()
        return
    with signed_in(store, account, secrets, ProtocolLog()) as session:
        # We hold the lock: whoever began to file and did not end is dead.
        Filing(store, account, _tell, alone=lambda: True).run(session)


def _stuck(store: Store, account: Account) -> bool:
    """Whether something that was due is still not with its recipients."""
    states = (OutboxState.QUEUED, OutboxState.FAILED, OutboxState.UNCERTAIN)
    stuck = store.outbox.in_state(account.id, *states)
    for item in stuck:
        say(f"{account.name}: message {item.id} ({item.subject}) is {item.state}: {item.last_answer}")
    return bool(stuck)


def _try(account: Account, work: Callable[[], None]) -> bool:
    try:
        work()
    except QtmailError as error:
        say(f"{account.name}: {error}" + (f" ({error.detail})" if error.detail else ""))
        return False
    return True


def _each(arguments: argparse.Namespace, change: Callable[[int], None]) -> bool:
    done = True
    for item_id in arguments.items:
        try:
            change(item_id)
        except QtmailError as error:
            say(f"message {item_id}: {error}")
            done = False
    return done


def _tell(event: Event) -> None:
    if isinstance(event, Problem):
        say(f"{event.sentence} {event.advice}".rstrip())


def as_json(store: Store, item: OutboxItem) -> dict[str, object]:
    """An item as `--json` prints it."""
    account = store.accounts.get(item.account_id)
    waits = item.state in (OutboxState.HELD, OutboxState.QUEUED)
    return {
        "id": item.id,
        "account": account.address if account else None,
        "state": item.state.value,
        "message_id": item.message_id,
        "subject": item.subject,
        "from": item.sender,
        "recipients": [
            {
                "address": one.address,
                "state": one.state.value,
                "answer": one.answer or None,
                "delivery": one.delivery.value or None,
            }
            for one in item.recipients
        ],
        "refused": sum(one.state is RecipientState.REFUSED for one in item.recipients),
        "size": item.size,
        "attempts": item.attempts,
        "queued_at": _time(item.queued_at),
        "next_try": _time(max(item.not_before, item.next_try)) if waits else None,
        "sent_at": _time(item.sent_at) if item.sent_at is not None else None,
        "last_answer": item.last_answer or None,
        "advice": item.advice or None,
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
