"""What the reading pane meets in tests: a desktop and a fetcher that take notes, and messages made from
little."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QPageLayout
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtmail.mime.message import ParsedMessage
from qtmail.mime.parser import parse

if TYPE_CHECKING:
    from qtmail.ui.message_view.html_view import HtmlView

LOAD_LIMIT = 30_000
"""Milliseconds; the first page starts QtWebEngine."""

WEB_ENGINE_CHATTER = "Rhi|RHI|Vulkan|GBM|GPU|Sandboxing"
"""What QtWebEngine says about a machine without graphics hardware; for the marker `qt_log_ignore`."""

PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00"
    b"\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
"""A GIF of one pixel."""


class NotingFetcher:
    """Gives everybody the same pixel and notes what was asked for."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def fetch(self, url: str, done: Callable[[bytes | None, str], None]) -> None:
        self.urls.append(url)
        done(PIXEL, "image/gif")


class NotingSenders:
    """Remembers trusted senders."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = set(addresses)

    def allowed(self, address: str) -> bool:
        return address in self.addresses

    def allow(self, address: str) -> None:
        self.addresses.add(address)


class NotingDesktop:
    """Opens nothing, asks nobody, and notes what it was given.

    Attributes:
        files, links: what was to be opened.
        answer: where to save; None stands for a dialog that was cancelled.
        pdf: the file a chosen printer prints to; None: cancelled.
        proposal: the file name last proposed.
        opens: whether there is a program for a file or link.
    """

    def __init__(self) -> None:
        self.files: list[Path] = []
        self.links: list[str] = []
        self.answer: Path | None = None
        self.pdf: Path | None = None
        self.proposal = ""
        self.opens = True

    def open_file(self, path: Path) -> bool:
        self.files.append(path)
        return self.opens

    def open_link(self, url: str) -> bool:
        self.links.append(url)
        return self.opens

    def choose_file(self, parent: QWidget, title: str, proposal: str) -> Path | None:
        self.proposal = proposal
        return self.answer

    def choose_directory(self, parent: QWidget, title: str) -> Path | None:
        return self.answer

    def choose_printer(self, parent: QWidget, title: str) -> QPrinter | None:
        if self.pdf is None:
            return None
        printer = QPrinter()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(self.pdf))
        printer.setPageOrientation(QPageLayout.Orientation.Portrait)
        return printer


def text_message(text: str, **fields: str) -> ParsedMessage:
    """A plain-text message; `fields` are header fields, "_" standing for "-"."""
    return parse(_with_fields(fields, text).as_bytes())


def html_message(html: str, **fields: str) -> ParsedMessage:
    """A message that is only HTML, as it is written."""
    message = _with_fields(fields, "")
    message.set_content(html, subtype="html")
    return parse(message.as_bytes())


def message_with(*files: tuple[str, str, bytes], text: str = "See the files.") -> ParsedMessage:
    """A plain-text message with attachments given as (name, MIME type, content)."""
    message = _with_fields({}, text)
    for name, content_type, content in files:
        maintype, subtype = content_type.split("/")
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return parse(message.as_bytes())


def _with_fields(fields: dict[str, str], text: str) -> EmailMessage:
    message = EmailMessage()
    standard = {"From": "Anna Berg <anna@example.com>", "To": "ben@example.org", "Subject": "Harbour plans"}
    standard["Date"] = "Fri, 20 Nov 2026 16:12:00 +0100"
    for name, value in (standard | {name.replace("_", "-"): value for name, value in fields.items()}).items():
        message[name] = value
    message.set_content(text)
    return message


def show_and_wait(qtbot: QtBot, view: HtmlView, show: Callable[[], None]) -> None:
    """Do `show` and return when the web page has loaded what it shows."""
    with qtbot.waitSignal(view.loaded, timeout=LOAD_LIMIT):
        show()
