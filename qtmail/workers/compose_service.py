"""What the user interface may ask about writing and sending. Every method returns at once; `done` and
`failed` are called on the GUI thread, and news of drafts and the outbox come through the bridge.
"""

from __future__ import annotations

import threading
import time

from qtmail.engine.stopping import wait_by_clock
from qtmail.store.store import Store
from qtmail.workers.draft_requests import DraftRequests
from qtmail.workers.identity_requests import IdentityRequests
from qtmail.workers.mail_service import MailService
from qtmail.workers.outbox_requests import OutboxRequests
from qtmail.workers.worker import Worker

SWEEP_SECONDS = 600
"""How often what was discarded, or is not needed any more, gives its room back."""
SAVE_SECONDS = 5.0
"""How long the end of the program may wait for what was written last. It takes milliseconds, unless the disk
is stalled; then the text is worth the wait."""
QUEUE_SECONDS = 0.5
"""How long it may wait for messages on their way into the outbox; their drafts are saved already."""
GIVE_UP_SECONDS = 0.2


class ComposeService(DraftRequests, IdentityRequests, OutboxRequests):
    """Drafts, the outbox, identities and the completion of addresses, for the window."""

    def __init__(self, store: Store, service: MailService) -> None:
        super().__init__(store, service)
        self._ending = threading.Event()
        self._sweeper = Worker("sweeper", self._keep_sweeping, store=store, crashed=_logged)

    def start(self) -> None:
        """Drop what was discarded long ago, and learn whom the user writes to."""
        self._sweeper.start()
        self._learn_correspondents()

    def stop(self) -> None:
        """End; what was handed over is on the disk by then.

        A message that could not be queued in time is a draft still, and is offered at the next start.
        """
        self._ending.set()
        self._learning.stop()
        self._saves.stop(SAVE_SECONDS)
        deadline = time.monotonic() + QUEUE_SECONDS
        self._queueing.stop(QUEUE_SECONDS)
        self._contents.stop(deadline - time.monotonic())
        self._stop_sending()
        self._drafting.end()
        for background in (self._queueing, self._contents):
            background.stop(GIVE_UP_SECONDS)
        self._lookups.stop(0.0)

    def _keep_sweeping(self) -> None:
        self._sweep()
        while not wait_by_clock(self._ending, SWEEP_SECONDS):
            self._sweep()


def _logged(_bug: BaseException) -> None:
    """The worker has logged it; sweeping goes on at the next start."""
