"""Reads the sample mail as people write it: the files in resources/sample-mail.

A file holds one or several messages, parted by lines of `=`. A message is fields, an empty line and the text:

    From: anna                     a nickname of people.txt, or a full address; To defaults to `me`
    When: 2d 18:40                 two days ago; also `5m`, `3h` (ago) and `2019-06-14 09:30`
    Flags: unread flagged work     read unless `unread`; words that are no flags become tags
    Id: garden-2                   so that others can say `Answers: garden-2`
    Attach: plan.pdf as Plan.pdf   a file of files/, or `@name` for one that is made (see attachments.py)

Further parts of the message follow a line like `--- text/html ---`. In the text, `{{quote}}` becomes the
answered message, quoted, and `{{+3d 18:00|day}}` a time after the message (see render.py). All other fields
become header fields as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from qtmail.domain.address import Address

_SEPARATOR = re.compile(r"^={10,}\n", re.MULTILINE)
_SECTION = re.compile(r"^--- (\S+/.*?) ---\n", re.MULTILINE)
_FIELD = re.compile(r"([A-Za-z-]+): ?(.*)")


@dataclass(frozen=True, slots=True)
class Section:
    """One text part: its Content-Type without charset, and its text with placeholders."""

    content_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """One message as written.

    Attributes:
        id: names the message among the samples; becomes part of its Message-ID.
        when: the time it was sent, as written.
        answers: the id of the message it answers, or "".
        charset: what the text and names are encoded in.
        label: the charset the message claims, where it lies; else "".
        encoding: the Content-Transfer-Encoding, or "" for the one that suits.
        headers: "encoded" for RFC 2047, "raw" for bare 8-bit fields as old programs send them.
        filenames: "parameters" for RFC 2231, "words" for RFC 2047 words as some programs send them.
        flowed: whether paragraphs are sent as format=flowed (RFC 3676).
        layout: the multipart subtype of the sections; with "verbatim" the text is the whole message.
        attach, inline: what else the message carries, as written.
        fields: the header fields, addresses still nicknames.
        sections: the text parts.
    """

    id: str
    when: str = "1h"
    folder: str = "INBOX"
    flags: str = ""
    answers: str = ""
    charset: str = "utf-8"
    label: str = ""
    encoding: str = ""
    headers: str = "encoded"
    filenames: str = "parameters"
    flowed: str = ""
    layout: str = "alternative"
    attach: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()

    def field(self, name: str) -> str:
        return next((value for known, value in self.fields if known == name), "")


_REPEATED = frozenset(("attach", "inline"))
_DIRECTIVES = frozenset(field.name for field in fields(Source)) - _REPEATED - {"fields", "sections"}


def read_people(directory: Path) -> dict[str, Address]:
    """The people of the sample mail by nickname; `me` is the demo user."""
    people = {}
    for line in (directory / "people.txt").read_text("utf-8").splitlines():
        if match := re.fullmatch(r"(\S+) = (.*) <(.+)>", line):
            nickname, name, address = match.groups()
            people[nickname] = Address(name, address)
    return people


def read_sources(directory: Path) -> Iterator[Source]:
    """Every message written in the directory, file by file."""
    for path in sorted(directory.glob("*.txt")):
        if path.name == "people.txt":
            continue
        for number, text in enumerate(_SEPARATOR.split(path.read_text("utf-8")), 1):
            yield parse_source(text.strip("\n"), f"{path.stem}-{number}")


def parse_source(text: str, default_id: str) -> Source:
    """One message; raises ValueError where a line of its head is no field."""
    head, _, body = text.partition("\n\n")
    values: dict[str, Any] = {"id": default_id, "fields": (), "attach": (), "inline": ()}
    for line in head.splitlines():
        match = _FIELD.fullmatch(line)
        if match is None:
            raise ValueError(f"{default_id}: not a field: {line!r}")
        name, value = match.groups()
        key = name.lower()
        if key in _DIRECTIVES:
            values[key] = value
        elif key in _REPEATED:
            values[key] += (value,)
        else:
            values["fields"] += ((name, value),)
    return Source(**values, sections=_sections(body + "\n"))


def _sections(body: str) -> tuple[Section, ...]:
    first, *others = _SECTION.split(body)
    plain = [Section("text/plain", first)] if first.strip() else []
    typed = [Section(kind, text) for kind, text in zip(others[::2], others[1::2], strict=True)]
    return (*plain, *typed)
