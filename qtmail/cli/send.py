"""`qtmail send`: a message from a file or from options goes into the outbox, and from there on its way."""

from __future__ import annotations

import argparse
import re
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from qtmail.cli.context import open_store, read_password
from qtmail.cli.outbox import as_json, send_all_due
from qtmail.cli.output import print_json, say
from qtmail.domain.address import Address
from qtmail.domain.composition import Composition
from qtmail.domain.identity import Identity
from qtmail.domain.outgoing import NewOutboxItem, OutboxItem, OutboxState, RecipientState
from qtmail.engine.correspondents import Correspondents
from qtmail.engine.drafting import Drafting
from qtmail.engine.queueing import queue, queue_draft
from qtmail.engine.stopping import StopToken
from qtmail.errors import FileFailed, UsageError
from qtmail.mime.addresses import parse_addresses
from qtmail.mime.recipients import split_recipients
from qtmail.mime.submission import read_submission
from qtmail.store.store import Store

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_IN = re.compile(r"\+(\d+)([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_GONE = (OutboxState.ACCEPTED, OutboxState.FILED)


def run(arguments: argparse.Namespace) -> bool:
    """Queue the message and, unless it is to wait, send it; done only if the server has taken it for all."""
    password = read_password(arguments)
    not_before = _when(arguments.at, datetime.now().astimezone())
    with open_store(arguments) as store:
        identity = _identity(store, arguments.sender)
        if arguments.file is not None:
            item = _queue_file(store, arguments, identity, not_before)
        else:
            item = _queue_options(store, arguments, identity, not_before)
        waits = arguments.queue or item.state is OutboxState.HELD
        account = store.accounts.get(item.account_id)
        if not waits and account is not None:
            send_all_due(store, [account], password)
        item = store.outbox.get(item.id) or item
        _print(store, item, as_json_line=arguments.json)
        return waits or (item.state in _GONE and not item.refused)


def _queue_file(
    store: Store, arguments: argparse.Namespace, identity: Identity | None, not_before: int
) -> OutboxItem:
    """A message that exists already goes as it is."""
    made = (
        arguments.subject,
        arguments.body,
        arguments.body_file,
        arguments.attach,
        arguments.cc,
        arguments.bcc,
    )
    if any(made):
        raise UsageError(
            "FILE.eml is a whole message.",
            advice="Give either a file or --subject, --body-file and the rest.",
        )
    named = tuple(one.address for one in _addresses(arguments.to))
    date = datetime.fromtimestamp(not_before).astimezone()
    submission = read_submission(_read(arguments.file), date=date, recipients=named)
    sender = identity or _find_identity(store, submission.from_address)
    if sender is None:
        raise UsageError(
            f"The message is from {submission.from_address}, which is no identity of yours.",
            advice="Name the account to send from with --from.",
        )
    new = NewOutboxItem(
        account_id=sender.account_id,
        identity_id=sender.id,
        message_id=submission.message_id,
        subject=submission.subject,
        sender=submission.sender,
        recipients=submission.recipients,
        not_before=not_before,
        needs_smtputf8=submission.needs_smtputf8,
        sent_folder=sender.sent_folder,
    )
    return queue(store, new, [submission.content], stop=StopToken())


def _queue_options(
    store: Store, arguments: argparse.Namespace, identity: Identity | None, not_before: int
) -> OutboxItem:
    """A message made from the options, as the composer would make it in plain text."""
    if not (arguments.to or arguments.cc or arguments.bcc):
        raise UsageError("Nobody is named to send it to.", advice="Give --to, or a FILE.eml.")
    drafting = Drafting(store)
    text = _read(arguments.body_file).decode("utf-8", "replace") if arguments.body_file else arguments.body
    files = [drafting.add_file(path) for path in arguments.attach]
    composition = Composition(
        identity_id=identity.id if identity else 0,
        to=_addresses(arguments.to),
        cc=_addresses(arguments.cc),
        bcc=_addresses(arguments.bcc),
        subject=arguments.subject,
        rich=False,
        body=text,
        attachments=tuple(files),
    )
    draft = drafting.create(composition, shown=False)
    item = queue_draft(store, draft, not_before=not_before, stop=StopToken())
    Correspondents(store).note_sent(composition.recipients, int(time.time()))
    return item


def _identity(store: Store, named: str | None) -> Identity | None:
    if named is None:
        return None
    identity = _find_identity(store, named)
    if identity is None:
        raise UsageError(
            f"“{named}” is no account or identity of yours.",
            advice="“qtmail account list” shows the accounts.",
        )
    return identity


def _find_identity(store: Store, named: str) -> Identity | None:
    """The identity with this address, else the first one of the account with this name."""
    parsed = parse_addresses(named)
    wanted = (parsed[0].address if parsed and parsed[0].address else named).casefold()
    for identity in store.identities.list():
        if identity.address.casefold() == wanted:
            return identity
    account = store.accounts.find(named)
    return next(iter(store.identities.list(account.id)), None) if account else None


def _addresses(values: list[str]) -> tuple[Address, ...]:
    """The recipients of an option, which may be given several times; what is none is refused when queued.

    Raises UsageError for a line break: what comes from a form on the web may try to add recipients with one.
    """
    if any(_CONTROL.search(value) for value in values):
        raise UsageError("A recipient has a line break or a control character in it.", advice="Leave it out.")
    return tuple(one for value in values for one in split_recipients(value))


def _when(text: str | None, now: datetime) -> int:
    """The time `--at` names, in seconds since the epoch; now without it. Raises UsageError."""
    if text is None:
        return int(now.timestamp())
    if found := _IN.fullmatch(text.strip()):
        return int((now + timedelta(**{_UNITS[found[2]]: int(found[1])})).timestamp())
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}", text.strip()):
            hour, minute = map(int, text.split(":"))
            then = now.replace(hour=hour, minute=minute, second=0)
            return int((then if then > now else then + timedelta(days=1)).timestamp())
        return int(datetime.fromisoformat(text.strip()).astimezone().timestamp())
    except ValueError as error:
        raise UsageError(
            f"“{text}” is not a time.", advice="Write 2026-05-03T14:05, 14:05, or +90m, +2h, +1d."
        ) from error


def _read(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileFailed(f"{path} cannot be read.", detail=str(error)) from error


def _print(store: Store, item: OutboxItem, *, as_json_line: bool) -> None:
    if as_json_line:
        print_json(as_json(store, item))
        return
    match item.state:
        case OutboxState.ACCEPTED | OutboxState.FILED:
            reached = [one.address for one in item.recipients if one.state is RecipientState.ACCEPTED]
            say(f"Sent to {', '.join(reached)}.")
        case OutboxState.HELD:
            then = datetime.fromtimestamp(item.not_before).astimezone()
            say(f"Message {item.id} will be sent at {then:%Y-%m-%d %H:%M} by qtmail if it runs then.")
        case _:
            say(f"Message {item.id} is in the outbox ({item.state}). {item.last_answer}".rstrip())
    for one in item.refused:
        say(f"{one.address} was refused: {one.answer}")
