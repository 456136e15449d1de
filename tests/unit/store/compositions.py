"""A composition in which every field says something, for the tests of what is kept of it."""

from __future__ import annotations

from qtmail.domain.address import Address
from qtmail.domain.composition import (
    Composition,
    DraftAttachment,
    FileSource,
    Origin,
    OriginKind,
    Quote,
    QuoteKind,
    StoredSource,
)

FULL = Composition(
    identity_id=3,
    to=(Address("安", "an@example.cn"), Address("", "half ty")),
    cc=(Address("Bo", "bo@example.org"),),
    bcc=(Address("", "chen@例子.cn"),),
    reply_to=(Address("", "answers@example.org"),),
    subject="Re: 会议 \N{PARTY POPPER}",
    rich=True,
    body="<p>你好</p>",
    quote=Quote(QuoteKind.REPLY, "Ann wrote:", "<p>original</p>", "original"),
    attachments=(
        DraftAttachment("报告.pdf", "application/pdf", 12, FileSource("/files/报告.pdf", 5)),
        DraftAttachment("p.png", "image/png", 3, StoredSource(9), "p1@qtmail"),
    ),
    message_id="m1@example.org",
    in_reply_to="m0@example.org",
    references=("a@example.org", "m0@example.org"),
    origin=Origin(OriginKind.ANSWERED, 1, b"&V4NXPg-\xff", 7, 42),
    request_receipt=True,
    request_delivery=True,
    send_at=1_800_000_000,
    resent=StoredSource(11),
)
