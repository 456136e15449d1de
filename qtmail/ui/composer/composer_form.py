"""The fields of a composition: from, recipients, subject, text, original and attachments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from qtmail.domain.composition import Composition, Draft, DraftAttachment, Quote
from qtmail.domain.identity import Identity
from qtmail.mime.quoting import quote_inline
from qtmail.models.background import Background
from qtmail.ui.composer.attachment_bar import DraftAttachmentBar
from qtmail.ui.composer.attachment_list import AttachmentList
from qtmail.ui.composer.editor import Editor
from qtmail.ui.composer.format_toolbar import FormatToolbar
from qtmail.ui.composer.identity_picker import IdentityPicker
from qtmail.ui.composer.quote_panel import QuotePanel, ShowsQuote
from qtmail.ui.composer.recipient_rows import RecipientRows
from qtmail.ui.composer.signature import add_signature, exchange_signature
from qtmail.ui.message_view.pictures import decode_picture
from qtmail.ui.shared.theme import Theme

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService

_LARGEST_SHOWN = QSize(2000, 2000)
"""Pixels that a picture in the text is decoded to at most."""
_LABEL_WIDTH = 64


class ComposerForm(QWidget):
    """Shows a composition and reads it back.

    Signals:
        changed: something of the composition is another, by the user's doing.
        quote_removed(Quote): the original does not go along any more; `restore_quote` brings it back.
    """

    changed = Signal()
    quote_removed = Signal(object)

    def __init__(
        self,
        service: ComposeService,
        draft: Draft,
        theme: Theme,
        background: Background,
        make_quote_view: Callable[[], ShowsQuote],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._theme = theme
        self._service = service
        self._base = draft.composition
        self._identity: Identity | None = None
        self._opened: tuple[Quote, int] | None = None  # and how many steps could be undone before
        self.picker = self._make_picker()
        self.rows = RecipientRows(service, theme)
        self.subject = QLineEdit()
        self.editor = Editor(theme)
        self.toolbar = FormatToolbar(self.editor)
        self.attachments = AttachmentList(service, background, draft.id, self._base.attachments, self)
        self.quote = QuotePanel(theme, make_quote_view)
        self.bar = DraftAttachmentBar(theme, self.attachments)
        self._layout = QVBoxLayout(self)
        self._lay_out()
        self._show(self._base)
        self._connect()

    # -- the composition

    def composition(self) -> Composition:
        """What the fields hold now."""
        identity = self.picker.current()
        return replace(
            self._base,
            identity_id=identity.id if identity else self._base.identity_id,
            to=self.rows.to(),
            cc=self.rows.cc(),
            bcc=self.rows.bcc(),
            reply_to=self.rows.reply_to(),
            subject=self.subject.text(),
            rich=self.editor.rich,
            body=self.editor.body() if self._base.resent is None else self._base.body,
            quote=self.quote.quote(),
            attachments=self.attachments.all,
        )

    @property
    def resends(self) -> bool:
        """Whether a message is only sent on: nothing but its recipients can be changed."""
        return self._base.resent is not None

    def identity(self) -> Identity | None:
        return self.picker.current()

    def add_signature(self) -> None:
        """Put the identity's signature under a text that has just begun."""
        identity = self.picker.current()
        if identity is not None and not self.resends:
            add_signature(self.editor, identity)

    def refresh_identities(self) -> None:
        """The identities were edited elsewhere."""
        self.picker.set_identities(self._service.identities())
        self._identity_picked()

    def focus_first(self) -> None:
        """Where the user begins: at the recipients while there are none, else at the text."""
        first = self.editor if self._base.recipients and not self.resends else self.rows
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def parts(self) -> list[QWidget]:
        """What F6 goes through, from top to bottom."""
        return [self.picker.box(), self.rows, self.subject, self.editor, self.quote, self.bar]

    # -- the text

    def make_plain(self) -> None:
        """Go on in plain text; pictures in the text become attachments."""
        self.attachments.detach(self.editor.shown_pictures())
        self.editor.make_plain()

    def quote_in_text(self) -> None:
        """Open the sealed original for editing."""
        quote = self.quote.quote()
        if quote is None:
            return
        self.quote.set_quote(None, ())
        self._opened = (quote, self.editor.document().availableUndoSteps())
        self.editor.append_body(quote_inline(quote, rich=self.editor.rich))
        self._load_pictures()
        self.editor.setFocus()
        self.changed.emit()

    def remove_quote(self) -> None:
        quote = self.quote.quote()
        self.quote.set_quote(None, ())
        self.changed.emit()
        self.quote_removed.emit(quote)

    def restore_quote(self, quote: Quote) -> None:
        self.quote.set_quote(quote, self.attachments.all)
        self.changed.emit()

    # -- inside

    def _make_picker(self) -> IdentityPicker:
        identities = self._service.identities()
        found = {one.account_id: self._service.account(one.account_id) for one in identities}
        accounts = {account_id: account for account_id, account in found.items() if account is not None}
        origin = self._base.origin
        return IdentityPicker(identities, accounts, origin.account_id if origin else None)

    def _lay_out(self) -> None:
        self.subject.setAcceptDrops(False)  # a file dropped here is to be attached, not to become text
        self.subject.setAccessibleName(self.tr("Subject"))
        grid = QGridLayout()
        grid.setContentsMargins(16, 8, 16, 6)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self._add_row(grid, 0, self.tr("From"), self.picker)
        grid.addWidget(self.rows, 1, 0, 1, 2)
        self._add_row(grid, 2, self.tr("Subject"), self.subject)
        grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        cast(QGridLayout, self.rows.layout()).setColumnMinimumWidth(0, _LABEL_WIDTH)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addLayout(grid)
        self._layout.addWidget(self.toolbar)
        self._layout.addWidget(self.editor, 3)
        self._layout.addWidget(self.quote)
        self._layout.addWidget(self.bar)
        self.quote.expanded_changed.connect(lambda on: self._layout.setStretchFactor(self.quote, 2 * on))
        for before, after in (
            (self.picker, self.rows),
            (self.rows, self.subject),
            (self.subject, self.editor),
        ):
            QWidget.setTabOrder(before, after)

    def _add_row(self, grid: QGridLayout, row: int, text: str, field: QWidget) -> None:
        label = QLabel(text)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        label.setBuddy(field)
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(field, row, 1)

    def _show(self, composition: Composition) -> None:
        self.picker.choose(composition.identity_id)
        self._identity = self.picker.current()
        self.rows.set_recipients(composition.to, composition.cc, composition.bcc, composition.reply_to)
        self.subject.setText(composition.subject)
        self.editor.set_content(composition.body, rich=composition.rich)
        self.quote.set_quote(composition.quote, composition.attachments)
        self._show_limit()
        self._load_pictures()
        self.subject.setReadOnly(self.resends)
        self.editor.setReadOnly(self.resends)

    def _connect(self) -> None:
        self.picker.picked.connect(lambda _identity: self._identity_picked())
        self.rows.changed.connect(self.changed)
        self.subject.textChanged.connect(self.changed)
        self.subject.returnPressed.connect(self.editor.setFocus)
        self.editor.textChanged.connect(self.changed)
        self.editor.textChanged.connect(self._follow_undo)
        self.attachments.changed.connect(self.changed)
        self.quote.inline_wanted.connect(self.quote_in_text)
        self.quote.remove_wanted.connect(self.remove_quote)
        self._theme.changed.connect(self._restyle)
        self._restyle()
        self.editor.picture_pasted.connect(self._picture_pasted)
        self.editor.became_rich.connect(lambda: self.attachments.reattach(self.editor.shown_pictures()))

    def _follow_undo(self) -> None:
        """Seal the original again once the step that opened it is undone."""
        if self._opened is not None and self.editor.document().availableUndoSteps() <= self._opened[1]:
            quote, self._opened = self._opened[0], None
            self.restore_quote(quote)

    def _restyle(self) -> None:
        """The subject stands on a line and has no frame, like the recipients above it."""
        colors = self._theme.colors()
        line, focus = colors.border.name(), colors.accent.name()
        self.subject.setStyleSheet(
            "QLineEdit { border: none; border-radius: 0; background: transparent; padding: 4px 4px 5px 4px;"
            f" border-bottom: 1px solid {line}; }}"
            f"QLineEdit:focus {{ border-bottom: 2px solid {focus}; padding-bottom: 4px; }}"
        )

    def _identity_picked(self) -> None:
        old, self._identity = self._identity, self.picker.current()
        if self._identity is not None and self._identity != old and not self.resends:
            exchange_signature(self.editor, old, self._identity)
        self._show_limit()
        self.changed.emit()

    def _show_limit(self) -> None:
        identity = self.picker.current()
        self.bar.set_limit(self._service.size_limit(identity.account_id) if identity else None)

    def _picture_pasted(self, image: QImage) -> None:
        """Rich text shows it where the cursor is; to plain text it is attached."""
        rich = self.editor.rich
        self.attachments.add_picture(image, inline=rich, done=partial(self._picture_kept, image))

    def _picture_kept(self, image: QImage, attachment: DraftAttachment) -> None:
        if attachment.inline:
            self.editor.insert_picture(attachment.content_id, image, attachment.filename)

    def insert_picture_file(self, attachment: DraftAttachment) -> None:
        """Put a picture that was attached from a file into the text at the cursor."""
        self._decode(
            attachment,
            lambda image: self.editor.insert_picture(attachment.content_id, image, attachment.filename),
        )

    def _load_pictures(self) -> None:
        """Fetch the pictures that the text shows and that are not here yet."""
        shown = self.editor.shown_pictures() if self.attachments.all else set()
        for one in self.attachments.all:
            if one.content_id in shown:
                self._decode(one, partial(self.editor.add_image, one.content_id))

    def _decode(self, attachment: DraftAttachment, show: Callable[[QImage], None]) -> None:
        self._service.content(attachment, partial(self._decoded, show), self.attachments.failed.emit)

    def _decoded(self, show: Callable[[QImage], None], content: bytes) -> None:
        image = decode_picture(content, _LARGEST_SHOWN)
        if not image.isNull():
            show(image)
