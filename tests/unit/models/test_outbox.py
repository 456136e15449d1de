from __future__ import annotations

import pytest

from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.domain.outgoing import OutboxItem, OutboxState
from qtmail.models.outbox import OutboxModel, needs_attention
from tests.fakes.outbox_items import accepted, outbox_item, refused


class Outbox:
    def __init__(self) -> None:
        self.items: list[OutboxItem] = [outbox_item(1), outbox_item(2, OutboxState.SENDING)]

    def read(self, done) -> None:
        done(list(self.items))


@pytest.fixture
def outbox():
    return Outbox()


@pytest.fixture
def model(qapp, outbox):
    model = OutboxModel(outbox.read, lambda item: item.subject)
    model.load()
    return model


def test_the_model_keeps_qt_s_rules(model, qtmodeltester):
    qtmodeltester.check(model)


def test_it_follows_changes_of_the_outbox_and_of_nothing_else(model, outbox, qtbot):
    outbox.items.append(outbox_item(3))
    model.apply(StoreChange(frozenset({ChangeKind.DRAFTS, ChangeKind.COUNTS})))
    assert model.rowCount() == 2
    with qtbot.waitSignal(model.followed):
        model.apply(StoreChange(frozenset({ChangeKind.OUTBOX})))
    assert model.rowCount() == 3


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (outbox_item(1), False),
        (outbox_item(1, OutboxState.ACCEPTED), False),
        (outbox_item(1, OutboxState.FAILED), True),
        (outbox_item(1, OutboxState.UNCERTAIN), True),
        (
            outbox_item(
                1, OutboxState.FILED, recipients=(accepted("a@x"), refused("b@x")), acknowledged=False
            ),
            True,
        ),
        (
            outbox_item(1, OutboxState.ACCEPTED, recipients=(accepted("a@x"), refused("b@x"))),
            False,
        ),
    ],
)
def test_what_only_the_user_can_decide_is_alarming(model, outbox, item, expected):
    assert needs_attention(item) is expected
    outbox.items[:] = [item, outbox_item(2)]
    model.load()
    assert model.alarming is expected
