"""An account: who the user is on which servers. Secrets are never part of it; see qtmail.credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from qtmail.domain.capabilities import Capabilities
from qtmail.domain.sign_in import SignIn


class Security(StrEnum):
    """How the line to a server is protected."""

    TLS = "tls"
    """TLS from the first byte (RFC 8314)."""
    STARTTLS = "starttls"
    """Clear-text greeting, then an upgrade that must succeed."""
    NONE = "none"
    """Clear text, only ever by the user's explicit choice."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server of an account: where it is, how the line is protected and who signs in."""

    host: str
    port: int
    security: Security
    user: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.security}"


class BodyPolicy(StrEnum):
    """Which message bodies are kept on this computer without being opened."""

    NONE = "none"
    RECENT = "recent"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class SyncPolicy:
    """What a sync keeps on this computer.

    Attributes:
        bodies: which bodies are fetched ahead of being opened.
        recent_days: the age, in days, up to which mail counts as recent.
        prefetch_bytes: messages larger than this are fetched part by part, their text first.
        poll_seconds: how often folders that are not watched are compared with the server.
    """

    bodies: BodyPolicy = BodyPolicy.RECENT
    recent_days: int = 30
    prefetch_bytes: int = 512 * 1024
    poll_seconds: int = 300


@dataclass(frozen=True, slots=True)
class FolderPolicy:
    """What one folder does otherwise than its account.

    Attributes:
        bodies: which bodies are kept; None: as the account says.
        poll_seconds: how often it is compared with the server; None: as the account says.
    """

    bodies: BodyPolicy | None = None
    poll_seconds: int | None = None


class Pop3Keep(StrEnum):
    """What stays on a POP3 server of the mail that is safely on this computer."""

    DELETE = "delete"
    """Nothing."""
    KEEP = "keep"
    """Everything."""
    DAYS = "days"
    """What was fetched in the last `Pop3Policy.days` days."""
    UNTIL_DELETED = "until-deleted"
    """What was not deleted here."""
    NEWEST = "newest"
    """The newest `newest_count` messages, or as many as fit into `newest_bytes`."""


@dataclass(frozen=True, slots=True)
class Pop3Policy:
    """What a POP3 account fetches and what it leaves on the server.

    Attributes:
        newest_count, newest_bytes: with NEWEST, what stays at most; 0: as many, or as large, as they are.
        headers_only_over: of messages with more bytes than this only the header is fetched; 0: all are
            fetched whole.
        deliver_to: the id of the local account that new mail is put into; 0: the account's own folders.
        apop: sign in with APOP (RFC 1939 section 7), which shows no password, but rests on MD5.
    """

    keep: Pop3Keep = Pop3Keep.KEEP
    days: int = 14
    newest_count: int = 0
    newest_bytes: int = 0
    headers_only_over: int = 0
    deliver_to: int = 0
    apop: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """One mail account as stored in `user.db`.

    Attributes:
        id: local number, never used twice; 0 before the account is stored.
        name: what the user calls it ("Work").
        address: the user's mail address on it; "" for local folders that belong to no address.
        full_name: the name others see.
        imap: where mail is read and stays, or None.
        smtp: where mail is handed in, or None for an account that only reads.
        color: `#rrggbb`, the dot that marks the account everywhere.
        pop3: where mail is fetched from, to be kept here; never together with `imap`.
        enabled: False: it is shown, and no server is asked.

    An account with neither `imap` nor `pop3` keeps here what was sent, or moved, into it.
    """

    id: int
    name: str
    address: str
    full_name: str
    imap: ServerSettings | None
    smtp: ServerSettings | None = None
    color: str = "#3b82f6"
    sync: SyncPolicy = field(default_factory=SyncPolicy)
    pop3: ServerSettings | None = None
    pop3_policy: Pop3Policy = field(default_factory=Pop3Policy)
    sign_in: SignIn = field(default_factory=SignIn)
    enabled: bool = True

    @property
    def incoming(self) -> ServerSettings | None:
        """The server new mail comes from."""
        return self.imap or self.pop3

    @property
    def keeps_mail_here(self) -> bool:
        """Whether its messages are on this computer only."""
        return self.imap is None

    @property
    def capabilities(self) -> Capabilities:
        """What can be done with its mail."""
        return Capabilities(
            announces=self.imap is not None,
            moves=self.keeps_mail_here,
            own_folders=self.keeps_mail_here,
            downloads=self.pop3 is not None,
            folder_policies=self.imap is not None,
            special_folders=self.imap is not None,
            receives=self.incoming is not None,
            sends=self.smtp is not None,
        )

    @property
    def server(self) -> ServerSettings:
        """The server that stands for the account in sentences: where its mail is read, else where it is
        handed in. Raises ValueError for local folders without a server.
        """
        return self.server_for(sending=False)

    def server_for(self, *, sending: bool) -> ServerSettings:
        """The server mail is handed in to, or the one it is read from; the other where there is but one."""
        server = (self.smtp or self.incoming) if sending else (self.incoming or self.smtp)
        if server is None:
            raise ValueError(f"account {self.id} has no server")
        return server
