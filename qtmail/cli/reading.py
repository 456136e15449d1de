"""`qtmail folders|list|show`: what is on this computer, and one message, fetched if it must be."""

from __future__ import annotations

import argparse
import sys

from qtmail.cli.context import (
    choose_account,
    choose_accounts,
    open_store,
    read_password,
    secrets_for,
    signed_in,
)
from qtmail.cli.output import print_json, print_rows
from qtmail.domain.account import Account
from qtmail.domain.message import Flag, MessageQuery, MessageRow
from qtmail.engine.local_mail import show_all
from qtmail.engine.reading import Reading
from qtmail.engine.stopping import StopToken
from qtmail.errors import UsageError
from qtmail.log import ProtocolLog
from qtmail.mime.inspect import describe
from qtmail.mime.message import ParsedMessage
from qtmail.store.store import Store


def folders(arguments: argparse.Namespace) -> bool:
    with open_store(arguments) as store:
        show_all(store)
        rows = [
            {
                "account": account.address or account.name,
                "path": folder.path,
                "special_use": folder.special_use and str(folder.special_use),
                "messages": folder.message_count,
                "unread": folder.unread_count,
            }
            for account in choose_accounts(store, arguments.account)
            for folder in store.folders.list(account.id)
        ]
    print_rows(rows, ("account", "path", "messages", "unread", "special_use"), as_json=arguments.json)
    return True


def list_messages(arguments: argparse.Namespace) -> bool:
    with open_store(arguments) as store:
        show_all(store)
        account = choose_account(store, arguments.account)
        folder = store.folders.find(account.id, arguments.folder)
        if folder is None:
            raise UsageError(
                f"“{account.name}” has no folder “{arguments.folder}” on this computer.",
                advice="“qtmail folders” shows those there are; “qtmail sync” asks the server.",
            )
        query = MessageQuery((folder.id,), unread=arguments.unread, flagged=arguments.flagged)
        ids = store.messages.ids(query, limit=max(0, arguments.limit))
        pages = (ids[start : start + 200] for start in range(0, len(ids), 200))
        rows = [_row(row) for page in pages for row in store.messages.rows(page)]
    print_rows(rows, ("id", "date", "from", "subject"), as_json=arguments.json)
    return True


def show(arguments: argparse.Namespace) -> bool:
    """Print one message; it is marked as read nowhere."""
    password = read_password(arguments)
    with open_store(arguments) as store:
        row = store.messages.get(arguments.message)
        if row is None:
            raise UsageError(
                f"There is no message {arguments.message} on this computer.",
                advice="“qtmail list” shows the ids.",
            )
        if arguments.source:
            sys.stdout.buffer.write(_source(store, row, password))
            return True
        message = _message(store, row, password)
    if arguments.json:
        print_json({"id": row.id, **describe(message)})
    else:
        _print_message(message)
    return True


def _message(store: Store, row: MessageRow, password: str | None) -> ParsedMessage:
    account = _account_of(store, row)
    reading = Reading(store, account, StopToken())
    if cached := reading.cached(row.id):
        return cached
    with signed_in(store, account, secrets_for(store, [account], password), ProtocolLog()) as session:
        return reading.fetch(session, row.id)


def _source(store: Store, row: MessageRow, password: str | None) -> bytes:
    account = _account_of(store, row)
    reading = Reading(store, account, StopToken())
    cached = reading.cached_source(row.id)
    if cached is not None:
        return cached
    with signed_in(store, account, secrets_for(store, [account], password), ProtocolLog()) as session:
        return reading.fetch_source(session, row.id, lambda received, size: None)


def _account_of(store: Store, row: MessageRow) -> Account:
    account = store.accounts.get(row.account_id)
    if account is None:
        raise UsageError("The account of this message was removed.")
    return account


def _print_message(message: ParsedMessage) -> None:
    envelope = message.envelope
    fields = {
        "From": ", ".join(map(str, envelope.from_)),
        "To": ", ".join(map(str, envelope.to)),
        "Cc": ", ".join(map(str, envelope.cc)),
        "Date": envelope.date.isoformat(" ") if envelope.date else "",
        "Subject": envelope.subject,
    }
    for name, value in fields.items():
        if value:
            print(f"{name}: {value}")
    print()
    print(message.text)
    for attachment in message.attachments:
        print(f"[{attachment.filename}, {attachment.content_type}, {attachment.size} bytes]")


def _row(row: MessageRow) -> dict[str, object]:
    return {
        "id": row.id,
        "uid": row.uid,
        "date": row.when.isoformat().replace("+00:00", "Z"),
        "from": row.sender,
        "from_address": row.sender_address,
        "subject": row.subject,
        "size": row.size,
        "unread": row.unread,
        "flagged": bool(row.flags & Flag.FLAGGED),
        "answered": bool(row.flags & Flag.ANSWERED),
        "keywords": sorted(row.keywords),
        "has_attachment": row.has_attachment,
        "preview": row.preview,
    }
