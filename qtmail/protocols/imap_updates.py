"""What a server says without being asked (RFC 9051 section 7), noted until the session's owner takes it."""

from __future__ import annotations

from qtmail.domain.message import FlagChange
from qtmail.protocols.imap_items import fetch_items, flag_change
from qtmail.protocols.imap_syntax import MalformedError, Untagged, parse_code
from qtmail.protocols.imap_values import SkippedMessage, Updates
from qtmail.protocols.uid_set import UidSet


class UpdatesNote:
    """Collects unsolicited responses, which may come in the middle of the answer to any command."""

    def __init__(self) -> None:
        self._alerts: list[str] = []
        self.forget_folder()

    def forget_folder(self) -> None:
        """Drop what was said about the messages of a folder that is no longer selected."""
        self._exists: int | None = None
        self._expunged = False
        self._vanished: list[UidSet] = []
        self._changed: dict[int, FlagChange] = {}
        self._flags_unknown = False
        self._skipped: list[SkippedMessage] = []
        self._malformed = 0

    @property
    def waiting(self) -> bool:
        """True if something was said about the folder's messages."""
        return bool(
            self._exists is not None
            or self._expunged
            or self._vanished
            or self._changed
            or self._flags_unknown
        )

    def take(self) -> Updates:
        """What was noted since last time."""
        updates = Updates(
            exists=self._exists,
            expunged=self._expunged,
            vanished=UidSet().union(*self._vanished),
            changed=list(self._changed.values()),
            flags_unknown=self._flags_unknown,
            alerts=self._alerts,
            skipped=self._skipped,
            malformed=self._malformed,
        )
        self._alerts = []
        self.forget_folder()
        return updates

    def alert(self, text: str) -> None:
        self._alerts.append(text)

    def skipped(self, uid: int, size: int) -> None:
        self._skipped.append(SkippedMessage(uid, size))

    def skipped_size(self, uid: int) -> int | None:
        """How many bytes the server announced for a message that was read past, or None."""
        return next((message.size for message in self._skipped if message.uid == uid), None)

    @property
    def malformed_count(self) -> int:
        return self._malformed

    def malformed(self) -> None:
        self._malformed += 1

    def note(self, untagged: Untagged) -> None:
        """Note one response; what cannot be read is counted, what says nothing of interest passes."""
        try:
            self._note(untagged)
        except ValueError:
            self.malformed()

    def _note(self, untagged: Untagged) -> None:
        match untagged.name:
            case b"EXISTS":
                self._exists = untagged.number
            case b"EXPUNGE":
                self._expunged = True
            case b"VANISHED":
                self._vanished.append(parse_vanished(untagged.text))
            case b"FETCH":
                self._note_fetch(untagged)
            case b"OK" | b"NO" | b"BAD":
                code, _, text = parse_code(untagged.text)
                if code == b"ALERT":
                    self.alert(text)

    def _note_fetch(self, untagged: Untagged) -> None:
        items = fetch_items(untagged)
        if b"FLAGS" not in items:
            return
        change = flag_change(items)
        if change.uid:
            self._changed[change.uid] = change
        else:
            self._flags_unknown = True


def parse_vanished(text: bytes) -> UidSet:
    """The UIDs of a VANISHED response (RFC 7162 section 3.2.10). Raises ValueError."""
    text = text.strip()
    if text.upper().startswith(b"(EARLIER)"):
        text = text[len(b"(EARLIER)") :].strip()
    if not text:
        raise MalformedError("VANISHED without UIDs")
    return UidSet.parse(text)
