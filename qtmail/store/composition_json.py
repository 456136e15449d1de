"""Compositions as JSON text, for drafts and their versions.

The keys are part of the file format: a field that is added gets a default, one that is dropped is ignored
when old rows are read.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any

from qtmail.domain.address import Address
from qtmail.domain.composition import (
    Composition,
    ContentSource,
    DraftAttachment,
    FileSource,
    Origin,
    OriginKind,
    Quote,
    QuoteKind,
    StoredSource,
)
from qtmail.store.failures import reads_columns
from qtmail.store.values import encodable


def encode_composition(composition: Composition) -> str:
    """The whole composition; lone surrogates, which no database keeps, become question marks."""
    fields = {
        "identity": composition.identity_id,
        "to": _pairs(composition.to),
        "cc": _pairs(composition.cc),
        "bcc": _pairs(composition.bcc),
        "reply_to": _pairs(composition.reply_to),
        "subject": composition.subject,
        "rich": composition.rich,
        "body": composition.body,
        "quote": _quote_fields(composition.quote),
        "attachments": [_attachment_fields(attachment) for attachment in composition.attachments],
        "message_id": composition.message_id,
        "in_reply_to": composition.in_reply_to,
        "references": composition.references,
        "origin": encode_origin(composition.origin),
        "request_receipt": composition.request_receipt,
        "request_delivery": composition.request_delivery,
        "send_at": composition.send_at,
        "resent": composition.resent.blob_id if composition.resent else None,
    }
    return encodable(json.dumps(fields, ensure_ascii=False, separators=(",", ":")))


@reads_columns
def decode_composition(text: str) -> Composition:
    fields = json.loads(text)
    resent = fields.get("resent")
    return Composition(
        identity_id=fields.get("identity", 0),
        to=_addresses(fields.get("to", ())),
        cc=_addresses(fields.get("cc", ())),
        bcc=_addresses(fields.get("bcc", ())),
        reply_to=_addresses(fields.get("reply_to", ())),
        subject=fields.get("subject", ""),
        rich=fields.get("rich", True),
        body=fields.get("body", ""),
        quote=_quote(fields.get("quote")),
        attachments=tuple(_attachment(one) for one in fields.get("attachments", ())),
        message_id=fields.get("message_id", ""),
        in_reply_to=fields.get("in_reply_to", ""),
        references=tuple(fields.get("references", ())),
        origin=decode_origin(fields.get("origin", "")),
        request_receipt=fields.get("request_receipt", False),
        request_delivery=fields.get("request_delivery", False),
        send_at=fields.get("send_at"),
        resent=StoredSource(resent) if resent is not None else None,
    )


def encode_origin(origin: Origin | None) -> str:
    """An origin as JSON; "" for none."""
    if origin is None:
        return ""
    folder = b64encode(origin.folder).decode()
    return json.dumps([origin.kind.value, origin.account_id, folder, origin.uid_validity, origin.uid])


@reads_columns
def decode_origin(text: str) -> Origin | None:
    if not text:
        return None
    kind, account_id, folder, uid_validity, uid = json.loads(text)
    return Origin(OriginKind(kind), account_id, b64decode(folder), uid_validity, uid)


def _pairs(addresses: Iterable[Address]) -> list[tuple[str, str]]:
    return [(one.name, one.address) for one in addresses]


def _addresses(pairs: Iterable[tuple[str, str]]) -> tuple[Address, ...]:
    return tuple(Address(name, address) for name, address in pairs)


def _quote_fields(quote: Quote | None) -> list[str] | None:
    return [quote.kind.value, quote.attribution, quote.html, quote.text] if quote else None


def _quote(fields: list[str] | None) -> Quote | None:
    if fields is None:
        return None
    kind, attribution, html, text = fields
    return Quote(QuoteKind(kind), attribution, html, text)


def _attachment_fields(attachment: DraftAttachment) -> dict[str, Any]:
    match attachment.source:
        case FileSource(path, modified_ns):
            source: dict[str, Any] = {"path": path, "modified_ns": modified_ns}
        case StoredSource(blob_id):
            source = {"blob": blob_id}
    return {
        "name": attachment.filename,
        "type": attachment.content_type,
        "size": attachment.size,
        "content_id": attachment.content_id,
        **source,
    }


def _attachment(fields: dict[str, Any]) -> DraftAttachment:
    source: ContentSource
    if "blob" in fields:
        source = StoredSource(fields["blob"])
    else:
        source = FileSource(fields["path"], fields["modified_ns"])
    return DraftAttachment(fields["name"], fields["type"], fields["size"], source, fields["content_id"])
