"""What the reader makes of a message: frozen values, ready to show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qtmail.domain.message import Envelope


@dataclass(frozen=True, slots=True)
class Part:
    """One node of the MIME tree.

    Attributes:
        section: the part number IMAP uses for it ("1", "2.1"); "" for the root of a multipart message.
        content_type: lower case `type/subtype`.
        parameters: Content-Type parameters, names in lower case, values raw.
        charset: the charset label as written, or "".
        filename: decoded and safe, or "".
        disposition: "attachment", "inline" or "".
        content_id: without angle brackets.
        location: Content-Location, by which HTML may refer to the part (RFC 2557).
        size: bytes after decoding; an estimate when `content` is None.
        content: transfer-decoded bytes; None where they have not been fetched, and for a multipart.
        children: the parts of a multipart; for message/rfc822 the root of the message inside.
    """

    section: str
    content_type: str
    parameters: Mapping[str, str]
    charset: str = ""
    filename: str = ""
    disposition: str = ""
    content_id: str = ""
    location: str = ""
    size: int = 0
    content: bytes | None = None
    children: tuple[Part, ...] = ()

    @property
    def is_multipart(self) -> bool:
        return self.content_type.startswith("multipart/") and bool(self.children)

    def walk(self) -> Iterator[Part]:
        """This part and all below it, in the order of the message, however deep."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.children))


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something in a message that is not its text.

    Attributes:
        section: names the part within the message. Files found inside another part (uuencode, TNEF) have the
        part's
            section, a dash and a number, and always come with their content.
        filename: never empty, safe to show and to save under.
        size: bytes after decoding; an estimate when `content` is None.
        content_id: without angle brackets, or "".
        inline: it belongs into the text: the HTML shows it, or the sender said so.
        content: None where it has not been fetched.
        location: Content-Location, or "".
    """

    section: str
    filename: str
    content_type: str
    size: int
    content_id: str
    inline: bool
    content: bytes | None
    location: str = ""


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A whole message, read.

    Attributes:
        headers: (name as written, decoded value), in order.
        text: what a reader without HTML shows.
        html: sanitised, or None where the message has only plain text. `cid:` and remote references are kept;
            `html.display_html` resolves the one and removes the other.
        problems: sentences on what was wrong with the message; empty for a sound one.
        remote_urls: what the HTML would load from the network.
        preview: the beginning of the text in one line, at most 200 characters.
        readable: False where nothing sensible could be made of it: show it raw.
        raw: the bytes it was read from; None where it came in parts.
    """

    envelope: Envelope
    headers: tuple[tuple[str, str], ...]
    root: Part
    text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    problems: tuple[str, ...]
    remote_urls: tuple[str, ...]
    preview: str
    readable: bool
    raw: bytes | None
