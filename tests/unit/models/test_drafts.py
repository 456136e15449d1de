from __future__ import annotations

import pytest

from qtmail.domain.composition import Composition, Draft
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.models.drafts import DraftsModel


@pytest.fixture
def drafts() -> list[Draft]:
    return [
        Draft(1, Composition(subject="Old"), 1, 100, 100),
        Draft(2, Composition(subject="New"), 3, 100, 300),
    ]


@pytest.fixture
def model(qapp, drafts):
    model = DraftsModel(lambda done: done(list(drafts)), lambda draft: draft.composition.subject)
    model.load()
    return model


def test_the_model_keeps_qt_s_rules(model, qtmodeltester):
    qtmodeltester.check(model)


def test_the_draft_saved_last_is_on_top(model):
    assert [draft.id for draft in model.values] == [2, 1]


def test_it_follows_changes_of_drafts(model, drafts):
    drafts.append(Draft(3, Composition(), 1, 400, 400))
    model.apply(StoreChange(frozenset({ChangeKind.OUTBOX})))
    assert model.rowCount() == 2
    model.apply(StoreChange(frozenset({ChangeKind.DRAFTS})))
    assert [draft.id for draft in model.values] == [3, 2, 1]
