"""HTML messages in the locked-down web page."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QBuffer, QIODevice, QPoint, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter
from PySide6.QtWebEngineCore import QWebEngineSettings
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from qtmail.domain.message import Envelope
from qtmail.mime.message import Attachment, ParsedMessage, Part
from qtmail.mime.parser import parse
from qtmail.ui.message_view.html_page import ALLOWED_ATTRIBUTES
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.shared.theme import Theme, ThemeMode
from tests.fakes.reading import (
    LOAD_LIMIT,
    WEB_ENGINE_CHATTER,
    NotingDesktop,
    NotingFetcher,
    NotingSenders,
    html_message,
    show_and_wait,
    text_message,
)

pytestmark = pytest.mark.qt_log_ignore(WEB_ENGINE_CHATTER, extend=True)

RED = '<div style="background:#ff0000;width:200px;height:100px;position:absolute;left:0;top:0">x</div>'


class Pane:
    """A reading pane with everything around it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.theme = Theme()
        self.desktop = NotingDesktop()
        self.fetcher = NotingFetcher()
        self.senders = NotingSenders()
        self.view = MessageView(self.theme, desktop=self.desktop, fetcher=self.fetcher, senders=self.senders)
        self.view.resize(700, 600)
        self.view.show()
        self.web = self.view.body.web_view()

    def show(self, message: ParsedMessage) -> None:
        show_and_wait(self.qtbot, self.web, lambda: self.view.show_message(message))

    def drawing_widget(self) -> QWidget:
        """The widget that Chromium draws in and that gets the mouse."""
        view = self.web.findChildren(QWebEngineView)[0]
        widget = view.focusProxy()
        assert widget is not None
        return widget

    def text(self) -> str:
        texts: list[str] = []
        self.web.page.toPlainText(texts.append)
        self.qtbot.waitUntil(lambda: bool(texts))
        return texts[0]

    def wait_for_color(self, position: QPoint, color: str) -> None:
        def painted() -> bool:
            return self.web.grab().toImage().pixelColor(position) == QColor(color)

        self.qtbot.waitUntil(painted, timeout=LOAD_LIMIT)

    def press(self, key: str, text: str) -> None:
        strip = self.view.notices.notice(key)
        assert strip is not None
        button = strip.button(text)
        assert button is not None
        button.click()


@pytest.fixture
def pane(qtbot: QtBot) -> Iterator[Pane]:
    pane = Pane(qtbot)
    yield pane
    shiboken6.delete(pane.view)


@pytest.fixture
def dark_window(pane: Pane, qapp: QApplication) -> Iterator[None]:
    pane.theme.apply(qapp, ThemeMode.DARK)
    yield
    pane.theme.apply(qapp, ThemeMode.LIGHT)


def message_with_picture(content: bytes | None) -> ParsedMessage:
    picture = Attachment("2", "red.png", "image/png", 100, "red", True, content)
    html = '<img src="cid:red" width="200" height="100" style="position:absolute;left:0;top:0">'
    root = Part("", "multipart/related", {}, children=(Part("2", "image/png", {}, content=content),))
    return ParsedMessage(Envelope("Picture"), (), root, "", html, (picture,), (), (), "", True, None)


def is_complete(pdf: Path) -> bool:
    return pdf.exists() and pdf.read_bytes().rstrip().endswith(b"%%EOF")


def red_picture() -> bytes:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff0000"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())


def test_a_message_is_shown(pane: Pane) -> None:
    pane.show(html_message(f"<p>你好 &amp; hello</p>{RED}"))
    assert "你好 & hello" in pane.text()
    assert pane.view.body.shows_html
    pane.wait_for_color(QPoint(100, 50), "#ff0000")


def test_everything_a_page_could_use_is_off(pane: Pane) -> None:
    settings = pane.web.page.settings()
    on = {a for a in QWebEngineSettings.WebAttribute if settings.testAttribute(a)}
    assert on <= ALLOWED_ATTRIBUTES
    assert QWebEngineSettings.WebAttribute.JavascriptEnabled not in on
    profile = pane.web.page.profile()
    assert profile.isOffTheRecord()
    assert profile.httpCacheType() == profile.HttpCacheType.NoCache


def test_the_header_is_for_paper_only(pane: Pane) -> None:
    pane.show(html_message("<p>body</p>", Subject="Subject on paper"))
    assert "Subject on paper" not in pane.text()


def test_an_inline_picture_is_shown(pane: Pane) -> None:
    pane.show(message_with_picture(red_picture()))
    pane.wait_for_color(QPoint(100, 50), "#ff0000")


def test_an_inline_picture_that_is_not_here_is_fetched(pane: Pane) -> None:
    wanted: list[str] = []
    pane.view.part_wanted.connect(wanted.append)
    pane.view.show_message(message_with_picture(None))
    pane.qtbot.waitUntil(lambda: wanted == ["2"], timeout=LOAD_LIMIT)
    pane.view.part_ready("2", red_picture())
    pane.wait_for_color(QPoint(100, 50), "#ff0000")


def test_a_part_that_comes_after_its_page_is_gone_harms_nothing(pane: Pane) -> None:
    wanted: list[str] = []
    pane.view.part_wanted.connect(wanted.append)
    pane.view.show_message(message_with_picture(None))
    pane.qtbot.waitUntil(lambda: wanted == ["2"], timeout=LOAD_LIMIT)
    parts = pane.view._parts
    assert parts is not None
    pane.show(html_message("<p>next</p>"))
    if shiboken6.isValid(parts):
        parts.supply("2", red_picture())
    assert "next" in pane.text()


def test_a_message_of_several_megabytes_is_shown(pane: Pane) -> None:
    pane.show(
        html_message(
            "".join(f"<p class='a long enough class name'>line {n} of many</p>\n" for n in range(60_000))
        )
    )
    assert "line 59999 of many" in pane.text()


def test_remote_pictures_are_shown_once(pane: Pane) -> None:
    pane.show(html_message('<img src="https://example.com/a.gif">'))
    assert pane.fetcher.urls == []
    pane.press("remote", "Show once")
    pane.qtbot.waitUntil(lambda: pane.fetcher.urls == ["https://example.com/a.gif"], timeout=LOAD_LIMIT)
    pane.show(html_message('<img src="https://example.com/b.gif">'))
    assert pane.view.notices.notice("remote") is not None
    assert pane.fetcher.urls == ["https://example.com/a.gif"]


def test_remote_pictures_of_a_trusted_sender_are_always_shown(pane: Pane) -> None:
    pane.show(html_message('<img src="https://example.com/a.gif">', From="Anna <Anna@Example.com>"))
    pane.press("remote", "Always for anna@example.com")
    assert pane.senders.addresses == {"anna@example.com"}
    pane.show(html_message('<img src="https://example.com/b.gif">', From="Anna <anna@example.com>"))
    pane.qtbot.waitUntil(lambda: "https://example.com/b.gif" in pane.fetcher.urls, timeout=LOAD_LIMIT)
    assert pane.view.notices.notice("remote") is None


def test_links_are_handed_on_however_they_are_clicked(pane: Pane) -> None:
    block = "display:block;position:absolute;left:0;width:300px;height:60px"
    links = (
        f'<a style="{block};top:0" href="https://example.com/plain">plain</a>'
        f'<a style="{block};top:100px" target="_blank" href="https://example.com/blank">blank</a>'
    )
    pane.show(html_message(links))

    def click(y: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        target = pane.drawing_widget()
        pane.qtbot.mouseClick(target, Qt.MouseButton.LeftButton, modifier, QPoint(50, y))

    plain_click = Qt.KeyboardModifier.NoModifier
    new_window, new_tab = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    for y, modifier in ((30, plain_click), (130, plain_click), (30, new_window), (30, new_tab)):
        with pane.qtbot.waitSignal(pane.view.body.link_activated, timeout=LOAD_LIMIT):
            click(y, modifier)
    plain, blank = "https://example.com/plain", "https://example.com/blank"
    assert pane.desktop.links == [plain, blank, plain, plain]
    assert "plain" in pane.text()


def test_a_link_whose_text_names_another_site_is_asked_about(pane: Pane) -> None:
    pane.show(html_message('<a href="https://EVIL.example">www.bank.example</a>'))
    pane.web.page.link_activated.emit("https://evil.example/")
    strip = pane.view.notices.notice("link")
    assert strip is not None and "www.bank.example" in strip.text()
    assert pane.desktop.links == []


def test_find_zoom_and_selection(pane: Pane) -> None:
    pane.show(html_message("<p>one two one</p>"))
    pane.view.find_bar.open("one")
    pane.qtbot.waitUntil(lambda: pane.view.find_bar.result() == "1 of 2", timeout=LOAD_LIMIT)
    pane.view.find_bar.find_next()
    pane.qtbot.waitUntil(lambda: pane.view.find_bar.result() == "2 of 2", timeout=LOAD_LIMIT)
    pane.view.actions_.zoom_in.trigger()
    pane.show(html_message("<p>next</p>"))
    pane.qtbot.waitUntil(lambda: abs(pane.web.page.zoomFactor() - 1.1) < 0.01)
    pane.web.select_all()
    pane.qtbot.waitUntil(lambda: pane.view.body.selected_text().strip() == "next", timeout=LOAD_LIMIT)


def test_html_is_printed_and_saved_as_pdf(pane: Pane, tmp_path: Path) -> None:
    pane.show(html_message("<p>body</p>"))
    pane.desktop.answer, pane.desktop.pdf = tmp_path / "saved.pdf", tmp_path / "printed.pdf"
    pane.view.actions_.save_pdf.trigger()
    pane.qtbot.waitUntil(lambda: pane.view.notices.notice("failure") is not None, timeout=LOAD_LIMIT)
    assert pane.desktop.answer.read_bytes().startswith(b"%PDF")
    pane.view.actions_.print.trigger()
    pane.qtbot.waitUntil(lambda: is_complete(tmp_path / "printed.pdf"), timeout=LOAD_LIMIT)


def test_printing_goes_on_when_the_window_is_closed(qtbot: QtBot, tmp_path: Path) -> None:
    pane = Pane(qtbot)
    pane.show(html_message("<p>body</p>" * 200))
    pane.desktop.pdf = tmp_path / "printed.pdf"
    pane.view.actions_.print.trigger()
    qtbot.waitUntil((tmp_path / "printed.pdf").exists, timeout=LOAD_LIMIT)
    shiboken6.delete(pane.view)
    gc.collect()
    qtbot.waitUntil(lambda: is_complete(tmp_path / "printed.pdf"), timeout=LOAD_LIMIT)


def test_a_dead_renderer_leaves_the_text_and_can_be_tried_again(pane: Pane) -> None:
    message = EmailMessage()
    message["From"] = "a@example.com"
    message.set_content("the text part")
    message.add_alternative("<p>the HTML part</p>", subtype="html")
    pane.show(parse(message.as_bytes()))
    os.kill(pane.web.page.renderProcessPid(), signal.SIGKILL)
    pane.qtbot.waitUntil(lambda: not pane.view.body.shows_html, timeout=LOAD_LIMIT)
    assert pane.view.notices.notice("stopped") is not None
    show_and_wait(pane.qtbot, pane.web, lambda: pane.press("stopped", "Try again"))
    assert "the HTML part" in pane.text()
    assert pane.view.notices.notice("stopped") is None


def test_the_plain_text_can_be_shown_instead(pane: Pane) -> None:
    pane.show(html_message('<p>words</p><img src="https://example.com/a.gif">'))
    pane.view.actions_.plain_text.trigger()
    assert not pane.view.body.shows_html
    assert pane.view.notices.notice("remote") is None
    show_and_wait(pane.qtbot, pane.web, pane.view.actions_.plain_text.trigger)
    assert pane.view.body.shows_html


def test_a_design_of_its_own_stays_on_white_in_the_dark(pane: Pane, dark_window: None) -> None:
    pane.show(html_message('<p style="color:#000080">designed</p>'))
    pane.wait_for_color(QPoint(600, 300), "#ffffff")
    assert pane.view.actions_.dark_paper.isVisible()
    show_and_wait(pane.qtbot, pane.web, pane.view.actions_.dark_paper.trigger)

    def darkened() -> bool:
        return pane.web.grab().toImage().pixelColor(600, 300).lightness() < 60

    pane.qtbot.waitUntil(darkened, timeout=LOAD_LIMIT)
    pane.show(html_message("<p>no design</p>"))
    pane.wait_for_color(QPoint(600, 300), pane.theme.colors().surface.name())
    assert not pane.view.actions_.dark_paper.isVisible()


def test_a_text_message_after_an_html_one(pane: Pane) -> None:
    pane.show(html_message("<p>first</p>"))
    pane.view.show_message(text_message("second"))
    assert not pane.view.body.shows_html
