"""An account: who the user is on which servers. Secrets are never part of it; see credentials.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


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
class Account:
    """One mail account as stored in `user.db`.

    Attributes:
        id: local number, never used twice; 0 before the account is stored.
        name: what the user calls it ("Work").
        address: the user's mail address on it.
        full_name: the name others see.
        imap: where mail is read, or None for an account that only sends: what it sent is kept here.
        smtp: where mail is handed in, or None for an account that only reads.
        color: `#rrggbb`, the dot that marks the account everywhere.
    """

    id: int
    name: str
    address: str
    full_name: str
    imap: ServerSettings | None
    smtp: ServerSettings | None = None
    color: str = "#3b82f6"
    sync: SyncPolicy = field(default_factory=SyncPolicy)

    @property
    def server(self) -> ServerSettings:
        """The server that stands for the account in sentences: where its mail is read, else where it is
        handed in.
        """
        return self.server_for(sending=False)

    def server_for(self, *, sending: bool) -> ServerSettings:
        """The server mail is handed in to, or the one it is read from; the other where there is but one."""
        server = (self.smtp or self.imap) if sending else (self.imap or self.smtp)
        if server is None:
            raise ValueError(f"account {self.id} has no server")
        return server
