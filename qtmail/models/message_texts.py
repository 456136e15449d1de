"""What a message list says: in its cells, in its tooltips and to a screen reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from qtmail.domain.message import Flag, MessageRow
from qtmail.models.roles import MessageColumn


def correspondent(row: MessageRow, *, recipients: bool) -> str:
    """Who a list names for a message: its sender, or in a folder of sent mail its recipients."""
    return (row.recipients or row.sender) if recipients else row.sender


def subject(row: MessageRow) -> str:
    """The subject, or words that say there is none."""
    return row.subject or _words("(no subject)")


@dataclass(frozen=True, slots=True)
class MessageTexts:
    """The texts of cells, made with the formatters of the user interface.

    Attributes:
        short_date: a moment as people say it in a list ("14:05", "Yesterday").
        full_date: the whole date, for a tooltip.
        size: bytes in words.
    """

    short_date: Callable[[datetime], str]
    full_date: Callable[[datetime], str]
    size: Callable[[int], str]

    def shown(self, row: MessageRow, column: MessageColumn, *, recipients: bool) -> str | None:
        """What a cell displays; None where it shows a mark or nothing."""
        match column:
            case MessageColumn.SUBJECT:
                return subject(row)
            case MessageColumn.CORRESPONDENT:
                return correspondent(row, recipients=recipients)
            case MessageColumn.DATE:
                return self.short_date(row.when)
            case MessageColumn.SIZE:
                return self.size(row.size)
            case MessageColumn.FLAGGED | MessageColumn.ATTACHMENT:
                return None

    def tool_tip(self, row: MessageRow, column: MessageColumn) -> str | None:
        if column == MessageColumn.ATTACHMENT and row.header_only:
            return self._content(row)
        return self.full_date(row.when) if column == MessageColumn.DATE else None

    def spoken(self, row: MessageRow, column: MessageColumn, *, recipients: bool) -> str | None:
        """What a screen reader says for a cell; the subject's cell tells the whole row."""
        match column:
            case MessageColumn.SUBJECT:
                return self._whole_row(row, recipients=recipients)
            case MessageColumn.FLAGGED:
                return _words("Flagged") if row.flags & Flag.FLAGGED else ""
            case MessageColumn.ATTACHMENT:
                return self._content(row)
            case _:
                return self.shown(row, column, recipients=recipients)

    def title(self, column: MessageColumn, *, recipients: bool) -> str:
        """The title of a column."""
        match column:
            case MessageColumn.FLAGGED:
                return _words("Flagged")
            case MessageColumn.ATTACHMENT:
                return _words("Attachment")
            case MessageColumn.SUBJECT:
                return _words("Subject")
            case MessageColumn.CORRESPONDENT:
                return _words("Recipients") if recipients else _words("From")
            case MessageColumn.DATE:
                return _words("Date")
            case MessageColumn.SIZE:
                return _words("Size")

    def _content(self, row: MessageRow) -> str:
        if row.header_only:
            return _words("Only its header is on this computer")
        return _words("Attachment") if row.has_attachment else ""

    def _whole_row(self, row: MessageRow, *, recipients: bool) -> str:
        marks = (
            (row.unread, _words("Unread")),
            (bool(row.flags & Flag.FLAGGED), _words("Flagged")),
            (row.has_attachment, _words("Attachment")),
            (row.header_only, _words("Only its header is on this computer")),
            (bool(row.flags & Flag.ANSWERED), _words("Replied")),
            (bool(row.flags & Flag.FORWARDED), _words("Forwarded")),
        )
        said = [word for is_set, word in marks if is_set]
        return ", ".join(
            [*said, correspondent(row, recipients=recipients), subject(row), self.short_date(row.when)]
        )


def _words(text: str) -> str:
    return QCoreApplication.translate("MessageList", text)
