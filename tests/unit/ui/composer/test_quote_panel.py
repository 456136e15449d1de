"""The sealed original: folded it costs nothing, expanded it is shown as the reading pane shows it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest
import shiboken6
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from qtmail.domain.composition import DraftAttachment, Quote, QuoteKind
from qtmail.ui.composer.quote_panel import QuotePanel
from qtmail.ui.composer.quote_view import QuoteView
from qtmail.ui.message_view.text_view import TextView
from qtmail.ui.shared.immediate import Immediate
from qtmail.ui.shared.theme import Theme
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.reading import LOAD_LIMIT, PIXEL, WEB_ENGINE_CHATTER

QUOTE = Quote(QuoteKind.REPLY, "Bob wrote:", "<p>the <b>original</b></p>", "the original text")


class NotedView(QLabel):
    """Shows the text of a quote."""

    def show_quote(self, quote: Quote, attachments: Sequence[DraftAttachment]) -> None:
        self.setText(quote.text)


class Views:
    def __init__(self) -> None:
        self.made: list[NotedView] = []

    def __call__(self) -> NotedView:
        self.made.append(NotedView())
        return self.made[-1]


@pytest.fixture
def views() -> Views:
    return Views()


@pytest.fixture
def panel(theme: Theme, views: Views, qtbot: QtBot) -> QuotePanel:
    panel = QuotePanel(theme, views)
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def view(theme: Theme, service: FakeComposeService) -> Iterator[QuoteView]:
    view = QuoteView(theme, Immediate(), service)  # type: ignore[arg-type]
    view.resize(300, 200)
    view.show()
    yield view
    shiboken6.delete(view)


def test_without_a_quote_there_is_no_panel(panel: QuotePanel):
    panel.set_quote(None, ())
    assert panel.isHidden()


def test_the_view_is_made_when_it_is_wanted(panel: QuotePanel, views: Views):
    panel.set_quote(QUOTE, ())
    assert not panel.isHidden() and views.made == []
    toggle = panel.findChildren(QToolButton)[0]
    toggle.click()
    assert [view.text() for view in views.made] == ["the original text"]
    assert not views.made[0].isHidden()
    toggle.click()
    assert views.made[0].isHidden()
    toggle.click()
    assert len(views.made) == 1


def test_both_ways_out_are_offered(panel: QuotePanel, qtbot: QtBot):
    panel.set_quote(QUOTE, ())
    buttons = {button.text(): button for button in panel.findChildren(QPushButton)}
    with qtbot.waitSignal(panel.inline_wanted):
        buttons["Quote inline"].click()
    with qtbot.waitSignal(panel.remove_wanted):
        buttons["Remove"].click()


def test_a_text_original_needs_no_page(view: QuoteView):
    view.show_quote(Quote(QuoteKind.REPLY, "Bob wrote:", "", "just text"), ())
    assert view.findChildren(TextView)[0].toPlainText() == "just text"


@pytest.mark.qt_log_ignore(WEB_ENGINE_CHATTER)
def test_an_html_original_shows_the_pictures_that_travel_along(
    view: QuoteView, service: FakeComposeService, qtbot: QtBot
):
    from qtmail.ui.message_view.html_view import HtmlView  # noqa: PLC0415 - loads QtWebEngine

    picture = service.attachment("dot.gif", "image/gif", PIXEL, inline=True)
    quote = Quote(
        QuoteKind.REPLY,
        "Bob wrote:",
        f'<p id="p">original <img src="cid:{picture.content_id}"><img src="https://a.example/x.gif"></p>',
        "original",
    )
    asked: list[DraftAttachment] = []
    content = service.content

    def note(attachment, done, failed) -> None:
        asked.append(attachment)
        content(attachment, done, failed)

    service.content = note  # type: ignore[method-assign]
    view.show_quote(quote, (picture,))
    page = view.findChildren(HtmlView)[0]
    qtbot.waitUntil(lambda: asked == [picture], timeout=LOAD_LIMIT)
    page.select_all()
    qtbot.waitUntil(lambda: "original" in page.selected_text(), timeout=LOAD_LIMIT)


def test_importing_the_composer_loads_no_web_engine():
    code = (
        "import sys, qtmail.ui.composer.composers\n"
        "print([name for name in sys.modules if 'WebEngine' in name and 'qtmail' not in name])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"
