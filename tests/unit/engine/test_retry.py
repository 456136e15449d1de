from qtmail.engine.retry import LONGEST_DELAY, Backoff


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def test_delays_double_up_to_five_minutes():
    backoff = Backoff(uniform=middle)
    delays = [backoff.failed() for _ in range(10)]
    assert delays[:4] == [2, 4, 8, 16]
    assert delays[-1] == LONGEST_DELAY


def test_success_starts_over():
    backoff = Backoff(uniform=middle)
    backoff.failed()
    backoff.failed()
    backoff.succeeded()
    assert backoff.failed() == 2


def test_jitter_stays_within_a_quarter():
    assert 1.5 <= Backoff().failed() <= 2.5
