"""What the user chose in the assistant, and the account that comes of it."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from qtmail.domain.account import Account, Pop3Policy, Security, ServerSettings
from qtmail.domain.discovery import FoundSettings, ServerKind, Source
from qtmail.domain.oauth import KNOWN_PROVIDERS
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.ui.accounts.assistant.person import Person

ACCOUNT_COLORS = ("#3b82f6", "#10b981", "#f59e0b", "#ec4899", "#8b5cf6", "#14b8a6", "#ef4444", "#64748b")


@dataclass(frozen=True, slots=True)
class Choice:
    """The servers of an account to be, and how to sign in there.

    Attributes:
        kind: IMAP or POP3, for `incoming`.
        incoming: where mail is read or fetched; None for an account that only sends.
        outgoing: where mail is handed in; None for one that only reads.
        source: where the settings come from; MANUAL where the user typed them.
        provider: what the provider calls itself, or "".
        app_password: the provider wants an app password instead of the password.
        client_secret: of the user's own OAuth client; "" where there is none.
        foreign: hosts outside the address' domain that only an answer nobody vouches for leads to: the user
            has to confirm them (RFC 6186 section 6).
    """

    kind: ServerKind
    incoming: ServerSettings | None
    outgoing: ServerSettings | None
    sign_in: SignIn = field(default_factory=SignIn)
    source: Source = Source.MANUAL
    provider: str = ""
    app_password: bool = False
    client_secret: str = field(default="", repr=False)
    foreign: tuple[str, ...] = ()

    def servers(self) -> tuple[ServerSettings, ...]:
        return tuple(server for server in (self.incoming, self.outgoing) if server is not None)

    def clear_servers(self) -> tuple[ServerSettings, ...]:
        """Those whose line anybody on the way can read, and change."""
        return tuple(
            server
            for server in self.servers()
            if server.security is Security.NONE and not stays_here(server.host)
        )


def found_choice(found: FoundSettings, kind: ServerKind, method: SignInMethod | None = None) -> Choice | None:
    """The best servers of one source, mail being read over `kind`, and another way to sign in than the
    provider's first if `method` is given; None where there is no such server.
    """
    incoming = found.of_kind(kind)
    if not incoming:
        return None
    servers = incoming[:1] + found.of_kind(ServerKind.SMTP)[:1]
    own = method in (None, found.sign_in.method)
    return Choice(
        kind,
        incoming[0].settings,
        servers[1].settings if len(servers) > 1 else None,
        found.sign_in if own else SignIn(method or found.sign_in.method),
        found.source,
        found.provider,
        # Where the browser is the provider's way, the password of its website opens no mailbox.
        app_password=found.app_password or not own,
        foreign=tuple(dict.fromkeys(server.settings.host for server in servers if server.foreign)),
    )


def methods(found: FoundSettings, kind: ServerKind) -> tuple[SignInMethod, ...]:
    """The ways to sign in that an account on these servers may choose from, the best first: the provider's
    own, but a password, where there is that choice, before a browser that would ask for a client id.
    """
    servers = found.of_kind(kind)
    offered = (found.sign_in.method, *(servers[0].methods if servers else ()))
    if found.app_password:
        offered = (*offered, SignInMethod.PASSWORD)
    if SignInMethod.PASSWORD in offered and needs_own_client(found.sign_in):
        offered = (SignInMethod.PASSWORD, *offered)
    usable = {found.sign_in.method, SignInMethod.PASSWORD}  # for the others nothing more is known
    return tuple(dict.fromkeys(method for method in offered if method in usable))


def needs_own_client(sign_in: SignIn) -> bool:
    """Whether signing in takes a client id that only the user can get: this program has none there."""
    if sign_in.method is not SignInMethod.OAUTH or sign_in.client_id:
        return False
    known = KNOWN_PROVIDERS.get(sign_in.provider)
    return known is None or not known.client_id


def new_account(person: Person, choice: Choice, policy: Pop3Policy, taken: Sequence[Account]) -> Account:
    """The account, not stored yet, under a name and a colour that tell it from the others."""
    return Account(
        id=0,
        name=account_name(person, choice.provider, taken),
        address=person.address,
        full_name=person.full_name,
        imap=choice.incoming if choice.kind is ServerKind.IMAP else None,
        smtp=choice.outgoing,
        color=free_color(taken),
        pop3=choice.incoming if choice.kind is ServerKind.POP3 else None,
        pop3_policy=policy,
        sign_in=choice.sign_in,
    )


def account_name(person: Person, provider: str, taken: Sequence[Account]) -> str:
    """The provider's name, else the address, else the address with a number."""
    names = {account.name.casefold() for account in taken}
    numbered = (f"{person.address} ({number})" for number in range(2, len(taken) + 3))
    candidates = (provider or person.domain, person.address, *numbered)
    return next(name for name in candidates if name.casefold() not in names)


def free_color(taken: Sequence[Account]) -> str:
    """The first of our colours that the fewest accounts have."""
    used = Counter(account.color for account in taken)
    return min(ACCOUNT_COLORS, key=lambda color: used[color])


def stays_here(host: str) -> bool:
    """Whether a line to `host` never leaves this computer."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
