from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.domain.account import Account
from qtmail.domain.events import StoreChange
from qtmail.domain.folder import Folder
from qtmail.store.store import Store
from tests.unit.store.values import add_account, add_folders


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def store(profile: Path) -> Iterator[Store]:
    with Store.open(profile) as opened:
        yield opened


@pytest.fixture
def account(store: Store) -> Account:
    return add_account(store)


@pytest.fixture
def owner(account: Account) -> int:
    """The id of the account."""
    return account.id


@pytest.fixture
def folder(store: Store, account: Account) -> Folder:
    return add_folders(store, account.id)[0]


@pytest.fixture
def changes(store: Store) -> list[StoreChange]:
    """Every change published since the store was opened, in order."""
    published: list[StoreChange] = []
    store.subscribe(published.append)
    return published
