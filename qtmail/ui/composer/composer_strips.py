"""The words of the strips above the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtWidgets import QWidget

from qtmail.errors import QtmailError
from qtmail.mime.reminders import Reminder
from qtmail.ui.shared.dates import long_date
from qtmail.ui.shared.notice_strip import NoticeAction, NoticeArea, NoticeStrip, Tone
from qtmail.ui.shared.theme import Theme

Act = Callable[[], None]


class ComposerStrips(NoticeArea):
    """One method for each thing that may have to be said to somebody who writes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setContentsMargins(16, 8, 16, 0)

    def ask_before_sending(self, reminders: Sequence[Reminder], attach: Act, send: Act) -> NoticeStrip:
        """What is perhaps not as the writer wants it; asked once."""
        sentences = {
            Reminder.MISSING_ATTACHMENT: self.tr("You wrote about an attachment, but there is none."),
            Reminder.EMPTY_SUBJECT: self.tr("There is no subject."),
            Reminder.MANY_RECIPIENTS: self.tr("Very many people will see each other's addresses."),
            Reminder.OUTSIDERS: self.tr(
                "Somebody from outside will get this answer to a message from inside."
            ),
        }
        actions: list[NoticeAction] = []
        if Reminder.MISSING_ATTACHMENT in reminders:
            actions.append((self.tr("Attach…"), self._closing("reminder", attach)))
        actions.append((self.tr("Send anyway"), self._closing("reminder", send)))
        words = " ".join(sentences[reminder] for reminder in reminders)
        return self.show_notice("reminder", words, tone=Tone.WARNING, actions=actions)

    def ask_about_size(self, sentence: str, send: Act) -> None:
        """The server is known not to take so much."""
        actions = [(self.tr("Send anyway"), self._closing("reminder", send))]
        self.show_notice("reminder", sentence, tone=Tone.WARNING, actions=actions)

    def ask_to_make_plain(self, make_plain: Act) -> None:
        words = self.tr("Plain text keeps the words; colours, pictures and other formatting go.")
        actions = [(self.tr("Make it plain"), self._closing("plain", make_plain))]
        self.show_notice("plain", words, actions=actions)

    def tell_restored(self, saved_at: int) -> None:
        """The text was saved by itself, and the window that held it is gone."""
        when = long_date(datetime.fromtimestamp(saved_at).astimezone())
        words = self.tr("This is what you were writing, as it was saved at {0}.").format(when)
        self.show_notice("restored", words)

    def tell_original_removed(self, restore: Act) -> None:
        words = self.tr("The original is not sent along.")
        self.show_notice(
            "original", words, actions=[(self.tr("Put it back"), self._closing("original", restore))]
        )

    def tell_sent_on(self) -> None:
        """A message that is redirected belongs to who wrote it."""
        words = self.tr("This message is sent on as it is. Say who it is for; its text cannot be changed.")
        self.show_notice("resent", words)

    def tell_planned(self, send_at: int, send: Act) -> None:
        """The message was taken out of the outbox, where it waited for its time."""
        when = long_date(datetime.fromtimestamp(send_at).astimezone())
        words = self.tr("This message was to be sent at {0}. “Send” sends it at once.").format(when)
        actions = [(self.tr("Send it then"), self._closing("planned", send))]
        self.show_notice("planned", words, actions=actions)

    def tell_sending(self, cancel: Act) -> None:
        words = self.tr("The message is being prepared…")
        actions = [(self.tr("Cancel"), cancel)]
        self.show_notice("sending", words, actions=actions, closable=False)

    def tell_cannot_send(self, faults: Sequence[str]) -> None:
        """Something keeps the message from being sent; the text stays."""
        self.show_notice("sending", " ".join(faults), tone=Tone.DANGER)

    def tell_not_sent(self, error: QtmailError, again: Act) -> None:
        words = self.tr("The message was not sent. {0}").format(error)
        actions = [(self.tr("Try again"), self._closing("sending", again))]
        self.show_notice("sending", words, tone=Tone.DANGER, actions=actions)

    def tell_not_saved(self, error: QtmailError, again: Act) -> None:
        words = self.tr("What you wrote could not be saved, so this window stays open. {0}").format(error)
        actions = [(self.tr("Try again"), self._closing("saving", again))]
        self.show_notice("saving", words, tone=Tone.DANGER, actions=actions)

    def tell_failure(self, error: QtmailError) -> None:
        """Something the user asked for did not work."""
        self.show_notice("failure", str(error), tone=Tone.WARNING)

    def _closing(self, key: str, act: Act) -> Act:
        def close_and_act() -> None:
            self.remove(key)
            act()

        return close_and_act
