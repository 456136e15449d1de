"""What a file with settings holds, as values and as JSON.

    {"format": "qtmail settings", "version": 1,
     "accounts": [{"name": …, "imap": {"host": …}, "identities": […], "folders": […], …}],
     "templates": […], "trusted_senders": […], "certificates": […], "clear_hosts": […],
     "preferences": {…},
     "secrets": "…"}               sealed, and only if the user wanted them in it

In the file accounts have numbers in place of ids, from 1 on in their order. A later version may add members;
this one passes over what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qtmail.domain.account import (
    Account,
    BodyPolicy,
    FolderPolicy,
    Pop3Keep,
    Pop3Policy,
    Security,
    ServerSettings,
    SyncPolicy,
)
from qtmail.domain.account_settings import AcceptedCertificate, ClearPermission, Exemption
from qtmail.domain.folder import SpecialUse
from qtmail.domain.identity import Identity, Template
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.engine.settings_record import Record, Senseless, texts_in
from qtmail.errors import FileFailed

FORMAT, VERSION = "qtmail settings", 1

_MOST_ACCOUNTS = 1_000
_MOST = 10_000
"""Entries of any other list."""
_PATH = 4_096

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_HOST = re.compile(r"[^\s/@]{1,255}")
_ADDRESS = re.compile(r"|[^\s@]+(@[^\s@]+)+|\"[^\"]*\"@[^\s@]+")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """One account with what belongs to it.

    Attributes:
        account: its id, and the one mail is delivered to, are numbers in the file.
        folders: what folders do otherwise than the account, by wire name.
        special_folders: the folders the user chose for a purpose.
    """

    account: Account
    identities: tuple[Identity, ...] = ()
    folders: Mapping[bytes, FolderPolicy] = field(default_factory=dict)
    special_folders: Mapping[SpecialUse, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything in a file with settings but the passwords (`settings_secrets`)."""

    accounts: tuple[AccountEntry, ...] = ()
    templates: tuple[Template, ...] = ()
    trusted_senders: tuple[str, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    preferences: Mapping[str, str] = field(default_factory=dict)


# -- to JSON


def to_json(settings: Settings) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "accounts": [_entry_json(entry) for entry in settings.accounts],
        "templates": [
            {"name": one.name, "subject": one.subject, "html": one.html} for one in settings.templates
        ],
        "trusted_senders": list(settings.trusted_senders),
        "certificates": [
            {"host": one.host, "port": one.port, "sha256": one.sha256}
            for one in settings.exemptions
            if isinstance(one, AcceptedCertificate)
        ],
        "clear_hosts": [
            {"host": one.host, "port": one.port}
            for one in settings.exemptions
            if isinstance(one, ClearPermission)
        ],
        "preferences": dict(settings.preferences),
    }


def _entry_json(entry: AccountEntry) -> dict[str, Any]:
    account = entry.account
    sync, policy, sign_in = account.sync, account.pop3_policy, account.sign_in
    return {
        "name": account.name,
        "address": account.address,
        "full_name": account.full_name,
        "color": account.color,
        "enabled": account.enabled,
        "imap": _server_json(account.imap),
        "pop3": _server_json(account.pop3),
        "smtp": _server_json(account.smtp),
        "sync": {
            "bodies": sync.bodies.value,
            "recent_days": sync.recent_days,
            "prefetch_bytes": sync.prefetch_bytes,
            "poll_seconds": sync.poll_seconds,
        },
        "pop3_policy": {
            "keep": policy.keep.value,
            "days": policy.days,
            "newest_count": policy.newest_count,
            "newest_bytes": policy.newest_bytes,
            "headers_only_over": policy.headers_only_over,
            "deliver_to": policy.deliver_to,
            "apop": policy.apop,
        },
        "sign_in": {
            "method": sign_in.method.value,
            "provider": sign_in.provider,
            "client_id": sign_in.client_id,
            "certificate_file": sign_in.certificate_file,
        },
        "identities": [_identity_json(identity) for identity in entry.identities],
        "folders": [_folder_json(name, rule) for name, rule in sorted(entry.folders.items())],
        "special_folders": {
            use.value: name.decode("latin-1") for use, name in sorted(entry.special_folders.items())
        },
    }


def _server_json(server: ServerSettings | None) -> dict[str, Any] | None:
    if server is None:
        return None
    return {"host": server.host, "port": server.port, "security": server.security.value, "user": server.user}


def _identity_json(identity: Identity) -> dict[str, Any]:
    return {
        "name": identity.name,
        "address": identity.address,
        "reply_to": identity.reply_to,
        "signature_html": identity.signature_html,
        "signature_text": identity.signature_text,
        "sent_folder": identity.sent_folder.decode("latin-1"),
        "bcc": identity.bcc,
    }


def _folder_json(wire_name: bytes, policy: FolderPolicy) -> dict[str, Any]:
    return {
        "name": wire_name.decode("latin-1"),
        "bodies": policy.bodies.value if policy.bodies is not None else None,
        "poll_seconds": policy.poll_seconds,
    }


# -- from JSON


def from_json(document: object) -> Settings:
    """Raises FileFailed, in words, where it is something else, of a later version, or makes no sense."""
    whole = Record(document, "the file")
    if whole.text("format") != FORMAT:
        raise Senseless("it", "holds something else")
    if whole.number("version", 1, low=1) > VERSION:
        raise FileFailed(
            "These settings were exported by a later version of qtmail.", advice="Import them with that one."
        )
    records = whole.records("accounts", "account", most=_MOST_ACCOUNTS)
    accounts = [_entry(number, record) for number, record in enumerate(records, 1)]
    return Settings(
        accounts=tuple(_delivered(entry, accounts) for entry in accounts),
        templates=tuple(_template(one) for one in whole.records("templates", "template", most=_MOST)),
        trusted_senders=tuple(whole.lines("trusted_senders", most=_MOST)),
        exemptions=tuple(_exemptions(whole)),
        preferences=texts_in(whole.record("preferences"), most=_MOST),
    )


def _entry(number: int, record: Record) -> AccountEntry:
    account = _account(number, record)
    identities = record.records("identities", f"{record.where}, identity", most=_MOST)
    folders = record.records("folders", f"{record.where}, folder", most=_MOST)
    special = record.record("special_folders")
    uses = [use for use in SpecialUse if special is not None and use.value in special]
    return AccountEntry(
        account,
        tuple(_identity(number, one) for one in identities),
        {one.octets("name"): _folder_policy(one) for one in folders},
        {use: special.octets(use.value) for use in uses if special is not None},
    )


def _account(number: int, record: Record) -> Account:
    account = Account(
        id=number,
        name=record.line("name"),
        address=record.matching("address", _ADDRESS),
        full_name=record.line("full_name"),
        imap=_server(record.record("imap")),
        pop3=_server(record.record("pop3")),
        smtp=_server(record.record("smtp")),
        color=record.matching("color", _COLOR, "#3b82f6"),
        sync=_sync_policy(record.record("sync")),
        pop3_policy=_pop3_policy(record.record("pop3_policy")),
        sign_in=_sign_in(record.record("sign_in")),
        enabled=record.truth("enabled", True),
    )
    if account.imap is not None and account.pop3 is not None:
        raise Senseless(record.where, "reads mail both by IMAP and by POP3")
    if not account.address and (account.incoming or account.smtp):
        raise Senseless(record.where, "has servers and no address")
    return account


def _server(record: Record | None) -> ServerSettings | None:
    if record is None:
        return None
    return ServerSettings(
        host=record.matching("host", _HOST),
        port=record.number("port", 0, low=1, high=65535),
        security=record.choice("security", Security.TLS),
        user=record.line("user"),
    )


def _sync_policy(record: Record | None) -> SyncPolicy:
    usual = SyncPolicy()
    if record is None:
        return usual
    return SyncPolicy(
        bodies=record.choice("bodies", usual.bodies),
        recent_days=record.number("recent_days", usual.recent_days, high=100_000),
        prefetch_bytes=record.number("prefetch_bytes", usual.prefetch_bytes),
        poll_seconds=record.number("poll_seconds", usual.poll_seconds, low=1, high=10**8),
    )


def _pop3_policy(record: Record | None) -> Pop3Policy:
    usual = Pop3Policy()
    if record is None:
        return usual
    return Pop3Policy(
        keep=record.choice("keep", Pop3Keep.KEEP),
        days=record.number("days", usual.days, high=100_000),
        newest_count=record.number("newest_count", 0),
        newest_bytes=record.number("newest_bytes", 0),
        headers_only_over=record.number("headers_only_over", 0),
        deliver_to=record.number("deliver_to", 0),
        apop=record.truth("apop", False),
    )


def _sign_in(record: Record | None) -> SignIn:
    if record is None:
        return SignIn()
    return SignIn(
        method=record.choice("method", SignInMethod.PASSWORD),
        provider=record.line("provider"),
        client_id=record.line("client_id"),
        certificate_file=record.line("certificate_file", longest=_PATH),
    )


def _identity(number: int, record: Record) -> Identity:
    return Identity(
        id=0,
        account_id=number,
        name=record.line("name"),
        address=record.line("address"),
        reply_to=record.line("reply_to"),
        signature_html=record.text("signature_html"),
        signature_text=record.text("signature_text"),
        sent_folder=record.octets("sent_folder"),
        bcc=record.line("bcc"),
    )


def _folder_policy(record: Record) -> FolderPolicy:
    return FolderPolicy(
        bodies=record.choice("bodies", BodyPolicy.RECENT) if "bodies" in record else None,
        poll_seconds=record.number("poll_seconds", 0, low=1, high=10**8) or None,
    )


def _template(record: Record) -> Template:
    return Template(0, record.line("name"), record.line("subject"), record.text("html"))


def _exemptions(whole: Record) -> list[Exemption]:
    certificates = whole.records("certificates", "certificate", most=_MOST)
    clear_hosts = whole.records("clear_hosts", "clear host", most=_MOST)
    return [
        *(AcceptedCertificate(*_host_and_port(one), one.matching("sha256", _SHA256)) for one in certificates),
        *(ClearPermission(*_host_and_port(one)) for one in clear_hosts),
    ]


def _host_and_port(record: Record) -> tuple[str, int]:
    return record.matching("host", _HOST), record.number("port", 0, low=1, high=65535)


def _delivered(entry: AccountEntry, entries: list[AccountEntry]) -> AccountEntry:
    """Mail goes only where it can go: to another account of the file, which keeps it here."""
    account, number = entry.account, entry.account.pop3_policy.deliver_to
    target = entries[number - 1].account if 0 < number <= len(entries) else None
    if target is not None and target.id != account.id and target.keeps_mail_here:
        return entry
    return replace(entry, account=replace(account, pop3_policy=replace(account.pop3_policy, deliver_to=0)))
