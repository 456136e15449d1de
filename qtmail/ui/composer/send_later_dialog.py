"""Asks when a message is to be sent: a few sensible times, or any other."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from PySide6.QtCore import QCoreApplication, QDateTime, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QDateTimeEdit,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.ui.shared.dates import long_date

_EVENING = time(19, 0)
_MORNING = time(8, 0)


def choices(now: datetime) -> list[tuple[str, datetime]]:
    """Sensible times from `now` (aware, local) on, each with its name; none comes twice, none is past."""
    say = QCoreApplication.translate
    tomorrow = now.date() + timedelta(days=1)
    monday = now.date() + timedelta(days=7 - now.weekday())
    wanted = [
        (say("SendLater", "In one hour"), now.replace(microsecond=0) + timedelta(hours=1)),
        (say("SendLater", "This evening"), _local(datetime.combine(now.date(), _EVENING))),
        (say("SendLater", "Tomorrow morning"), _local(datetime.combine(tomorrow, _MORNING))),
        (say("SendLater", "Monday morning"), _local(datetime.combine(monday, _MORNING))),
    ]
    result: list[tuple[str, datetime]] = []
    for name, when in wanted:
        if when > now and all(when != other for _, other in result):
            result.append((name, when))
    return result


def _local(when: datetime) -> datetime:
    """A local time of day with its offset from UTC, which may be another on another day."""
    return when.astimezone()


class SendLaterDialog(QDialog):
    """A choice of times; `when` is the one chosen."""

    def __init__(self, now: datetime | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Send later"))
        self._now = (now or datetime.now()).astimezone()
        self._group = QButtonGroup(self)
        self._times: list[datetime] = []
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(QLabel(self.tr("When should this message be sent?")))
        for name, when in choices(self._now):
            self._add(layout, f"{name}  ({long_date(when, now=self._now)})", when)
        self._edit = QDateTimeEdit(QDateTime.currentDateTime().addSecs(2 * 3600))
        self._edit.setCalendarPopup(True)
        self._edit.setDisplayFormat("ddd, d MMM yyyy  HH:mm")
        self._edit.setMinimumDateTime(QDateTime.currentDateTime())
        self._edit.setAccessibleName(self.tr("Date and time"))
        row = QHBoxLayout()
        self._own = QRadioButton(self.tr("At"))
        self._group.addButton(self._own, -2)
        row.addWidget(self._own)
        row.addWidget(self._edit, 1)
        layout.addLayout(row)
        self._edit.dateTimeChanged.connect(lambda _when: self._own.setChecked(True))
        hint = QLabel(
            self.tr("qtmail has to be running then; if it is not, the message goes when it starts.")
        )
        hint.setWordWrap(True)
        hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        layout.addWidget(hint)
        layout.addWidget(self._buttons())
        self._group.button(0).setChecked(True)

    def when(self) -> datetime:
        """The chosen time, aware."""
        number = self._group.checkedId()
        if number >= 0:
            return self._times[number]
        return datetime.fromtimestamp(self._edit.dateTime().toSecsSinceEpoch()).astimezone()

    def _add(self, layout: QVBoxLayout, text: str, when: datetime) -> None:
        button = QRadioButton(text)
        self._group.addButton(button, len(self._times))
        self._times.append(when)
        layout.addWidget(button)

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        send = box.addButton(self.tr("Send later"), QDialogButtonBox.ButtonRole.AcceptRole)
        send.setDefault(True)
        send.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box
