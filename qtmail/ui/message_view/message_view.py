"""The reading pane: one message with its header, what is to be said about it, its text and its attachments.

It is given messages and part contents by methods and asks for what it lacks by signals, so it knows nothing
of accounts, stores or servers.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from qtmail.domain.message import Flag, MessageRow
from qtmail.mime.message import Attachment, ParsedMessage
from qtmail.models.background import Background
from qtmail.ui.message_view.attachment_actions import AttachmentActions
from qtmail.ui.message_view.attachment_cards import AttachmentBar
from qtmail.ui.message_view.find_bar import FindBar
from qtmail.ui.message_view.header_card import HeaderCard
from qtmail.ui.message_view.link_opening import LinkOpening
from qtmail.ui.message_view.media_panel import MediaPanel, is_previewable
from qtmail.ui.message_view.message_actions import MessageActions
from qtmail.ui.message_view.message_body import MessageBody
from qtmail.ui.message_view.message_export import MessageExport
from qtmail.ui.message_view.message_notices import MessageNotices
from qtmail.ui.message_view.message_parts import MessageParts
from qtmail.ui.message_view.message_resources import MessageResources
from qtmail.ui.message_view.remote_content import (
    NobodyTrusted,
    RemoteConsent,
    RemoteFetcher,
    TrustedSenders,
)
from qtmail.ui.message_view.thumbnails import Thumbnails
from qtmail.ui.shared.desktop import Desktop, SystemDesktop
from qtmail.ui.shared.icons import IconName
from qtmail.ui.shared.immediate import Immediate
from qtmail.ui.shared.sizes import format_size
from qtmail.ui.shared.state_page import StatePage
from qtmail.ui.shared.theme import Theme

MOST_TEXT = 100_000
"""Characters of plain text laid out at once; more takes the text widget over 0.15 s."""

MESSAGE_TYPE = "message/rfc822"


class MessageView(QWidget):
    """Shows a message, that one is on its way, why it cannot be shown, or that none is chosen.

    Attributes:
        actions_: what can be done with the message on display.

    Signals:
        part_wanted(section): a part is needed that is not loaded; answer with `part_ready` or `part_failed`.
        source_wanted: the raw message is needed; answer with `source_ready` or `source_failed`.
        retry_wanted: the user wants to try again what `show_problem` told of.
        flag_toggled(bool): the user flagged the message or took the flag away.
        link_hovered(url): for the status bar; "" when the pointer leaves a link.
        mail_link_activated(url): a `mailto:` link was clicked.
        edit_wanted: the user wants to go on writing the draft on display.
        message_opened(bytes): an attached message is to be shown in a window of its own.
    """

    part_wanted = Signal(str)
    source_wanted = Signal()
    retry_wanted = Signal()
    flag_toggled = Signal(bool)
    link_hovered = Signal(str)
    mail_link_activated = Signal(str)
    edit_wanted = Signal()
    message_opened = Signal(bytes)

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        background: Background | None = None,
        fetcher: RemoteFetcher | None = None,
        senders: TrustedSenders | None = None,
        desktop: Desktop | None = None,
    ) -> None:
        super().__init__(parent)
        background = background or Immediate()
        self._desktop = desktop or SystemDesktop()
        self._fetcher = fetcher
        self._message: ParsedMessage | None = None
        self._parts: MessageParts | None = None
        self.header = HeaderCard(theme)
        self.notices = MessageNotices(theme)
        self.body = MessageBody(theme, background)
        self.find_bar = FindBar()
        self.media = MediaPanel(background)
        self.attachments = AttachmentBar(theme)
        self._state = StatePage(theme)
        self._whole_state = StatePage(theme)
        self._attachment_actions = AttachmentActions(self, background, self._desktop, self)
        self._export = MessageExport(self, self.body, theme, background, self._desktop)
        self._remote = RemoteConsent(
            senders or NobodyTrusted(),
            self.notices,
            available=fetcher is not None,
            show_again=self._show_body,
        )
        self._links = LinkOpening(self._html, self.notices, self._desktop, self)
        self._thumbnails = Thumbnails(self.attachments, background)
        self.actions_ = MessageActions(self)
        self.header.set_menu(self.actions_.menu(self))
        self._lay_out()
        self._connect()
        self.show_empty(self.tr("Choose a message to read it here."))

    def show_message(self, message: ParsedMessage, *, row: MessageRow | None = None) -> None:
        """Show a message; `row` is its row in the message list, None where it is in no folder."""
        self._begin(message)
        self.header.show_envelope(message.envelope)
        self.header.set_flaggable(row is not None)
        if row is None or not row.header_only:  # else it seems damaged, as what is missing is missing
            self.notices.tell_problems(message)
        self.set_flags(row.flags if row is not None else Flag.NONE)
        self._remote.begin(message)
        self._show_body()
        self._show_attachments(message)

    def show_loading(self, row: MessageRow) -> None:
        """The message of this row is on its way."""
        self._begin(None)
        self.header.show_row(row)
        self.header.set_flaggable(True)
        self._state.show_state(IconName.WORKING, self.tr("Loading the message…"))
        self._pages.setCurrentWidget(self._page)
        self._texts.setCurrentWidget(self._state)

    def show_problem(self, sentence: str, advice: str = "") -> None:
        """The message chosen last cannot be shown; the header stays."""
        self._state.show_state(IconName.WARNING, sentence, advice, button=self.tr("Try again"))
        self._texts.setCurrentWidget(self._state)

    def show_empty(self, text: str) -> None:
        """No message is chosen, or several are; `text` says what to do."""
        self._begin(None)
        self._whole_state.show_state(IconName.NO_SELECTION, text)
        self._pages.setCurrentWidget(self._whole_state)

    def set_flags(self, flags: Flag) -> None:
        """The flags of the message on display changed."""
        self.header.set_flags(flags)
        if flags & Flag.DRAFT:
            self.notices.tell_draft(self.edit_wanted.emit)
        else:
            self.notices.remove("draft")

    def part_ready(self, section: str, content: bytes) -> None:
        if self._parts is not None:
            self._parts.supply(section, content)

    def part_failed(self, section: str, sentence: str) -> None:
        if self._parts is not None:
            self._parts.fail(section)
            self.notices.tell_failure(sentence)

    def source_ready(self, source: bytes) -> None:
        self._export.source_ready(source)

    def source_failed(self, sentence: str) -> None:
        self._export.source_failed(sentence)

    def message(self) -> ParsedMessage | None:
        """The message on display."""
        return self._message

    def selection(self) -> str:
        """The text the user selected; a word that the find bar marked is none."""
        return "" if self.find_bar.isVisible() else self.body.selected_text()

    def _html(self) -> str:
        return (self._message.html or "") if self._message is not None else ""

    def _begin(self, message: ParsedMessage | None) -> None:
        """Forget the message before."""
        self._message = message
        if self._parts is not None:
            self._parts.deleteLater()
        self._parts = MessageParts(message, self) if message is not None else None
        if self._parts is not None:
            self._parts.wanted.connect(self.part_wanted)
        self._attachment_actions.set_parts(self._parts)
        self._export.set_message(message)
        self.notices.clear()
        self.media.close_media()
        self.find_bar.close_bar()
        self.actions_.set_enabled(message is not None)
        self.actions_.plain_text.setChecked(False)
        if message is None:
            self.attachments.hide()
            self.body.clear_message()
        else:
            self._pages.setCurrentWidget(self._page)
            self._texts.setCurrentWidget(self.body)

    def _show_body(self) -> None:
        message, parts = self._message, self._parts
        if message is None or parts is None:
            return
        has_html = message.html is not None and message.readable
        missing = self.body.missing_sandbox() if has_html else None
        if missing is not None:
            self.notices.tell_missing_sandbox(missing)
            has_html = False
        self.actions_.plain_text.setEnabled(has_html)
        if has_html and not self.actions_.plain_text.isChecked():
            self.body.show_html(message, MessageResources(parts, self._fetcher), remote=self._remote.given)
            self._remote.ask(message)
        else:
            self.notices.remove("remote")
            self._show_text(message, _source_text(message))

    def _show_text(self, message: ParsedMessage, text: str) -> None:
        self.body.show_text(message, text[:MOST_TEXT])
        if len(text) > MOST_TEXT:
            shown, whole = format_size(MOST_TEXT), format_size(len(text))
            self.notices.tell_shortened(shown, whole, lambda: self.body.show_text(message, text))

    def _show_attachments(self, message: ParsedMessage) -> None:
        shown = listed_attachments(message)
        self.attachments.show_attachments(
            shown, previewable=is_previewable, file_for_drag=self._attachment_actions.file_for_drag
        )
        if self._parts is not None:
            self._thumbnails.show(shown, self._parts)

    def _open_attachment(self, attachment: Attachment) -> None:
        if attachment.content_type == MESSAGE_TYPE:
            self._attachment_actions.with_content(attachment, self.message_opened.emit)
        else:
            self._attachment_actions.open(attachment)

    def _preview_attachment(self, attachment: Attachment) -> None:
        self._attachment_actions.with_content(
            attachment, lambda content: self.media.show_attachment(attachment, content)
        )

    def _ask_about_attachment(self, attachment: Attachment) -> None:
        actions = self._attachment_actions
        self.notices.ask_about_attachment(
            attachment, lambda: actions.open(attachment, risky_too=True), lambda: actions.save(attachment)
        )

    def _show_busy(self, section: str, busy: bool) -> None:
        card = self.attachments.card(section)
        if card is not None:
            card.set_busy(busy)

    def _save_all(self) -> None:
        self._attachment_actions.save_all([card.attachment for card in self.attachments.cards()])

    def _find(self, text: str, backward: bool, match_case: bool) -> None:
        self.body.find_text(text, self.find_bar.show_result, backward=backward, match_case=match_case)

    def _display_stopped(self) -> None:
        self.notices.tell_display_stopped(self._show_html_again)

    def _show_html_again(self) -> None:
        self.notices.remove("stopped")
        self._show_body()

    def _show_paper(self) -> None:
        self.actions_.dark_paper.setVisible(self.body.can_darken)
        self.actions_.dark_paper.setChecked(self.body.dark_paper)

    def _connect(self) -> None:
        self._connect_actions()
        self.header.flag_toggled.connect(self.flag_toggled)
        self._state.button_clicked.connect(self.retry_wanted)
        self.body.link_activated.connect(self._links.follow)
        self._links.mail_link_activated.connect(self.mail_link_activated)
        self.body.link_hovered.connect(self.link_hovered)
        self.body.stopped.connect(self._display_stopped)
        self.body.paper_changed.connect(self._show_paper)
        self.find_bar.find_wanted.connect(self._find)
        self.find_bar.closed.connect(self.body.clear_find)
        self.media.unplayable.connect(self._open_attachment)
        self.attachments.open_wanted.connect(self._open_attachment)
        self.attachments.save_wanted.connect(self._attachment_actions.save)
        self.attachments.save_all_wanted.connect(self._save_all)
        self.attachments.preview_wanted.connect(self._preview_attachment)
        self._attachment_actions.busy.connect(self._show_busy)
        self._attachment_actions.failed.connect(self.notices.tell_failure)
        self._attachment_actions.risky.connect(self._ask_about_attachment)
        self._export.source_wanted.connect(self.source_wanted)
        self._export.failed.connect(self.notices.tell_failure)
        self._export.done.connect(self.notices.tell_done)

    def _connect_actions(self) -> None:
        actions = self.actions_
        actions.find.triggered.connect(lambda: self.find_bar.open(self.body.selected_text()))
        actions.zoom_in.triggered.connect(lambda: self.body.zoom_by(1))
        actions.zoom_out.triggered.connect(lambda: self.body.zoom_by(-1))
        actions.zoom_reset.triggered.connect(lambda: self.body.zoom_by(0))
        actions.plain_text.toggled.connect(lambda _on: self._show_body())
        actions.dark_paper.triggered.connect(self.body.set_dark_paper)
        actions.print.triggered.connect(self._export.print_message)
        actions.save_pdf.triggered.connect(self._export.save_pdf)
        actions.save_message.triggered.connect(self._export.save_message)
        actions.view_source.triggered.connect(self._export.view_source)
        actions.view_headers.triggered.connect(self._export.view_headers)

    def _lay_out(self) -> None:
        self._texts = QStackedWidget()
        self._texts.addWidget(self.body)
        self._texts.addWidget(self._state)
        self._page = QWidget()
        page = QVBoxLayout(self._page)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        above: tuple[QWidget, ...] = (self.header, self.notices, _line())
        below: tuple[QWidget, ...] = (self.find_bar, self.media, self.attachments)
        for widget in above:
            page.addWidget(widget)
        page.addWidget(self._texts, 1)
        for widget in below:
            page.addWidget(widget)
        self._pages = QStackedWidget()
        self._pages.setAutoFillBackground(True)
        self._pages.setBackgroundRole(QPalette.ColorRole.Base)
        self._pages.addWidget(self._page)
        self._pages.addWidget(self._whole_state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)


def listed_attachments(message: ParsedMessage) -> list[Attachment]:
    """The attachments that get a card: all that are not shown in the text."""
    html = message.html or ""
    return [
        attachment
        for attachment in message.attachments
        if not (attachment.inline and attachment.content_id and f"cid:{attachment.content_id}" in html)
    ]


def _source_text(message: ParsedMessage) -> str:
    """The text to show: of an unreadable message its source."""
    if message.readable or message.raw is None:
        return message.text
    return message.raw.decode("utf-8", "replace")


def _line() -> QWidget:
    """A hairline between the parts of the pane."""
    line = QWidget()
    line.setFixedHeight(1)
    line.setAutoFillBackground(True)
    line.setBackgroundRole(QPalette.ColorRole.Mid)
    return line
