"""The settings of one account while they are edited, and what may be wrong with them. No widgets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from PySide6.QtCore import QCoreApplication

from qtmail.domain.account import Account, FolderPolicy, Pop3Keep, ServerSettings
from qtmail.domain.account_settings import Exemption
from qtmail.domain.folder import SpecialUse
from qtmail.domain.identity import Identity
from qtmail.domain.sign_in import SignInMethod
from qtmail.mime.sendable import address_fault
from qtmail.ui.accounts.identity_form import identity_fault


class Page(Enum):
    """The pages of an account, in their order."""

    GENERAL = auto()
    IDENTITIES = auto()
    SERVERS = auto()
    SIGN_IN = auto()
    SYNC = auto()
    SERVER_MAIL = auto()
    FOLDERS = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps an account from being saved.

    Attributes:
        page: where it can be mended.
        sentence: what is wrong.
        identity: on the page of identities, the number of the one concerned.
    """

    page: Page
    sentence: str
    identity: int = 0


@dataclass(slots=True)
class AccountEdit:
    """What the user made of an account so far; nothing of it is stored yet.

    Attributes:
        stored, stored_identities: as they are kept.
        account, identities: as edited; new identities have the id 0.
        policies: the rules of folders that were changed, by wire name.
        special: the folders that were chosen for a purpose, by wire name; b"": as the server says.
        withdrawn: what its servers are no longer allowed.
    """

    stored: Account
    stored_identities: tuple[Identity, ...]
    account: Account = field(init=False)
    identities: list[Identity] = field(init=False)
    policies: dict[bytes, FolderPolicy] = field(default_factory=dict)
    special: dict[SpecialUse, bytes] = field(default_factory=dict)
    withdrawn: set[Exemption] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.account = self.stored
        self.identities = list(self.stored_identities)

    @property
    def changed(self) -> bool:
        """Whether there is anything to save."""
        account = self.account != self.stored or tuple(self.identities) != self.stored_identities
        return account or bool(self.policies or self.special or self.withdrawn)

    def rename_user(self, full_name: str, address: str) -> None:
        """The user has another name or address; the identity that bore the old ones follows."""
        before = (self.account.full_name, self.account.address)
        self.account = replace(self.account, full_name=full_name, address=address)
        for at, identity in enumerate(self.identities):
            if (identity.name, identity.address) == before:
                self.identities[at] = replace(identity, name=full_name, address=address)
                return

    def follow(self, stored: Account, identities: tuple[Identity, ...]) -> None:
        """Take over what was changed elsewhere, unless it is being edited here."""
        if self.account == self.stored:
            self.account = stored
        if tuple(self.identities) == self.stored_identities:
            self.identities = list(identities)
        self.stored, self.stored_identities = stored, identities

    def fault(self, taken: Collection[str] = ()) -> Fault | None:
        """The first thing that keeps it from being saved; `taken`: the addresses of the other accounts."""
        if sentence := _general_fault(self.account, taken):
            return Fault(Page.GENERAL, sentence)
        for at, identity in enumerate(self.identities):
            if sentence := identity_fault(identity):
                return Fault(Page.IDENTITIES, sentence, at)
        if sentence := _servers_fault(self.account):
            return Fault(Page.SERVERS, sentence)
        if sentence := _sign_in_fault(self.account):
            return Fault(Page.SIGN_IN, sentence)
        if sentence := _pop3_fault(self.account):
            return Fault(Page.SERVER_MAIL, sentence)
        return None


def _general_fault(account: Account, taken: Collection[str]) -> str:
    if not account.name:
        return _words("Give the account a name.")
    if not has_servers(account):
        return ""
    if fault := address_fault(account.address):
        return _words("Mail address: {fault}").format(fault=fault)
    if account.address.casefold() in (address.casefold() for address in taken):
        return _words("There is already an account for {address}.").format(address=account.address)
    return ""


def _servers_fault(account: Account) -> str:
    incoming = server_fault(account.incoming)
    if incoming:
        return _words("Incoming mail: {fault}").format(fault=incoming)
    outgoing = server_fault(account.smtp)
    return _words("Outgoing mail: {fault}").format(fault=outgoing) if outgoing else ""


def server_fault(server: ServerSettings | None) -> str:
    """What is missing of a server, in a sentence; "" where nothing is."""
    if server is None:
        return ""
    if not server.host:
        return _words("The name of the server is missing.")
    if any(character.isspace() or character in "/@" for character in server.host):
        return _words("“{host}” is not the name of a server.").format(host=server.host)
    return "" if server.user else _words("The user name is missing.")


def _sign_in_fault(account: Account) -> str:
    sign_in = account.sign_in
    if sign_in.method is SignInMethod.OAUTH and not sign_in.provider:
        return _words("Choose your provider, or enter its address, which begins with https://.")
    if sign_in.method is SignInMethod.CERTIFICATE and not sign_in.certificate_file:
        return _words("Choose the file with your certificate.")
    return ""


def _pop3_fault(account: Account) -> str:
    policy = account.pop3_policy
    empty = policy.keep is Pop3Keep.NEWEST and not policy.newest_count and not policy.newest_bytes
    if account.pop3 is not None and empty:
        return _words("Say how many messages, or how many MB, stay on the server.")
    return ""


def has_servers(account: Account) -> bool:
    """Whether the account asks any server; local folders do not."""
    return account.incoming is not None or account.smtp is not None


def deletes_more(before: Account, after: Account) -> bool:
    """Whether the new rule of a POP3 account may delete mail on the server that the old one kept."""
    old, new = before.pop3_policy, after.pop3_policy
    match new.keep:
        case Pop3Keep.KEEP:
            return False
        case _ if old.keep is Pop3Keep.DELETE:
            return False
        case Pop3Keep.DAYS if old.keep is Pop3Keep.DAYS:
            return new.days < old.days
        case Pop3Keep.NEWEST if old.keep is Pop3Keep.NEWEST:
            return _tighter(old.newest_count, new.newest_count) or _tighter(
                old.newest_bytes, new.newest_bytes
            )
        case _:
            return new.keep is not old.keep


def _tighter(old: int, new: int) -> bool:
    """Whether a limit is stricter than another; 0 is none."""
    return new != 0 and (old == 0 or new < old)


def _words(text: str) -> str:
    return QCoreApplication.translate("AccountEdit", text)
