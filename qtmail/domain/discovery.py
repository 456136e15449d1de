"""What is found out about the servers behind a mail address before anything is sent to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.sign_in import SignIn, SignInMethod


class Source(StrEnum):
    """Where settings come from, the most trustworthy first."""

    PROVIDER_LIST = "provider list"
    """The list this program comes with."""
    AUTOCONFIG = "autoconfig"
    """A file the provider publishes under its own domain."""
    ISPDB = "ISPDB"
    """The list that Thunderbird's makers keep."""
    DNS = "DNS"
    """SRV records (RFC 6186)."""
    GUESS = "guess"
    """Usual names that answered."""
    MANUAL = "manual"
    """What the user typed."""


class ServerKind(StrEnum):
    IMAP = "imap"
    POP3 = "pop3"
    SMTP = "smtp"


INCOMING = (ServerKind.IMAP, ServerKind.POP3)


@dataclass(frozen=True, slots=True)
class SoughtAddress:
    """The address that servers are looked for.

    Attributes:
        typed: as the user wrote it.
        local: what stands before the last @.
        domain: what stands after it: in lower case, international labels as A-labels (RFC 5890).
    """

    typed: str
    local: str
    domain: str


@dataclass(frozen=True, slots=True)
class FoundServer:
    """One server, with the user name already filled in.

    Attributes:
        methods: how one can sign in there, the best first; empty: not told.
        foreign: the name was read in DNS, which anybody on the way may forge, and lies outside the address'
            domain: only the user can tell whether it is theirs (RFC 6186 section 6).
        source: where this server was found, if not where the rest of the settings was; None: there, too.
    """

    kind: ServerKind
    settings: ServerSettings
    methods: tuple[SignInMethod, ...] = ()
    foreign: bool = False
    source: Source | None = None

    @property
    def encrypted(self) -> bool:
        return self.settings.security is not Security.NONE


@dataclass(frozen=True, slots=True)
class ProviderAdvice:
    """What a provider's users must know before they can sign in ("make an authorisation code (授权码)").

    Attributes:
        url: the provider's page about it, or "".
    """

    sentence: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class FoundSettings:
    """Settings from one source.

    Attributes:
        provider: what the provider calls itself, or the domain.
        servers: all kinds mixed, of each kind the best first.
        sign_in: how to sign in, with an OAuth provider filled in where the provider wants that.
        app_password: the provider wants an app password or authorisation code instead of the password.
    """

    source: Source
    provider: str
    servers: tuple[FoundServer, ...]
    sign_in: SignIn = field(default_factory=SignIn)
    advice: tuple[ProviderAdvice, ...] = ()
    app_password: bool = False

    def of_kind(self, kind: ServerKind) -> tuple[FoundServer, ...]:
        return tuple(server for server in self.servers if server.kind is kind)

    @property
    def receives(self) -> bool:
        """Whether mail can be read over an encrypted line."""
        return any(server.encrypted for server in self.servers if server.kind in INCOMING)

    @property
    def sends(self) -> bool:
        """Whether mail can be handed in over an encrypted line."""
        return any(server.encrypted for server in self.of_kind(ServerKind.SMTP))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What asking one source came to.

    Attributes:
        outcome: a sentence for the user.
        seconds: how long it took.
    """

    source: Source
    found: bool
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Discovery:
    """Everything that was found for one address.

    Attributes:
        settings: by source, the most trustworthy first; empty where nothing was found. What the first lacks
            it has from the next that has it (`FoundServer.source`).
        attempts: what each source answered, in the order of `Source`.
    """

    address: str
    settings: tuple[FoundSettings, ...]
    attempts: tuple[Attempt, ...]

    @property
    def best(self) -> FoundSettings | None:
        return self.settings[0] if self.settings else None
