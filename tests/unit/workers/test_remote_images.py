import threading

import pytest
from PySide6.QtCore import QCoreApplication

from qtmail.errors import QtmailError
from qtmail.protocols.remote_image import RemoteImage
from qtmail.workers import remote_images
from qtmail.workers.remote_images import THREADS, RemoteImages


@pytest.fixture
def images(qtbot):
    images = RemoteImages()
    yield images
    images.stop()


def test_a_picture_is_brought_to_the_gui_thread(qtbot, images, monkeypatch):
    monkeypatch.setattr(remote_images, "fetch_image", lambda url: RemoteImage(url.encode(), "image/png"))
    answers = []
    images.fetch("a", lambda *answer: answers.append((*answer, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(answers), timeout=5000)
    assert answers == [(b"a", "image/png", threading.main_thread())]


def test_neither_a_fault_nor_a_bug_costs_a_thread(qtbot, images, monkeypatch, caplog):
    def fetch(url):
        raise QtmailError("It is gone.") if url == "fault" else ValueError("a bug")

    monkeypatch.setattr(remote_images, "fetch_image", fetch)
    answers = []
    for number in range(4 * THREADS):
        images.fetch("fault" if number % 2 else "bug", lambda *answer: answers.append(answer))
    qtbot.waitUntil(lambda: len(answers) == 4 * THREADS, timeout=5000)
    assert set(answers) == {(None, "")}
    assert "ValueError" in caplog.text


def test_after_the_end_nothing_is_fetched_or_told(qtbot, monkeypatch):
    images = RemoteImages()
    gate, fetched, answers = threading.Event(), [], []

    def fetch(url):
        fetched.append(url)
        gate.wait(5)
        return RemoteImage(b"", "image/png")

    monkeypatch.setattr(remote_images, "fetch_image", fetch)
    for number in range(3 * THREADS):
        images.fetch(str(number), lambda *answer: answers.append(answer))
    qtbot.waitUntil(lambda: len(fetched) == THREADS, timeout=5000)
    images.stop()
    gate.set()
    for thread in images._threads:
        thread.join(5)
    QCoreApplication.processEvents()
    assert len(fetched) == THREADS and answers == []
