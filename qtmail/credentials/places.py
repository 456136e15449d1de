"""Under which name a password is kept: by server and user, so that an account that comes back finds it."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from qtmail.domain.account import Account, ServerSettings

PURPOSES = ("imap", "pop3", "smtp", "oauth")

Place: TypeAlias = tuple[str, str]
"""Service and user name; people read these in their keyring's manager."""


class PasswordStore(Protocol):
    """What outlives the session. All methods may block and raise KeyringFailed."""

    def read(self, place: Place) -> str | None:
        """What is kept there, or None."""

    def write(self, place: Place, text: str) -> None:
        """Keep this there, in place of what there was."""

    def delete(self, places: set[Place]) -> None:
        """Keep nothing there; where nothing is, that is no fault."""


def place_of(account: Account, purpose: str) -> Place:
    """Where the secret for this purpose belongs. Raises ValueError where the account has no use for it."""
    place = find_place(account, purpose)
    if place is None:
        raise ValueError(f"the account has no {purpose} server")
    return place


def find_place(account: Account, purpose: str) -> Place | None:
    """As `place_of`, or None."""
    match purpose:
        case "imap":
            return _at_server(purpose, account.imap)
        case "pop3":
            return _at_server(purpose, account.pop3)
        case "smtp":
            return _at_server(purpose, account.smtp)
        case "oauth":
            server = account.incoming or account.smtp
            provider = account.sign_in.provider
            user = server.user if server is not None else account.address
            return (f"qtmail oauth {provider}", user) if provider else None
    raise ValueError(f"no such purpose: {purpose}")


def places_of(account: Account) -> dict[str, Place]:
    """All places an account has, by purpose."""
    found = {purpose: find_place(account, purpose) for purpose in PURPOSES}
    return {purpose: place for purpose, place in found.items() if place is not None}


def incoming_purpose(account: Account) -> str:
    """The purpose of the server new mail comes from."""
    return "pop3" if account.pop3 is not None else "imap"


def same_user(account: Account) -> bool:
    """Whether mail is handed in as the user that reads it."""
    incoming, smtp = account.incoming, account.smtp
    return incoming is not None and smtp is not None and incoming.user == smtp.user


def one_password(account: Account) -> bool:
    """Whether what is known for the server mail comes from may be shown to the one it is handed in to: it is
    the same user, in the same domain. An account that came in a file may name a stranger's server.
    """
    incoming, smtp = account.incoming, account.smtp
    if incoming is None or smtp is None or incoming.user != smtp.user:
        return False
    return _domain(incoming.host) == _domain(smtp.host)


def _domain(host: str) -> str:
    """What servers of one owner have in common: "example.org" for imap.example.org; an address is itself."""
    name = host.lower().rstrip(".")
    _, _, parent = name.partition(".")
    is_address = ":" in name or name.replace(".", "").isdigit()
    return parent if "." in parent and not is_address else name


def _at_server(purpose: str, server: ServerSettings | None) -> Place | None:
    return (f"qtmail {purpose} {server.host.lower()}:{server.port}", server.user) if server else None
