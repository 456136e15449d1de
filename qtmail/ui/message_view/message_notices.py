"""The words of the strips above a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from qtmail.mime.message import Attachment, ParsedMessage
from qtmail.ui.message_view.link_check import Doubt, LinkCheck
from qtmail.ui.message_view.sandbox import MissingSandbox
from qtmail.ui.shared.notice_strip import NoticeArea, Tone
from qtmail.ui.shared.theme import Theme

MOST_PROBLEMS = 3
"""Further problems of a message are only counted."""

_URL_SHOWN = 120
"""Characters of an address that a strip shows."""


class MessageNotices(NoticeArea):
    """One method for each thing that may have to be said about the message on display."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setContentsMargins(20, 0, 20, 10)

    def tell_remote_content(
        self, count: int, sender: str, show_once: Callable[[], None], show_always: Callable[[], None]
    ) -> None:
        """Remote pictures were left out; `sender` is the address that could be trusted, or ""."""
        words = self.tr("Remote content was not loaded, so the sender does not learn that you read this")
        pictures = self.tr("1 item") if count == 1 else self.tr("{0} items").format(count)
        actions = [(self.tr("Show once"), show_once)]
        if sender:
            actions.append((self.tr("Always for {0}").format(sender), show_always))
        self.show_notice("remote", f"{words} ({pictures}).", actions=actions)

    def tell_problems(self, message: ParsedMessage) -> None:
        """What was wrong with the message, if anything was."""
        if not message.readable:
            words = self.tr("This message could not be read, so its source is shown.")
        elif message.problems:
            words = self.tr("This message is damaged; it is shown as far as it could be read.")
        else:
            return
        self.show_notice("problems", f"{words} {_listed(message.problems)}".rstrip(), tone=Tone.WARNING)

    def tell_draft(self, edit: Callable[[], None]) -> None:
        words = self.tr("This is a draft. It has not been sent.")
        self.show_notice("draft", words, actions=[(self.tr("Edit"), edit)], closable=False)

    def tell_header_only(self, size: str, download: Callable[[], None], delete: Callable[[], None]) -> None:
        """The message is on its server; `size` is that of the whole."""
        words = self.tr("Only the header of this message is here; {0} are on the server.").format(size)
        actions = [(self.tr("Download"), download), (self.tr("Delete on server"), delete)]
        self.show_notice("rest", words, actions=actions, closable=False)

    def tell_of_rest(self, words: str) -> None:
        """What becomes of the rest of the message, which the user has decided."""
        self.show_notice("rest", words, closable=False)

    def tell_delivery(self, words: str, tone: Tone) -> None:
        """What became of the message, which the user sent."""
        self.show_notice("delivery", words, tone=tone)

    def ask_for_receipt(
        self, sender: str, doubt: str, send: Callable[[], None], refuse: Callable[[], None]
    ) -> None:
        """`sender` wants to be told that the message was read; `doubt` is what is odd about that, or ""."""
        words = self.tr("{sender} asks to be told that you have read this message.").format(sender=sender)
        actions = [
            (self.tr("Send receipt"), self._closing("receipt", send)),
            (self.tr("Don't send"), self._closing("receipt", refuse)),
        ]
        tone = Tone.WARNING if doubt else Tone.INFO
        self.show_notice("receipt", f"{words} {doubt}".rstrip(), tone=tone, actions=actions)

    def tell_display_stopped(self, show_html: Callable[[], None]) -> None:
        words = self.tr("The display of this message stopped, so it is shown as plain text.")
        self.show_notice("stopped", words, tone=Tone.WARNING, actions=[(self.tr("Try again"), show_html)])

    def tell_missing_sandbox(self, missing: MissingSandbox) -> None:
        """HTML cannot be displayed on this system."""
        words = self.tr(
            "This message is shown as plain text: the system does not let qtmail lock in the display of HTML "
            "messages, and without that it is not used."
        )
        if missing is MissingSandbox.APPARMOR:
            advice = self.tr(
                "Install qtmail from its .deb package, which brings the permission (an AppArmor profile), "
                "and start it again."
            )
        else:
            advice = self.tr("Allow qtmail to use user namespaces, and start it again.")
        self.show_notice("sandbox", f"{words} {advice}", tone=Tone.WARNING)

    def tell_shortened(self, shown: str, whole: str, show_all: Callable[[], None]) -> None:
        words = self.tr("Only the first {0} of {1} of the text are shown.").format(shown, whole)
        self.show_notice(
            "shortened", words, actions=[(self.tr("Show all"), self._closing("shortened", show_all))]
        )

    def tell_failure(self, sentence: str) -> None:
        """Something the user asked for did not work."""
        self.show_notice("failure", sentence, tone=Tone.WARNING)

    def tell_done(self, sentence: str) -> None:
        """Something the user asked for is done, where nothing else shows it."""
        self.show_notice("failure", sentence)

    def ask_about_attachment(
        self, attachment: Attachment, open_it: Callable[[], None], save_it: Callable[[], None]
    ) -> None:
        words = self.tr(
            "“{0}” may run a program on your computer. Open it only if you expected it and trust the sender."
        ).format(attachment.filename)
        actions = [
            (self.tr("Open anyway"), self._closing("attachment", open_it)),
            (self.tr("Save…"), self._closing("attachment", save_it)),
        ]
        self.show_notice("attachment", words, tone=Tone.DANGER, actions=actions)

    def ask_about_link(
        self, check: LinkCheck, open_it: Callable[[], None], copy_it: Callable[[], None]
    ) -> None:
        words = f"{describe_doubts(check)} {self.tr('It leads to {0}.').format(check.host)}"
        actions = [
            (self.tr("Open {0}").format(check.host), self._closing("link", open_it)),
            (self.tr("Copy address"), self._closing("link", copy_it)),
        ]
        self.show_notice("link", words, tone=Tone.DANGER, actions=actions)

    def tell_refused_link(self, url: str) -> None:
        shown = url if len(url) <= _URL_SHOWN else url[:_URL_SHOWN] + "…"
        words = self.tr("This link is not one of the web, so it was not opened: {0}").format(shown)
        self.show_notice("link", words, tone=Tone.WARNING)

    def _closing(self, key: str, act: Callable[[], None]) -> Callable[[], None]:
        def close_and_act() -> None:
            self.remove(key)
            act()

        return close_and_act


def describe_doubts(check: LinkCheck) -> str:
    """Why a link is doubted, in a sentence or two."""
    say = QCoreApplication.translate
    sentences = {
        Doubt.OTHER_HOST: say(
            "LinkCheck", "The text of this link names {0}, but that is not where it goes."
        ).format(check.claimed_host),
        Doubt.USER_INFO: say("LinkCheck", "This link hides its real address behind a name before an @ sign."),
        Doubt.IP_ADDRESS: say(
            "LinkCheck", "This link goes to a computer that has a number instead of a name."
        ),
        Doubt.LOOK_ALIKE: say(
            "LinkCheck", "The address of this link uses letters that only look like Latin ones."
        ),
        Doubt.HIDDEN_CHARACTERS: say("LinkCheck", "This link contains invisible characters."),
    }
    return " ".join(sentence for doubt, sentence in sentences.items() if doubt in check.doubts)


def _listed(problems: Sequence[str]) -> str:
    told = " ".join(problems[:MOST_PROBLEMS])
    more = len(problems) - MOST_PROBLEMS
    if more <= 0:
        return told
    return f"{told} " + QCoreApplication.translate("MessageNotices", "And {0} more.").format(more)
