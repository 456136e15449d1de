"""What the settings of accounts are about besides the accounts themselves: what the user allowed their
servers, and what a file with settings holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qtmail.domain.account import Account


@dataclass(frozen=True, slots=True)
class AcceptedCertificate:
    """A certificate that the user vouches for, at one server.

    Attributes:
        sha256: its fingerprint, 64 hexadecimal digits.
    """

    host: str
    port: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ClearPermission:
    """Passwords may go to this server over a line that is not encrypted."""

    host: str
    port: int


Exemption = AcceptedCertificate | ClearPermission
"""What the user allowed a server beyond the usual, and may withdraw."""


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a file with settings holds.

    Attributes:
        accounts: those in the file, without ids.
        known: the addresses among them for which there is an account here already; these are left alone.
        has_secrets: passwords are in the file, under a passphrase.
        preferences: how the window was set up, by name.
        exemptions: what it would allow servers beyond the usual; taken only if the user says so.
    """

    accounts: tuple[Account, ...]
    known: frozenset[str] = frozenset()
    has_secrets: bool = False
    preferences: Mapping[str, str] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file with settings.

    Attributes:
        added: the accounts that are here now.
        left: the addresses that had an account here already.
        without_secret: the names of added accounts whose password must be entered.
    """

    added: tuple[Account, ...]
    left: tuple[str, ...] = ()
    without_secret: tuple[str, ...] = ()
