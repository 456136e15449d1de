"""Whatever comes in, it can be answered, forwarded and taken up again, and what goes out is sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtmail.domain.address import Address
from qtmail.domain.composition import DraftAttachment, StoredSource
from qtmail.domain.identity import Identity
from qtmail.mime.builder import build
from qtmail.mime.composing import outgoing_message
from qtmail.mime.message import ParsedMessage
from qtmail.mime.parser import parse
from qtmail.mime.receipts import build_receipt, receipt_doubt, receipt_requested
from qtmail.mime.reopening import composition_from_message
from qtmail.mime.reply import Prepared, edit_as_new, forward_inline, reply
from qtmail.mime.reports import read_report
from tests.property.test_mime_reader import damaged_messages

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ANN = Identity(1, 1, "Ann 李", "ann@example.org")
BOB = Address("Bob", "bob@example.net")
CONTROLS = dict.fromkeys({*range(32), 127} - {9, 10})
"""What the builder leaves out of texts: no reader shows it."""
NOW = datetime(2026, 5, 3, 12, 5, tzinfo=UTC)


def sent(prepared: Prepared, original: ParsedMessage) -> bytes:
    """What goes out to Bob, and as a draft to everybody named."""
    contents = {item.section: item.content or b"" for item in original.attachments}
    files = tuple(
        DraftAttachment(
            one.filename, one.content_type, len(contents[one.part]), StoredSource(number), one.content_id
        )
        for number, one in enumerate(prepared.carried)
    )

    def content(attachment: DraftAttachment) -> Iterator[bytes]:
        assert isinstance(attachment.source, StoredSource)
        yield contents[prepared.carried[attachment.source.blob_id].part]

    draft = replace(prepared.composition, attachments=files)
    as_draft = outgoing_message(draft, ANN, date=NOW, open_source=content, draft=True)
    assert b"".join(build(as_draft, include_bcc=True))
    alone = replace(draft, to=(BOB,), cc=(), bcc=(), reply_to=())
    return b"".join(build(outgoing_message(alone, ANN, date=NOW, open_source=content)))


@quick
@given(damaged_messages(), st.booleans(), st.booleans())
def test_any_message_can_be_answered_and_passed_on(raw: bytes, to_all: bool, rich: bool) -> None:
    message = parse(raw)
    opened, carried = composition_from_message(message, [ANN])
    for prepared in (
        reply(message, [ANN], to_all=to_all, origin=None, rich=rich),
        forward_inline(message, [ANN], None, rich=rich),
        edit_as_new(message, [ANN]),
        Prepared(opened, tuple(carried)),
    ):
        received = parse(sent(prepared, message))
        assert received.envelope.to == (BOB,)
        assert [author.address for author in received.envelope.from_] == [ANN.address]
        assert "Bcc" not in dict(received.headers)
        quote = prepared.composition.quote
        again, _ = composition_from_message(received, [ANN])
        if quote and quote.html and prepared.composition.rich:
            assert again.quote is not None
            assert again.quote.html == quote.html.translate(CONTROLS)


@quick
@given(damaged_messages())
def test_any_message_can_be_looked_at_for_reports(raw: bytes) -> None:
    message = parse(raw)
    read_report(message)
    receipt_doubt(message)
    if receipt_requested(message) is not None:
        assert build_receipt(message, ANN, date=NOW).content
