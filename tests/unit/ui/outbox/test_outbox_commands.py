from __future__ import annotations

import pytest

from qtmail.domain.outgoing import OutboxState
from qtmail.ui.outbox.outbox_commands import OutboxCommand, OutboxCommands, possible_commands
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.outbox_items import accepted, outbox_item, refused

Command = OutboxCommand
PARTLY = (accepted("a@x"), refused("b@x"))


@pytest.mark.parametrize(
    ("item", "commands"),
    [
        (outbox_item(1, OutboxState.HELD), (Command.SEND_NOW, Command.EDIT, Command.CANCEL)),
        (outbox_item(1, OutboxState.QUEUED), (Command.RETRY, Command.EDIT, Command.CANCEL)),
        (outbox_item(1, OutboxState.QUEUED, draft_id=None), (Command.RETRY, Command.CANCEL)),
        (outbox_item(1, OutboxState.FAILED), (Command.EDIT, Command.RETRY, Command.CANCEL)),
        (outbox_item(1, OutboxState.SENDING), ()),
        (outbox_item(1, OutboxState.UNCERTAIN), (Command.ARRIVED, Command.SEND_AGAIN)),
        (outbox_item(1, OutboxState.ACCEPTED), (Command.RETRY,)),
        (
            outbox_item(1, OutboxState.FILED, recipients=PARTLY, acknowledged=False),
            (Command.EDIT_REFUSED, Command.ACKNOWLEDGE),
        ),
        (outbox_item(1, OutboxState.FILED, recipients=PARTLY), ()),
    ],
)
def test_each_state_allows_what_makes_sense_in_it(item, commands):
    assert possible_commands(item) == commands


def test_what_some_have_received_cannot_become_a_draft_again():
    item = outbox_item(1, OutboxState.QUEUED, recipients=(accepted("a@x"), *outbox_item().recipients))
    assert possible_commands(item) == (Command.RETRY, Command.GIVE_UP)


@pytest.fixture
def service(qapp):
    service = FakeComposeService()
    service.draft()
    service.items = [outbox_item(1), outbox_item(2, OutboxState.HELD), outbox_item(3)]
    return service


def test_a_message_taken_back_to_be_edited_is_to_be_opened(service, qtbot):
    commands = OutboxCommands(service)
    with qtbot.waitSignal(commands.draft_wanted) as wanted:
        commands.run(Command.EDIT, service.items[0])
    assert wanted.args[0].id == 1
    assert [item.id for item in service.items] == [2, 3]


def test_one_that_cannot_be_taken_back_is_said_so(service, qtbot):
    commands = OutboxCommands(service)
    with qtbot.waitSignal(commands.failed) as failed:
        commands.run(Command.EDIT, outbox_item(9))
    assert failed.args[0].sentence == "This message can no longer be edited."


def test_sending_the_queue_leaves_held_messages_alone(service):
    OutboxCommands(service).send_queued(service.items)
    assert service.retried == [1, 3]


def test_the_user_s_word_on_an_uncertain_message_is_passed_on(service):
    commands = OutboxCommands(service)
    commands.run(Command.ARRIVED, outbox_item(4, OutboxState.UNCERTAIN))
    commands.run(Command.SEND_AGAIN, outbox_item(5, OutboxState.UNCERTAIN))
    assert service.resolved == [(4, True), (5, False)]
