"""Waiting for news (IDLE, RFC 2177) with an eye on the clock.

A computer that slept wakes to a line that looks open and may be long dead: the server, or a router on the
way, has forgotten it. Sleep shows as wall-clock time that passed beyond the wait; then the server must
answer soon or not at all.
"""

from __future__ import annotations

import time

from qtmail.protocols.imap_dialogue import Dialogue
from qtmail.protocols.wake import Wake

SLICE_SECONDS = 20.0
"""How long one wait lasts, so that sleep is noticed soon after it ends."""
SLEPT_SECONDS = 10.0
"""Wall-clock time beyond the wait from which on the computer is taken to have slept."""
PROBE_SECONDS = 8.0
"""How long the server may take to answer after that."""


def idle(dialogue: Dialogue, wake: Wake, limit: float) -> None:
    """Wait until something changes in the folder, `wake` is set, or `limit` seconds have passed.

    Raises ConnectionFailed if the line broke in the meantime.
    """
    dialogue.settle()
    if dialogue.updates.waiting or wake.is_set:
        return
    pending = dialogue.submit(b"IDLE", doing="announce new mail")
    if not dialogue.await_continuation(pending):
        pending.check()
        return
    slept = _wait(dialogue, wake, limit)
    before = dialogue.stream.set_timeout(PROBE_SECONDS) if slept else None
    dialogue.send_line(b"DONE")
    dialogue.complete(pending)
    if before is not None:
        dialogue.stream.set_timeout(before)


def _wait(dialogue: Dialogue, wake: Wake, limit: float) -> bool:
    """Take in what the server says until it matters; True if the computer slept on the way."""
    deadline = time.monotonic() + limit
    while not (wake.is_set or dialogue.updates.waiting):
        if (remaining := deadline - time.monotonic()) <= 0:
            break
        pause = min(SLICE_SECONDS, remaining)
        began = time.time()
        if dialogue.stream.wait_for_line(pause, wake):
            dialogue.take_in()
        elif time.time() - began > pause + SLEPT_SECONDS:
            dialogue.log.note("the computer seems to have slept: asking the server for a sign of life")
            return True
    return False
