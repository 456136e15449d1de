"""What most commands need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.cli.context import choose_account
from qtmail.errors import UsageError
from qtmail.store.store import Store
from tests.unit.store.values import ACCOUNT, add_account


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        yield opened


def test_the_only_account_needs_no_name(store: Store):
    with pytest.raises(UsageError, match="no account"):
        choose_account(store, None)
    only = add_account(store)
    assert choose_account(store, None) == only
    assert choose_account(store, only.address) == only


def test_of_several_one_has_to_be_named(store: Store):
    add_account(store)
    second = add_account(store, replace(ACCOUNT, address="li@example.cn"))
    with pytest.raises(UsageError, match="2 accounts"):
        choose_account(store, None)
    assert choose_account(store, "LI@example.cn") == second
