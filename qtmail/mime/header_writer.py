"""Header fields (RFC 5322 sections 2.2 and 3.6), folded at 78 columns, never longer than 998 octets.

Nothing that is put into a field can end it or begin another one: texts lose their line ends and control
characters (a space stands in their place), and what has a grammar is refused with words where it breaks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from qtmail.domain.address import Address
from qtmail.errors import MessageUnsendable
from qtmail.mime.addresses import parse_addresses
from qtmail.mime.rawtext import clean_line
from qtmail.mime.sendable import header_address, shown
from qtmail.mime.word_encoder import MAX_WORD, encoded_words

LINE = 78
"""Columns of a line, where it can be broken (RFC 5322 section 2.1.1)."""
MAX_UNBROKEN = 900
"""Characters of a word that is left whole where it makes a line longer than 78; within what 998 allow."""
MAX_BARE = 60
"""Characters of a name that is written as it is; longer ones are encoded, so that they can be folded."""
MAX_REFERENCES = 50
"""Message-IDs in References: the first and the latest; long threads would outgrow what servers accept."""

_CONTINUED = LINE - 1
# Not strftime, whose names follow the locale.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_PLAIN_ADDRESS = re.compile(r"[\w.+@-]+")
"""One that needs no brackets; sloppy readers cut others (o'brien@example.org) in two."""
_FIELD_NAME = re.compile(r"[!-9;-~]{1,70}")
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,900}")
ADDRESS_FIELDS = frozenset(
    {
        *("sender", "disposition-notification-to", "return-receipt-to", "mail-followup-to", "mail-reply-to"),
        *("errors-to", "resent-from", "resent-sender", "resent-to", "resent-cc"),
    }
)


class FieldLines:
    """One field while it is written: pieces that cannot be broken go to the next line where they fit no
    more."""

    def __init__(self, name: str) -> None:
        self.lines: list[str] = []
        self.line = f"{name}:"
        self.begins = True

    def add(self, piece: str) -> None:
        fits = len(self.line) + 1 + len(piece) <= LINE
        if not fits and not (self.begins and len(piece) > _CONTINUED):
            self.lines.append(self.line)
            self.line = ""
        self.line += f" {piece}"
        self.begins = False

    def add_encoded(self, text: str, end: str = "") -> None:
        """Add `text` as encoded words, and `end` right behind them.

        What fits one word goes to the next line rather than to be cut; else the first word takes what room
        the line has left, as it does where the field begins.
        """
        words = list(encoded_words(text, MAX_WORD - len(end)))
        if len(words) > 1 or self.begins:
            words = list(encoded_words(text, LINE - len(self.line) - 1 - len(end)))
        words[-1] += end
        for word in words:
            self.add(word)

    def finish(self) -> bytes:
        """The field with its line ends. UTF-8 beyond ASCII is only in addresses that need it (RFC 6532)."""
        return "\r\n".join([*self.lines, self.line, ""]).encode()


def clean_text(text: str) -> str:
    """One line that UTF-8 can hold: no control characters, no lone surrogates, no byte order marks."""
    return clean_line(_LONE_SURROGATE.sub("\ufffd", text).replace("\ufeff", ""))


def text_field(name: str, text: str) -> bytes:
    """An unstructured field. Words beyond ASCII, and those that are too long or look encoded, are encoded."""
    field = FieldLines(name)
    longest = LINE - len(name) - 2
    run: list[str] = []
    for word in clean_text(text).split(" "):
        if not word.isascii() or "=?" in word or len(word) > longest:
            run.append(word)
            continue
        _add_run(field, run)
        field.add(word)
    _add_run(field, run)
    return field.finish()


def refolded(name: str, value: str) -> bytes:
    """An unstructured field in ASCII that is only folded anew, as far as its words are short enough."""
    words = value.split()
    if any(len(word) > MAX_UNBROKEN for word in words):
        return text_field(name, value)
    field = FieldLines(name)
    for word in words:
        field.add(word)
    return field.finish()


def _add_run(field: FieldLines, run: list[str]) -> None:
    """Neighbours are encoded together: white space between encoded words does not count (RFC 2047 section
    6.2)."""
    if run:
        field.add_encoded(" ".join(run))
        run.clear()


def address_field(name: str, people: Iterable[Address], *, groups: bool = False) -> bytes:
    """A field of mailboxes; b"" where there are none.

    Args:
        groups: keep names without an address, as groups without members (RFC 5322 section 3.4).

    Raises:
        MessageUnsendable: an address is none.
    """
    listed = [one for one in people if one.address or (groups and clean_text(one.name))]
    field = FieldLines(name)
    for number, person in enumerate(listed, 1):
        _add_mailbox(field, person, "," if number < len(listed) else "")
    return field.finish() if listed else b""


def _add_mailbox(field: FieldLines, person: Address, comma: str) -> None:
    name = clean_text(person.name)
    if not person.address:
        _add_group(field, name, f":;{comma}")
        return
    address = header_address(person.address)
    named = bool(name) and name != person.address
    if named:
        _add_phrase(field, name)
    bare = not named and _PLAIN_ADDRESS.fullmatch(address) is not None
    field.add(f"{address}{comma}" if bare else f"<{address}>{comma}")


def _add_group(field: FieldLines, name: str, end: str) -> None:
    if "@" in name:  # which readers would take for an address, even in quotes
        field.add_encoded(name, end)
    else:
        _add_phrase(field, name, end)


def _add_phrase(field: FieldLines, name: str, end: str = "") -> None:
    """A display name: bare words, else one quoted string, else encoded words."""
    words = name.split(" ")
    if all(_ATOM.fullmatch(word) and len(word) < MAX_BARE and "=?" not in word for word in words):
        words[-1] += end
        for word in words:
            field.add(word)
    elif name.isascii() and len(name) < MAX_BARE and "=?" not in name:
        field.add(quoted_string(name) + end)
    else:
        field.add_encoded(name, end)


def quoted_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def id_field(name: str, ids: Sequence[str]) -> bytes:
    """References, In-Reply-To: what is no Message-ID is left out; b"" where nothing remains."""
    usable = [one for one in ids if _MESSAGE_ID.fullmatch(one)]
    if len(usable) > MAX_REFERENCES:
        usable = [usable[0], *usable[1 - MAX_REFERENCES :]]
    field = FieldLines(name)
    for one in usable:
        field.add(f"<{one}>")
    return field.finish() if usable else b""


def message_id_field(message_id: str) -> bytes:
    """Message-ID. One that is unfit is refused, for the copy in Sent is found by it."""
    field = id_field("Message-ID", [message_id])
    if not field:
        raise MessageUnsendable(
            "The message has an identification that cannot be sent.",
            advice="Copy its text into a new message.",
            detail=f"Message-ID: {shown(message_id)}",
        )
    return field


def date_field(date: datetime) -> bytes:
    """Date in the zone of `date`, which must be aware; old zones that were off by seconds are rounded."""
    offset = date.utcoffset()
    if offset is None:
        raise ValueError("a Date without a zone")
    local = date.astimezone(timezone(timedelta(minutes=round(offset.total_seconds() / 60))))
    day, month = _DAYS[local.weekday()], _MONTHS[local.month - 1]
    return f"Date: {day}, {local.day} {month} {local.year:04} {local:%H:%M:%S %z}\r\n".encode()


def extra_field(name: str, value: str) -> bytes:
    """Any other field; `value` is plain text, or addresses where the field is known to hold these.

    Raises:
        MessageUnsendable: the name is none, or belongs to what the builder writes itself.
    """
    low = name.lower()
    if not _FIELD_NAME.fullmatch(name) or low in _OWN_FIELDS or low.startswith("content-"):
        raise MessageUnsendable(
            f"The header field “{shown(name)}” cannot be added to a message.", advice="Take it out."
        )
    if low in ADDRESS_FIELDS:
        return address_field(name, parse_addresses(clean_text(value)))
    return text_field(name, value) if clean_text(value) else b""


_OWN_FIELDS = frozenset(
    {
        *("date", "from", "to", "cc", "bcc", "resent-bcc", "reply-to", "subject", "message-id"),
        *("in-reply-to", "references", "mime-version"),
    }
)
