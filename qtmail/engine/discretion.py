"""Takes out of a report what tells whose mail it is and what is in it.

Passwords and tokens never reach a log or a verdict in the first place (see `log`). This is about the rest:
user names, the local parts of addresses, names of folders, subjects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from qtmail.domain.account import Account
from qtmail.log import LogLine
from qtmail.protocols.imap_names import decode_name, is_inbox

_ADDRESS = re.compile(r"""([^\s<>()\[\]"'“”:;,=@])[^\s<>()\[\]"'“”:;,=@]*(?=@\w)""")
_TAGGED = re.compile(r"(?P<tag>q\d+) (?P<name>(?:UID )?\w+)(?P<rest>.*)")
_UNTAGGED = re.compile(r"\* (?:(?P<number>\d+) )?(?P<name>\w+)(?P<rest>.*)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LISTED = re.compile(r'\* (?:LIST|LSUB|XLIST) .* (?:"((?:[^"\\]|\\.)*)"|([^\s"]+))$')

_HARMLESS_COMMANDS = {"CAPABILITY", "STARTTLS", "AUTHENTICATE", "LOGIN", "ENABLE", "ID", "FETCH", "STORE"}
"""IMAP commands whose arguments say nothing of a mailbox's contents."""
_HARMLESS_ANSWERS = {"OK", "NO", "BAD", "BYE", "PREAUTH", "CAPABILITY", "ENABLED", "ID", "FLAGS"}
"""The same for responses; a text for people may name a folder, which is then taken out of it."""


class Discretion:
    """Shortens what should not be told, wherever it turns up in a text.

    Args:
        account: whose user names, address and name are shortened.
        lines: a conversation, whose folders are not named.
    """

    def __init__(self, account: Account | None, lines: Iterable[LogLine] = ()) -> None:
        self._account_name = account.name if account is not None else ""
        names = sorted({*_names_of(account), *_folders_in(lines)}, key=len, reverse=True)
        self._names = re.compile("|".join(map(_as_word, names)) or r"(?!)", re.IGNORECASE)

    def text(self, text: str) -> str:
        """A sentence, a detail or a server's words, fit to be shown to others."""
        text = text.replace(str(Path.home()), "~")
        if self._account_name:
            text = text.replace(f"“{self._account_name}”", "“…”")
        return self._names.sub(lambda found: f"{found[0][0]}…", _ADDRESS.sub(r"\1…", text))

    def line(self, line: LogLine) -> str:
        """What was said in one line of a conversation, without the names and contents of folders."""
        pattern, harmless = (
            (_TAGGED, _HARMLESS_COMMANDS) if line.direction == "C" else (_UNTAGGED, _HARMLESS_ANSWERS)
        )
        found = pattern.fullmatch(line.text)
        if found is None or found["name"].removeprefix("UID ").upper() in harmless or not found["rest"]:
            return self.text(line.text)
        return f"{line.text[: found.start('rest')]} …"


def _names_of(account: Account | None) -> Iterator[str]:
    if account is None:
        return
    servers = (account.imap, account.pop3, account.smtp)
    users = [server.user for server in servers if server is not None]
    for name in (account.address, account.full_name, *users):
        local_part = name.rpartition("@")[0] or name
        if local_part:
            yield local_part


def _folders_in(lines: Iterable[LogLine]) -> Iterator[str]:
    """The folders a conversation names, as they are written on the wire and as people read them."""
    for line in lines:
        if line.direction == "C" and (found := _TAGGED.fullmatch(line.text)):
            if found["name"].upper() in _HARMLESS_COMMANDS:
                continue
            names = _QUOTED.findall(found["rest"])
        else:
            listed = _LISTED.fullmatch(line.text)
            names = [listed[1] or listed[2] or ""] if listed else []
        for name in names:
            wire_name = re.sub(r"\\(.)", r"\1", name).encode()
            if len(wire_name) > 1 and not is_inbox(wire_name):
                yield wire_name.decode()
                yield decode_name(wire_name, utf8=False)


def _as_word(name: str) -> str:
    """A pattern for a name where it stands alone; within a host name it is no name of a person. Chinese has
    no spaces between words."""
    before = r"(?<![\w.])" if name[0].isascii() else ""
    after = r"(?!\w|\.\w)" if name[-1].isascii() else ""
    return f"{before}{re.escape(name)}{after}"
