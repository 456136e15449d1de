"""Shows a sealed original as the reading pane would, with the pictures that travel along and no others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from qtmail.domain.composition import DraftAttachment, Quote
from qtmail.domain.message import Envelope
from qtmail.errors import QtmailError
from qtmail.mime.message import Attachment, ParsedMessage, Part
from qtmail.models.background import Background
from qtmail.ui.message_view.message_body import MessageBody
from qtmail.ui.message_view.message_parts import MessageParts
from qtmail.ui.message_view.message_resources import MessageResources
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService


class QuoteView(QWidget):
    """The original, to be read and copied from; QtWebEngine starts with the first one that is HTML."""

    def __init__(
        self, theme: Theme, background: Background, service: ComposeService, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._body = MessageBody(theme, background)
        self._parts: MessageParts | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._body)
        self.setFocusProxy(self._body)

    def show_quote(self, quote: Quote, attachments: Sequence[DraftAttachment]) -> None:
        """Show a quote; `attachments` are those of the composition, of which it may show some."""
        message = _as_message(quote, attachments)
        if not quote.html:
            self._body.show_text(message, quote.text)
            return
        self._parts = MessageParts(message, self)
        by_section = dict(zip(_sections(attachments), attachments, strict=True))
        self._parts.wanted.connect(lambda section: self._fetch(section, by_section[section]))
        self._body.show_html(message, MessageResources(self._parts), remote=False)

    def _fetch(self, section: str, attachment: DraftAttachment) -> None:
        assert self._parts is not None
        supply, fail = partial(self._parts.supply, section), partial(self._fail, section)
        self._service.content(attachment, supply, fail)

    def _fail(self, section: str, _error: QtmailError) -> None:
        """The picture stays out; what is sent has it all the same, or says so."""
        if self._parts is not None:
            self._parts.fail(section)


def _sections(attachments: Sequence[DraftAttachment]) -> list[str]:
    return [str(number) for number, _ in enumerate(attachments, 2)]


def _as_message(quote: Quote, attachments: Sequence[DraftAttachment]) -> ParsedMessage:
    """The quote as the message that the reading pane's widgets take."""
    parts = tuple(
        Attachment(section, one.filename, one.content_type, one.size, one.content_id, one.inline, None)
        for section, one in zip(_sections(attachments), attachments, strict=True)
    )
    return ParsedMessage(
        envelope=Envelope(),
        headers=(),
        root=Part("1", "text/html", {}),
        text=quote.text,
        html=quote.html or None,
        attachments=parts,
        problems=(),
        remote_urls=(),
        preview="",
        readable=True,
        raw=None,
    )
