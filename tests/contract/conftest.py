from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.backends import (
    Desk,
    DovecotWay,
    FaultyWay,
    ImapWay,
    MemoryImapWay,
    MemoryPop3Way,
    Pop3Way,
    Way,
    WiredWay,
)
from tests.end2end.dovecot import Dovecot
from tests.fakes.mailbox_server import MailboxServer

WIRED: dict[str, Callable[[ExitStack], WiredWay]] = {
    "imap": lambda stack: ImapWay(stack.enter_context(MailboxServer())),
    "pop3": lambda stack: stack.enter_context(Pop3Way.open()),
}
OPENERS: dict[str, Callable[[ExitStack], FaultyWay]] = {
    **WIRED,
    "imap-in-memory": lambda stack: MemoryImapWay(),
    "pop3-in-memory": lambda stack: MemoryPop3Way(),
}


@pytest.fixture(params=[*OPENERS, "dovecot-imap", "dovecot-pop3"])
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    """Every kind of server there is."""
    if request.param in OPENERS:
        with ExitStack() as stack:
            yield OPENERS[request.param](stack)
    else:
        dovecot: Dovecot = request.getfixturevalue("dovecot")
        yield DovecotWay(dovecot, pop3=request.param.endswith("pop3"))


@pytest.fixture(params=OPENERS)
def faulty(request: pytest.FixtureRequest) -> Iterator[FaultyWay]:
    """Every kind of server that can be made to fail."""
    with ExitStack() as stack:
        yield OPENERS[request.param](stack)


@pytest.fixture(params=WIRED)
def wired(request: pytest.FixtureRequest) -> Iterator[WiredWay]:
    """Those of them that are reached over a line."""
    with ExitStack() as stack:
        yield WIRED[request.param](stack)


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[Way], Desk]]:
    """Starts the program with an account at a server; each time as if it had never run."""
    numbers = itertools.count()
    with ExitStack() as stack:

        def begin_one(way: Way) -> Desk:
            desk = Desk(way, tmp_path / f"profile-{next(numbers)}")
            stack.callback(lambda: desk.store.close())
            return desk

        yield begin_one


@pytest.fixture
def desk(begin: Callable[[Way], Desk], way: Way) -> Desk:
    return begin(way)
