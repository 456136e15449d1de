"""How full a mailbox is (RFC 9208; RFC 2087 before it)."""

from __future__ import annotations

from qtmail.domain.diagnosis import Quota
from qtmail.protocols.imap_dialogue import Dialogue
from qtmail.protocols.imap_syntax import MalformedError, Value, astring, number

_UNIT = 1024
"""STORAGE is counted in units of 1,024 bytes (RFC 9208 section 5.1)."""
_MOST = 2**63 // _UNIT - 1


def quota(dialogue: Dialogue, wire_name: bytes) -> Quota | None:
    """How much may be stored where this folder is, and how much is; None where the server sets no limit or
    tells none. Of several limits the one that is nearest.

    Raises ServerRefused.
    """
    if not dialogue.offers("QUOTA"):
        return None
    pending = dialogue.submit(b"GETQUOTAROOT", astring(wire_name), doing="tell how full the mailbox is")
    nearest: Quota | None = None
    for untagged in dialogue.answers(pending):
        if untagged.name == b"QUOTA":
            try:
                limits = [nearest, *_storage(untagged.values())]
                nearest = max(filter(None, limits), key=lambda one: one.share, default=None)
            except MalformedError:
                dialogue.updates.malformed()
        elif untagged.name != b"QUOTAROOT":
            dialogue.updates.note(untagged)
    pending.check()
    return nearest


def _storage(values: list[Value]) -> list[Quota]:
    """The limits on storage in `"root" (STORAGE 10 512 MESSAGE 3 100)`."""
    resources = values[1] if len(values) > 1 and isinstance(values[1], list) else []
    triples = zip(resources[::3], resources[1::3], resources[2::3], strict=False)
    return [
        Quota(number(used, _MOST) * _UNIT, number(limit, _MOST) * _UNIT)
        for name, used, limit in triples
        if isinstance(name, bytes) and name.upper() == b"STORAGE"
    ]
