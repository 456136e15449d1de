import threading

from qtmail.engine import stopping
from qtmail.engine.stopping import wait_by_clock


class Clock:
    """The two clocks of a computer that sleeps for an hour during the first wait."""

    def __init__(self):
        self.wall, self.steady = 1_000_000.0, 5.0
        self.waits = []

    def wait(self, seconds):
        self.waits.append(seconds)
        self.wall += 3600
        self.steady += seconds
        return False


def test_time_asleep_counts(monkeypatch):
    clock = Clock()
    event = threading.Event()
    monkeypatch.setattr("qtmail.engine.stopping.time.time", lambda: clock.wall)
    monkeypatch.setattr("qtmail.engine.stopping.time.monotonic", lambda: clock.steady)
    monkeypatch.setattr(event, "wait", clock.wait)
    assert wait_by_clock(event, 300.0) is False
    assert clock.waits == [stopping.SLICE_SECONDS]


def test_a_clock_that_is_set_back_does_not_lengthen_the_wait(monkeypatch):
    clock = Clock()
    event = threading.Event()

    def wait(seconds):
        clock.waits.append(seconds)
        clock.steady += seconds
        clock.wall -= 86_400

    monkeypatch.setattr("qtmail.engine.stopping.time.time", lambda: clock.wall)
    monkeypatch.setattr("qtmail.engine.stopping.time.monotonic", lambda: clock.steady)
    monkeypatch.setattr(event, "wait", wait)
    assert wait_by_clock(event, 40.0) is False
    assert sum(clock.waits) == 40.0


def test_it_ends_when_it_is_woken():
    event = threading.Event()
    thread = threading.Thread(target=event.set)
    thread.start()
    assert wait_by_clock(event, 60.0) is True
    thread.join()
