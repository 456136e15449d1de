"""What is known of the messages on a POP3 server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Pop3Wish(StrEnum):
    """What the user wants done about a message of which only the header is here."""

    NONE = ""
    DOWNLOAD = "download"
    DELETE = "delete"
    """Delete it on the server, unread."""


@dataclass(frozen=True, slots=True)
class Pop3Message:
    """A message that was fetched, wholly or in part, and may still be on the server.

    Attributes:
        uidl: the server's unique id (RFC 1939 section 7), opaque; where there is none, what stands for it.
        size: bytes, as the server listed it when it was fetched.
        fetched_at: seconds since the epoch.
        local_uid: the local message it became; None: that was deleted here.
        whole: False while only its header is here.
        in_trash: the local message lies in a Trash folder.
        digest: what its header is known by, whatever the server calls it (engine.pop3_identity).
        gone_since: seconds since the epoch when the server was first seen without it; None: it is there.
    """

    account_id: int
    uidl: bytes
    size: int
    fetched_at: int
    local_uid: int | None
    whole: bool = True
    wish: Pop3Wish = Pop3Wish.NONE
    in_trash: bool = False
    digest: bytes = b""
    gone_since: int | None = None
