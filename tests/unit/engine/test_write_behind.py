import threading

import pytest

from qtmail.engine.write_behind import WriteBehind
from qtmail.errors import StoreFailed


def test_work_runs_beside_and_its_result_comes_before_the_next(store):
    gate = threading.Event()
    with WriteBehind[str](store) as behind:
        assert list(behind.take()) == []
        behind.put(lambda: "first" if gate.wait(5) else "never")
        gate.set()
        assert list(behind.take()) == ["first"]
        assert list(behind.take()) == []


def test_a_fault_comes_with_the_result(store):
    def fail() -> str:
        raise StoreFailed("The disk is full.")

    with WriteBehind[str](store) as behind:
        behind.put(fail)
        with pytest.raises(StoreFailed):
            list(behind.take())


def test_what_was_begun_is_finished_when_something_else_fails(store):
    finished = []
    with pytest.raises(ValueError), WriteBehind[None](store) as behind:
        behind.put(lambda: finished.append(1))
        raise ValueError
    assert finished == [1]
