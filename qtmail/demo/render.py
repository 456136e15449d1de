"""Renders the written sample messages to RFC 5322, with dates relative to now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from pathlib import Path

from qtmail.demo.assemble import Part, file_part, flow, multipart, text_part, unwrap, words
from qtmail.demo.attachments import MADE
from qtmail.demo.sources import Section, Source
from qtmail.domain.address import Address
from qtmail.domain.message import FLAG_NAMES, Flag

_PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}")
_OFFSET = re.compile(r"\+(\d+)([dhm])(?: (\d\d):(\d\d))?")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_CHINESE_BREAK = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n *(?=[\u3000-\u9fff\uff00-\uffef])")
# Not strftime's %A and %B: these speak the language Qt set for the process.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_CONTENT_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".eml": "message/rfc822",
    ".ics": "text/calendar; charset=utf-8",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".wav": "audio/wav",
    ".zip": "application/zip",
}
_FLAG_WORDS = {flag.name.lower(): FLAG_NAMES[flag] for flag in Flag if flag.name and flag in FLAG_NAMES}
_ADDRESS_FIELDS = frozenset(("From", "To", "Cc", "Bcc", "Reply-To", "Sender"))


@dataclass(frozen=True, slots=True)
class Sample:
    """A message ready to be put on the server.

    Attributes:
        id: its name among the samples.
        message: RFC 5322 bytes.
        flags: as IMAP writes them.
        when: the time of arrival, aware.
    """

    id: str
    message: bytes
    folder: str
    flags: frozenset[str]
    when: datetime


class Renderer:
    """Turns sources into samples; knows them all, because answers quote and name what they answer."""

    def __init__(self, sources: list[Source], people: dict[str, Address], files: Path, now: datetime) -> None:
        self._sources = {source.id: source for source in sources}
        self._people = people
        self._files = files
        self._now = now

    def sample(self, source: Source) -> Sample:
        return Sample(
            source.id, self.message(source), source.folder, imap_flags(source.flags), self._when(source)
        )

    def message(self, source: Source) -> bytes:
        """The whole message."""
        if source.layout == "verbatim":
            text = self._expand(source, source.sections[0].text)
            return text.replace("\n", "\r\n").encode(source.charset)
        body = self._body(source)
        fields = self._fields(source)
        return bytes(Part((*fields, b"MIME-Version: 1.0", *body.fields), body.body))

    def _fields(self, source: Source) -> list[bytes]:
        named = dict(source.fields)
        named.setdefault("To", "me")
        fields = [("Date", format_datetime(self._when(source))), ("Message-ID", self._message_id(source))]
        fields += [(name, self._field_text(source, name, value)) for name, value in named.items()]
        if ancestors := self._ancestors(source):
            fields.append(("In-Reply-To", ancestors[-1]))
            fields.append(("References", "\r\n ".join(ancestors)))
        return [f"{name}: {value}".encode(source.charset) for name, value in fields]

    def _field_text(self, source: Source, name: str, value: str) -> str:
        if name not in _ADDRESS_FIELDS:
            return self._words(source, self._expand(source, value))
        people = (self._person(one.strip()) for one in value.split(","))
        return ",\r\n ".join(f"{self._words(source, one.name)} <{one.address}>" for one in people)

    def _person(self, written: str) -> Address:
        """Someone by nickname, or as `Name <address>`."""
        if known := self._people.get(written):
            return known
        name, _, address = written.rstrip(">").rpartition(" <")
        return Address(name, address)

    def _words(self, source: Source, text: str) -> str:
        try:
            text.encode(source.charset)
        except UnicodeEncodeError:
            return words(text, "utf-8")
        return text if source.headers == "raw" else words(text, source.charset)

    def _body(self, source: Source) -> Part:
        parts = [self._section(source, section) for section in source.sections]
        if source.inline:
            images = [self._file(source, written, "inline") for written in source.inline]
            parts[-1] = multipart("related", [parts[-1], *images], f"related-{source.id}")
        texts = multipart(source.layout, parts, f"texts-{source.id}")
        files = [self._file(source, written, "attachment") for written in source.attach]
        return multipart("mixed", [texts, *files], f"mixed-{source.id}")

    def _section(self, source: Source, section: Section) -> Part:
        kind, text = section.content_type, self._text(source, section)
        if not kind.startswith("text/"):
            return Part((f"Content-Type: {kind}".encode(),), text.replace("\n", "\r\n").encode())
        if kind == "text/plain" and source.flowed:
            kind, text = "text/plain; format=flowed", flow(text)
        return text_part(kind, text, charset=source.charset, label=source.label, encoding=source.encoding)

    def _text(self, source: Source, section: Section) -> str:
        text = self._expand(source, section.text).rstrip("\n") + "\n"
        if section.content_type == "text/html":
            # A line break in HTML shows as a space, and Chinese has none between words.
            return _CHINESE_BREAK.sub("", text)
        if section.content_type != "text/plain":
            return text
        # Editors strip the space that ends a signature separator (RFC 3676 section 4.3).
        return unwrap(re.sub(r"^--$", "-- ", text, flags=re.MULTILINE))

    def _file(self, source: Source, written: str, disposition: str) -> Part:
        origin, _, filename = written.partition(" as ")
        filename = filename or origin
        kind, _, argument = origin.removeprefix("@").partition(":")
        if kind == "message":
            data = self.message(self._sources[argument])
        elif origin.startswith("@"):
            data = MADE[kind]()
        else:
            data = (self._files / origin).read_bytes()
        return file_part(
            _CONTENT_TYPES[Path(filename).suffix],
            data,
            filename=filename,
            disposition=disposition,
            content_id=f"{Path(filename).stem}@sample.example.org" if disposition == "inline" else "",
            charset=source.charset,
            as_words=source.filenames == "words",
        )

    def _expand(self, source: Source, text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: self._placeholder(source, match.group(1)), text)

    def _placeholder(self, source: Source, written: str) -> str:
        if written == "quote":
            return self._quote(source)
        offset, _, form = written.partition("|")
        return format_time(later(self._when(source), offset), form)

    def _quote(self, source: Source) -> str:
        """The answered message below the line that says whose it is, in the language of the answer."""
        answered = self._sources[source.answers]
        when = self._when(answered)
        person = self._person(answered.field("From"))
        if _CHINESE.search(source.sections[0].text):
            attribution = f"{when.year}年{when.month}月{when.day}日 {when:%H:%M}，{person.name} 写道："
        else:
            attribution = f"On {when:%Y-%m-%d} at {when:%H:%M}, {person.name} wrote:"
        lines = self._text(answered, answered.sections[0]).rstrip("\n").split("\n")
        quoted = (f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines)
        return "\n".join((attribution, *quoted))

    def _ancestors(self, source: Source) -> list[str]:
        """The Message-IDs of the conversation so far, oldest first."""
        if not source.answers:
            return []
        answered = self._sources[source.answers]
        return [*self._ancestors(answered), self._message_id(answered)]

    def _message_id(self, source: Source) -> str:
        person = self._people.get(source.field("From"))
        domain = person.address.rpartition("@")[2] if person else "example.org"
        return f"<{source.id}.{self._when(source):%Y%m%d}@{domain}>"

    def _when(self, source: Source) -> datetime:
        return parse_when(source.when, self._now)


def parse_when(written: str, now: datetime) -> datetime:
    """`5m`, `3h`, `2d 18:40` before now, or `2019-06-14 09:30`; in the local time zone."""
    if match := re.fullmatch(r"(\d+)([hm])", written):
        return now - timedelta(**{_UNITS[match[2]]: int(match[1])})
    if match := re.fullmatch(r"(\d+)d (\d\d):(\d\d)", written):
        day = now.date() - timedelta(days=int(match[1]))
        return datetime.combine(day, time(int(match[2]), int(match[3]))).astimezone()
    return datetime.strptime(written, "%Y-%m-%d %H:%M").astimezone()


def later(start: datetime, offset: str) -> datetime:
    """The time `+3d`, `+2h` or, at a set hour, `+3d 18:00` after `start`."""
    match = _OFFSET.fullmatch(offset)
    if match is None:
        raise ValueError(f"not an offset: {offset!r}")
    count, unit, hour, minute = match.groups()
    moved = start + timedelta(**{_UNITS[unit]: int(count)})
    return moved.replace(hour=int(hour), minute=int(minute), second=0) if hour else moved


def format_time(when: datetime, form: str) -> str:
    """A time as `ics` (RFC 5545, UTC), `day` in English, `日` in Chinese or `date` for machines."""
    match form:
        case "ics":
            return f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        case "day":
            return f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]}"
        case "日":
            return f"{when.month}月{when.day}日（星期{'一二三四五六日'[when.weekday()]}）"
        case "rfc":
            return format_datetime(when)
        case _:
            return f"{when:%Y-%m-%d}"


def imap_flags(written: str) -> frozenset[str]:
    """The flags a server keeps for `unread flagged work`; a message is read unless it says otherwise."""
    named = set(written.split())
    seen = set() if "unread" in named else {FLAG_NAMES[Flag.SEEN]}
    return frozenset(seen | {_FLAG_WORDS.get(name, name) for name in named - {"unread"}})
