"""What the user can do to a message that is on its way out."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from qtmail.domain.outgoing import OutboxItem, OutboxState, RecipientState

if TYPE_CHECKING:
    from qtmail.workers.compose_service import ComposeService


class OutboxCommand(Enum):
    """One thing to do to one item."""

    SEND_NOW = auto()
    """Do not wait for the time the item is held until."""
    RETRY = auto()
    """Do not wait for the next try, of sending or of filing the copy."""
    EDIT = auto()
    """Take it back and open it in the composer."""
    EDIT_REFUSED = auto()
    """Write again to those whom the server refused."""
    ARRIVED = auto()
    """The user knows that an uncertain message was delivered."""
    SEND_AGAIN = auto()
    """The user knows that it was not, or prefers two to none."""
    ACKNOWLEDGE = auto()
    """The user has seen who was refused."""
    CANCEL = auto()
    """Take it back; it is a draft again."""
    GIVE_UP = auto()
    """Some have it already: do not try to reach the others any more."""


def possible_commands(item: OutboxItem) -> tuple[OutboxCommand, ...]:
    """What can be done to an item in its state, the likeliest first."""
    command = OutboxCommand
    match item.state:
        case OutboxState.HELD | OutboxState.QUEUED | OutboxState.FAILED if some_accepted(item):
            # It cannot become a draft again: who has it would get it twice.
            return (command.RETRY, command.GIVE_UP)
        case OutboxState.HELD:
            return (command.SEND_NOW, *_editing(item), command.CANCEL)
        case OutboxState.QUEUED:
            return (command.RETRY, *_editing(item), command.CANCEL)
        case OutboxState.FAILED:
            return (*_editing(item), command.RETRY, command.CANCEL)
        case OutboxState.UNCERTAIN:
            return (command.ARRIVED, command.SEND_AGAIN)
        case OutboxState.ACCEPTED | OutboxState.FILED if item.refused and not item.acknowledged:
            return (command.EDIT_REFUSED, command.ACKNOWLEDGE)
        case OutboxState.ACCEPTED:
            return (command.RETRY,)
        case _:
            return ()


def some_accepted(item: OutboxItem) -> bool:
    """Whether the server has taken it for some of its recipients."""
    return any(one.state is RecipientState.ACCEPTED for one in item.recipients)


def _editing(item: OutboxItem) -> tuple[OutboxCommand, ...]:
    return (OutboxCommand.EDIT,) if item.draft_id is not None else ()


def command_text(command: OutboxCommand) -> str:
    """What a button or menu says for a command."""
    match command:
        case OutboxCommand.SEND_NOW:
            return _words("Send now")
        case OutboxCommand.RETRY:
            return _words("Try again now")
        case OutboxCommand.EDIT:
            return _words("Edit")
        case OutboxCommand.EDIT_REFUSED:
            return _words("Write to those refused")
        case OutboxCommand.ARRIVED:
            return _words("It arrived")
        case OutboxCommand.SEND_AGAIN:
            return _words("Send again")
        case OutboxCommand.ACKNOWLEDGE:
            return _words("OK")
        case OutboxCommand.CANCEL:
            return _words("Cancel sending")
        case OutboxCommand.GIVE_UP:
            return _words("Give up the others")


def command_hint(command: OutboxCommand) -> str:
    """What a command does, where its name does not say it all; else ""."""
    match command:
        case OutboxCommand.EDIT:
            return _words("Takes the message back and opens it")
        case OutboxCommand.EDIT_REFUSED:
            return _words("Opens a copy of the message, addressed to those the server refused")
        case OutboxCommand.ARRIVED:
            return _words("The message is done with and is filed in Sent")
        case OutboxCommand.SEND_AGAIN:
            return _words("If the first one was delivered after all, the recipients get two")
        case OutboxCommand.ACKNOWLEDGE:
            return _words("You have seen who was refused")
        case OutboxCommand.CANCEL:
            return _words("Takes the message back to your drafts")
        case OutboxCommand.GIVE_UP:
            return _words("The recipients who do not have it yet will not get it")
        case _:
            return ""


class OutboxCommands(QObject):
    """Carries commands out through the compose service.

    Signals:
        draft_wanted: a message was taken back and is to be opened; carries its `Draft`.
        failed: it could not be; carries the `QtmailError`.
    """

    draft_wanted = Signal(object)
    failed = Signal(object)

    def __init__(self, service: ComposeService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service

    def run(self, command: OutboxCommand, item: OutboxItem) -> None:
        service = self._service
        match command:
            case OutboxCommand.SEND_NOW:
                service.send_now(item.id)
            case OutboxCommand.RETRY:
                service.retry(item.id)
            case OutboxCommand.EDIT | OutboxCommand.EDIT_REFUSED:
                service.edit(item.id, self.draft_wanted.emit, self.failed.emit)
            case OutboxCommand.ARRIVED:
                service.resolve_uncertain(item.id, True)
            case OutboxCommand.SEND_AGAIN:
                service.resolve_uncertain(item.id, False)
            case OutboxCommand.ACKNOWLEDGE:
                service.acknowledge(item.id)
            case OutboxCommand.CANCEL | OutboxCommand.GIVE_UP:
                service.cancel(item.id)

    def send_queued(self, items: Iterable[OutboxItem]) -> None:
        """Try every queued message now; one that the user holds for a later time stays held."""
        for item in items:
            if item.state is OutboxState.QUEUED:
                self.run(OutboxCommand.RETRY, item)


def _words(text: str) -> str:
    return QCoreApplication.translate("Outbox", text)
