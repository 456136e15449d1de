"""Profiles and accounts for tests of files with settings, and all settings there can be."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from qtmail.credentials import Credentials
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
from qtmail.engine.settings_file import export_settings, import_settings
from qtmail.engine.settings_json import AccountEntry, Settings
from qtmail.store.store import Store
from tests.fakes.keyrings import FileKeyring

PASSPHRASE = "correct horse"
SECRET = "geheim-密码-🔑"

WORK = Account(
    0,
    "Work",
    "ann@example.org",
    "Ann Smith",
    ServerSettings("imap.example.org", 993, Security.TLS, "ann"),
    ServerSettings("smtp.example.org", 587, Security.STARTTLS, "ann"),
    color="#ff0000",
    sync=SyncPolicy(BodyPolicy.ALL, 7, 1000, 60),
)
POST = Account(
    0,
    "Post",
    "ann@post.example",
    "Ann",
    None,
    pop3=ServerSettings("pop.post.example", 995, Security.TLS, "ann"),
    pop3_policy=Pop3Policy(Pop3Keep.DAYS, 30),
    enabled=False,
)
CLOUD = replace(
    WORK, name="Cloud", address="ann@cloud.example", sign_in=SignIn(SignInMethod.OAUTH, "google", "my-id")
)
CARD = replace(
    WORK,
    name="Card",
    address="ann@card.example",
    sign_in=SignIn(SignInMethod.CERTIFICATE, certificate_file="/keys/card.pem"),
)
LOCAL = Account(0, "Local folders", "", "", None)


class Profile:
    """One user's profile on one computer."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.store = Store.open(directory / "profile")
        self.credentials = Credentials(FileKeyring(directory))

    def add(self, account: Account, password: str = "", purpose: str = "imap") -> Account:
        with self.store.user_transaction() as tx:
            account = self.store.accounts.add(tx, account)
        if password:
            self.credentials.remember(account, password, purpose)
        return account

    def exported(self, name: str = "settings", **options: Any) -> Path:
        path = self.directory / name
        export_settings(self.store, self.credentials, path, **options)
        return path

    def take(self, path: Path, passphrase: str | None = None, **options: Any) -> Any:
        return import_settings(self.store, self.credentials, path, passphrase, **options)


@contextmanager
def profiles(directory: Path) -> Iterator[Callable[[str], Profile]]:
    made: list[Profile] = []

    def make(name: str) -> Profile:
        made.append(Profile(directory / name))
        return made[-1]

    try:
        yield make
    finally:
        for profile in made:
            profile.store.close()


lines = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x7f"), max_size=20)
words = st.text(string.ascii_lowercase, min_size=1, max_size=8)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
hosts = words.map(lambda word: f"{word}.example")
ports = st.integers(1, 65535)
servers = st.builds(ServerSettings, hosts, ports, st.sampled_from(Security), lines)
wire_names = st.binary(min_size=1, max_size=8).filter(
    lambda name: not any(byte < 0x20 or byte == 0x7F for byte in name)
)
numbers = st.integers(0, 2**40)
policies = st.builds(
    Pop3Policy, st.sampled_from(Pop3Keep), st.integers(0, 9999), numbers, numbers, numbers,
    st.integers(0, 3), st.booleans(),
)  # fmt: skip
syncs = st.builds(
    SyncPolicy, st.sampled_from(BodyPolicy), st.integers(0, 9999), numbers, st.integers(1, 10**6)
)
sign_ins = st.builds(SignIn, st.sampled_from(SignInMethod), words, lines, lines)
accounts = st.builds(
    Account,
    id=st.just(0), name=lines, address=words.map(lambda word: f"{word}@example.org"), full_name=lines,
    imap=st.none() | servers, smtp=st.none() | servers, color=st.from_regex(r"#[0-9a-f]{6}", fullmatch=True),
    sync=syncs, pop3=st.none() | servers, pop3_policy=policies, sign_in=sign_ins, enabled=st.booleans(),
).map(lambda account: replace(account, pop3=None) if account.imap else account)  # fmt: skip
identities = st.builds(
    Identity, st.just(0), st.just(0), lines, lines, lines, texts, texts, wire_names | st.just(b""), lines
)
folder_policies = st.builds(
    FolderPolicy, st.none() | st.sampled_from(BodyPolicy), st.none() | st.integers(1, 10**6)
)
entries = st.builds(
    AccountEntry,
    accounts,
    st.lists(identities, min_size=1, max_size=3).map(tuple),
    st.dictionaries(wire_names, folder_policies.filter(lambda policy: policy != FolderPolicy()), max_size=3),
    st.dictionaries(st.sampled_from(SpecialUse), wire_names, max_size=3),
)
fingerprints = st.binary(min_size=32, max_size=32).map(bytes.hex)
exemptions = st.builds(AcceptedCertificate, hosts, ports, fingerprints) | st.builds(
    ClearPermission, hosts, ports
)


def _in_order(found: list[Exemption]) -> tuple[Exemption, ...]:
    return tuple(one for kind in (AcceptedCertificate, ClearPermission) for one in found if type(one) is kind)


def _numbered(found: list[AccountEntry]) -> tuple[AccountEntry, ...]:
    """As `from_json` numbers them."""
    entries = []
    for number, entry in enumerate(found, 1):
        mine = tuple(replace(one, account_id=number) for one in entry.identities)
        entries.append(replace(entry, account=replace(entry.account, id=number), identities=mine))
    return tuple(entries)


all_settings = st.builds(
    Settings,
    st.lists(entries, max_size=3, unique_by=lambda entry: entry.account.address).map(_numbered),
    st.lists(st.builds(Template, st.just(0), lines, lines, texts), max_size=3).map(tuple),
    st.lists(words.map(lambda word: f"{word}@example.net"), max_size=3, unique=True).map(tuple),
    st.lists(exemptions, max_size=3, unique=True).map(_in_order),
    st.dictionaries(lines, lines, max_size=3),
)

EVERYTHING = Settings(
    _numbered(
        [
            AccountEntry(
                WORK,
                (Identity(0, 0, "Ann", "ann@example.org"),),
                {b"Lists": FolderPolicy(BodyPolicy.ALL, 60)},
                {SpecialUse.SENT: b"Sent"},
            ),
            AccountEntry(POST),
        ]
    ),
    (Template(0, "a", "b", "c"),),
    ("a@b.example",),
    (AcceptedCertificate("h", 1, "ab" * 32), ClearPermission("h", 2)),
    {"theme": "dark"},
)
