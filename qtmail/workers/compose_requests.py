"""What all parts of the compose service share: the threads, what they work with, and where news go."""

from __future__ import annotations

from qtmail.engine.correspondents import Correspondents
from qtmail.engine.drafting import Drafting
from qtmail.engine.outbox_control import OutboxControl
from qtmail.engine.reporting import problem_of
from qtmail.errors import QtmailError
from qtmail.store.store import Store
from qtmail.workers.background import Background
from qtmail.workers.mail_service import MailService


class ComposeRequests:
    """A part of the compose service.

    Work that writes little is never behind work that writes much, and what one asks for while typing is
    behind neither:

        saves       drafts, identities, what the user does with the outbox
        contents    what is pasted or forwarded, and the sweep
        queueing    messages on their way into the outbox
        lookups     reading: completion, lists

    Attributes:
        bridge: where news come from.
    """

    def __init__(self, store: Store, service: MailService) -> None:
        self.bridge = service.bridge
        self._store = store
        self._service = service
        self._drafting = Drafting(store)
        self._control = OutboxControl(store)
        self._correspondents = Correspondents(store)
        self._saves = Background("drafts", store)
        self._contents = Background("contents", store)
        self._queueing = Background("queueing", store)
        self._lookups = Background("lookups", store)

    def _nudge(self, _result: object = None) -> None:
        """The attending sessions have a draft to put on the server, or to take away."""
        self._service.nudge()

    def _say(self, error: QtmailError) -> None:
        self.bridge.post(problem_of(error))

    @staticmethod
    def _nothing(_result: object) -> None:
        """Nobody waits for the end of it."""
