"""Reading a message makes no network request, whatever the message asks for.

The pages in tests/corpus/leaks ask for something in every way we know. Each is shown twice: as a message,
through the sanitiser, and as it is, handed to the web page past the sanitiser, so that the walls behind it
are tested too. A server on the loopback interface must see no connection. That it would see them is shown by
a browser without walls, which loads the same pages afterwards: what it asks for also bounds how long the
protected pages had to ask.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
import shiboken6
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtmail.ui.message_view.html_view import HtmlView
from qtmail.ui.message_view.message_parts import MessageParts
from qtmail.ui.message_view.message_resources import MessageResources
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.message_view.web_environment import FLAGS_VARIABLE
from qtmail.ui.shared.theme import Theme
from tests.fakes.reading import (
    WEB_ENGINE_CHATTER,
    NotingDesktop,
    NotingFetcher,
    html_message,
    show_and_wait,
)
from tests.fakes.spy_server import SpyServer

PAGES = sorted((Path(__file__).parent.parent / "corpus" / "leaks").glob("*.html"))
VECTOR = re.compile(r"\{(?:http|tls|name|authority|port)\}")
FEWEST_CONTROL_REQUESTS = 60

pytestmark = pytest.mark.qt_log_ignore(WEB_ENGINE_CHATTER, extend=True)


Shown = TypeVar("Shown", bound=QWidget)


class Show(Protocol):
    def __call__(self, widget: Shown) -> Shown: ...


@pytest.fixture
def spy() -> Iterator[SpyServer]:
    with SpyServer() as server:
        yield server


@pytest.fixture
def pane(qtbot: QtBot) -> Iterator[Show]:
    """Shows a widget that is deleted, at once and with its web page, when the test ends."""
    shown: list[QWidget] = []

    def show(widget: Shown) -> Shown:
        shown.append(widget)
        widget.show()
        return widget

    yield show
    for widget in shown:
        shiboken6.delete(widget)


def wait_for_unprotected_browser(qtbot: QtBot, directory: Path) -> None:
    """Show the same pages without our walls, and return when these have asked for most of what they can."""
    with SpyServer() as spy:
        paths = [directory / page.name for page in PAGES]
        for page, path in zip(PAGES, paths, strict=True):
            path.write_text(spy.fill(page.read_text("utf-8")), "utf-8")
        command = [sys.executable, "-m", "tests.end2end.unprotected_browser", *map(str, paths)]
        # Our own switches are in this process's environment, and would protect that browser too.
        environment = {name: value for name, value in os.environ.items() if name != FLAGS_VARIABLE}
        browser = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            qtbot.waitUntil(lambda: len(spy.paths) >= FEWEST_CONTROL_REQUESTS, timeout=60_000)
        finally:
            browser.communicate(timeout=20)


def assert_silent(spy: SpyServer) -> None:
    assert spy.paths == set()
    assert spy.connections == 0
    assert spy.datagrams == 0


def test_the_pages_try_enough_ways() -> None:
    vectors = sum(len(VECTOR.findall(page.read_text("utf-8"))) for page in PAGES)
    assert vectors >= 200


def test_messages_make_no_request(qtbot: QtBot, pane: Show, spy: SpyServer, tmp_path: Path) -> None:
    view = pane(MessageView(Theme()))
    for page in PAGES:
        message = html_message(spy.fill(page.read_text("utf-8")))
        assert message.html is not None
        show_and_wait(qtbot, view.body.web_view(), partial(view.show_message, message))
    wait_for_unprotected_browser(qtbot, tmp_path)
    assert_silent(spy)


def test_raw_pages_past_the_sanitiser_make_no_request(
    qtbot: QtBot, pane: Show, spy: SpyServer, tmp_path: Path
) -> None:
    view = pane(HtmlView())
    for page in PAGES:
        raw = spy.fill(page.read_text("utf-8"))
        resources = MessageResources(MessageParts(html_message("")))
        show_and_wait(qtbot, view, partial(view.show_document, raw, resources))
    wait_for_unprotected_browser(qtbot, tmp_path)
    assert_silent(spy)
    assert view.blocker.blocked > 0


def test_allowed_pictures_come_through_the_fetcher_alone(qtbot: QtBot, pane: Show, spy: SpyServer) -> None:
    fetcher = NotingFetcher()
    view = pane(MessageView(Theme(), fetcher=fetcher))
    html = (
        '<img src="{http}/one"><p style="background:url({http}/two)">x</p><iframe src="{http}/no"></iframe>'
    )
    show_and_wait(qtbot, view.body.web_view(), lambda: view.show_message(html_message(spy.fill(html))))
    assert fetcher.urls == []
    strip = view.notices.notice("remote")
    assert strip is not None
    button = strip.button("Show once")
    assert button is not None
    show_and_wait(qtbot, view.body.web_view(), button.click)
    qtbot.waitUntil(lambda: len(fetcher.urls) == 2)
    assert sorted(fetcher.urls) == [spy.fill("{http}/one"), spy.fill("{http}/two")]
    assert view.notices.notice("remote") is None
    assert_silent(spy)


def test_links_reach_nobody_until_they_are_clicked(qtbot: QtBot, pane: Show, spy: SpyServer) -> None:
    desktop = NotingDesktop()
    view = pane(MessageView(Theme(), desktop=desktop))
    html = spy.fill('<a href="{http}/target" ping="{http}/ping">a link</a>')
    show_and_wait(qtbot, view.body.web_view(), lambda: view.show_message(html_message(html)))
    view.body.web_view().page.link_activated.emit(spy.fill("{http}/target"))
    assert view.notices.notice("link") is not None  # an address without a name is doubted first
    assert desktop.links == []
    assert_silent(spy)
