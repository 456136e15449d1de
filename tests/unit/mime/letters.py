"""What the tests of composing have in common: people, messages to answer, and the way out and in again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from qtmail.domain.composition import Composition, DraftAttachment, StoredSource
from qtmail.domain.identity import Identity
from qtmail.mime.builder import build
from qtmail.mime.composing import outgoing_message
from qtmail.mime.message import ParsedMessage
from qtmail.mime.parser import parse
from qtmail.mime.quoting import Carried

ANN = Identity(1, 1, "Ann Lee", "ann@example.org")
WORK = Identity(2, 2, "Ann Lee", "a.lee@work.example")
NOW = datetime(2026, 5, 3, 12, 5, tzinfo=UTC)


def letter(*fields: str, body: str = "Hello.", kind: str = "text/plain") -> ParsedMessage:
    """A message with these header fields; From, To and Date are made up where they are not given."""
    header = [
        *fields,
        *(line for line in _USUAL if not any(one.startswith(line.split(":")[0] + ":") for one in fields)),
        "MIME-Version: 1.0",
        f"Content-Type: {kind}; charset=utf-8",
    ]
    return parse("\r\n".join([*header, "", body.replace("\n", "\r\n")]).encode())


_USUAL = (
    "From: Bob Ray <bob@example.net>",
    "To: Ann Lee <ann@example.org>",
    "Date: Sun, 3 May 2026 14:05:00 +0200",
    "Message-ID: <lunch@example.net>",
    "Subject: Lunch",
)


def attached(composition: Composition, message: ParsedMessage, carried: Sequence[Carried]) -> Composition:
    """The composition with the parts that are carried; its blobs are numbered like the attachments of
    `message`.
    """
    numbers = {item.section: number for number, item in enumerate(message.attachments)}
    files = tuple(
        DraftAttachment(
            one.filename,
            one.content_type,
            len(message.attachments[numbers[one.part]].content or b""),
            StoredSource(numbers[one.part]),
            one.content_id,
        )
        for one in carried
    )
    return replace(composition, attachments=composition.attachments + files)


def sent(
    composition: Composition,
    original: ParsedMessage | None = None,
    identity: Identity = ANN,
    *,
    draft: bool = False,
) -> ParsedMessage:
    """The composition as its recipients read it; attachments have the content of those of `original`."""

    def content(attachment: DraftAttachment) -> Iterator[bytes]:
        assert original is not None
        assert isinstance(attachment.source, StoredSource)
        yield original.attachments[attachment.source.blob_id].content or b""

    message = outgoing_message(composition, identity, date=NOW, open_source=content, draft=draft)
    return parse(b"".join(build(message, include_bcc=draft)))
