"""Whom a profile trusts: the system's authorities and what the user allowed; which certificate each server
showed when it was last trusted, and what changed since.
"""

from __future__ import annotations

import time
from functools import partial

from qtmail.errors import StoreFailed
from qtmail.log import logger
from qtmail.protocols.certificates import changes
from qtmail.protocols.connection import TlsTrust
from qtmail.store.store import Store

_log = logger("certificates")


def tls_trust(store: Store) -> TlsTrust:
    """The system's trust, and what the user allowed by hand; notes which certificates servers show."""
    return TlsTrust(
        accepted=store.accounts.trusted,
        noted=partial(note, store),
        clear_allowed=store.accounts.clear_allowed,
    )


def note(store: Store, host: str, port: int, pem: str) -> None:
    """Keep the certificate (PEM) that a server was trusted with, if it is another one than before.

    A store that fails is no reason not to fetch mail: what the server showed is of use the day it shows
    another one, and no sooner.
    """
    try:
        seen = store.accounts.seen_certificate(host, port)
        if seen is None or seen[0] != pem:
            with store.user_transaction() as transaction:
                store.accounts.note_certificate(transaction, host, port, pem, int(time.time()))
    except StoreFailed as error:
        _log.warning("the certificate of %s was not noted: %s", host, error)


def changes_since_trusted(store: Store, host: str, port: int, pem: str) -> tuple[str, ...]:
    """In what a certificate differs from the one this server was last trusted with, in sentences; () if it
    cannot be read.
    """
    seen = store.accounts.seen_certificate(host, port)
    if seen is None:
        return ("No certificate of this server has been trusted on this computer before.",)
    try:
        found = changes(seen[0], pem)
    except ValueError:
        return ()
    return found or ("It is the same certificate as last time, which was trusted then.",)
