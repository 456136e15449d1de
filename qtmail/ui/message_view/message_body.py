"""The text of a message: plain in a text widget, HTML in the web page, which is made for the first HTML
message.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QStackedWidget, QWidget

from qtmail.mime.html import display_html
from qtmail.mime.message import ParsedMessage
from qtmail.mime.style import has_own_colours
from qtmail.models.background import Background, Cancellable
from qtmail.ui.message_view.message_resources import MessageResources
from qtmail.ui.message_view.print_support import pdf_writer, print_header
from qtmail.ui.message_view.sandbox import MissingSandbox, missing_sandbox
from qtmail.ui.message_view.text_view import MARGIN, TextView
from qtmail.ui.shared.theme import Colors, Theme

if TYPE_CHECKING:
    from qtmail.ui.message_view.html_view import HtmlView

ZOOM_STEPS = (0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)

WHITE = QColor("#ffffff")

# The sanitiser makes a <div> of the message's own <body>.
_OWN_GROUND = re.compile(
    r"<body>\s*(?:<style>.*?</style>\s*)?<(?:div|table|center)\b[^>]*\b(?:bgcolor|background)",
    re.IGNORECASE | re.DOTALL,
)


def plain_style(colors: Colors) -> str:
    """The looks of HTML whose author chose no colours: the same as of plain text."""
    ground, ink, link = colors.surface.name(), colors.text.name(), colors.accent.name()
    return f"@media screen{{body{{margin:{MARGIN}px;background:{ground};color:{ink}}}a{{color:{link}}}}}"


def designed_style(html: str) -> str:
    """What HTML with a design of its own still needs of us: a ground of its own reaches to the edges."""
    return "body{margin:0}" if _OWN_GROUND.search(html) else ""


class MessageBody(QStackedWidget):
    """Shows the text of one message after the other, and finds, zooms and prints in whatever it is shown in.

    Signals:
        link_activated(url), link_hovered(url): "" when the pointer leaves a link.
        zoom_changed(factor)
        paper_changed: `can_darken` or `dark_paper` is another.
        stopped: the web page died; the message is shown as text instead.
    """

    link_activated = Signal(str)
    link_hovered = Signal(str)
    zoom_changed = Signal(float)
    paper_changed = Signal()
    stopped = Signal()

    def __init__(self, theme: Theme, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._background = background
        self._message: ParsedMessage | None = None
        self._resources: MessageResources | None = None
        self._remote = False
        self._on_white_paper = False
        self._dark_paper = False
        self._zoom = 1.0
        self._work: Cancellable | None = None
        self._web: HtmlView | None = None
        self._text = TextView(theme)
        self._text.link_activated.connect(self.link_activated)
        self._text.link_hovered.connect(self.link_hovered)
        self._text.zoom_stepped.connect(self.zoom_by)
        self.addWidget(self._text)
        theme.changed.connect(self._theme_changed)

    def show_text(self, message: ParsedMessage, text: str | None = None) -> None:
        """Show the message as plain text, or `text` in its place."""
        self._begin(message)
        self._resources = None
        self._text.show_text(message.text if text is None else text)
        self._turn_to(self._text)

    def show_html(self, message: ParsedMessage, resources: MessageResources, *, remote: bool) -> None:
        """Show the message's HTML, which loads what `resources` has; with `remote`, remote pictures too.

        Where HTML cannot be displayed, show the text instead.
        """
        if self.missing_sandbox() is not None:
            self.show_text(message)
            return
        self._begin(message)
        self._resources = resources
        self._remote = remote
        # Whoever chose colours chose them for white paper, and white is what their design gets.
        self._on_white_paper = has_own_colours(message.html or "")
        self._render()

    def clear_message(self) -> None:
        self._begin(None)
        self._resources = None
        self._text.show_text("")
        self._turn_to(self._text)

    def missing_sandbox(self) -> MissingSandbox | None:
        """Why HTML cannot be displayed, or None."""
        return missing_sandbox() if self._web is None else None

    @property
    def shows_html(self) -> bool:
        return self._web is not None and self.currentWidget() is self._web

    @property
    def can_darken(self) -> bool:
        """Whether the message stands on white paper in a dark window."""
        return self._on_white_paper and self._theme.colors().dark

    @property
    def dark_paper(self) -> bool:
        return self._dark_paper

    def set_dark_paper(self, dark: bool) -> None:
        """Darken designs made for white paper, while the window is dark."""
        self._dark_paper = dark
        if self._resources is not None:
            self._render()

    def selected_text(self) -> str:
        return self._display().selected_text()

    def find_text(
        self, text: str, done: Callable[[int, int], None], *, backward: bool = False, match_case: bool = False
    ) -> None:
        """Go to the next place where `text` is; `done` gets its number, from 1, and how many there are."""
        self._display().find_text(text, done, backward=backward, match_case=match_case)

    def clear_find(self) -> None:
        self._display().clear_find()

    def zoom_by(self, steps: int) -> None:
        """Zoom in (positive) or out; 0 returns to the natural size."""
        nearest = min(range(len(ZOOM_STEPS)), key=lambda i: abs(ZOOM_STEPS[i] - self._zoom))
        self.set_zoom(ZOOM_STEPS[max(0, min(nearest + steps, len(ZOOM_STEPS) - 1))] if steps else 1.0)

    def zoom(self) -> float:
        return self._zoom

    def set_zoom(self, factor: float) -> None:
        self._zoom = factor
        self._text.set_zoom(factor)
        if self._web is not None:
            self._web.set_zoom(factor)
        self.zoom_changed.emit(factor)

    def print_on(self, printer: QPrinter, done: Callable[[bool], None]) -> None:
        """Print the message with its header fields; `done` is told whether it worked."""
        if self.shows_html and self._web is not None:
            self._web.print_on(printer, done)
        else:
            self._text.print_on(printer, self._print_header())
            done(True)

    def save_pdf(self, path: str, done: Callable[[bool], None]) -> None:
        """Write the message with its header fields as a PDF file; `done` is told whether it worked."""
        if self.shows_html and self._web is not None:
            self._web.save_pdf(path, done)
            return
        title = self._message.envelope.subject if self._message else ""
        writer = pdf_writer(path, title)
        self._text.print_on(writer, self._print_header())
        done(True)

    def web_view(self) -> HtmlView:
        """The web page, made on first use: loading QtWebEngine costs 0.3 s and 220 MB."""
        if self._web is None:
            from qtmail.ui.message_view.html_view import HtmlView  # noqa: PLC0415  # heavy, see above

            self._web = HtmlView(self)
            self._web.link_activated.connect(self.link_activated)
            self._web.link_hovered.connect(self.link_hovered)
            self._web.zoomed.connect(self.set_zoom)
            self._web.stopped.connect(self._web_stopped)
            self._web.set_zoom(self._zoom)
            self.addWidget(self._web)
        return self._web

    def _begin(self, message: ParsedMessage | None) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None
        self._message = message
        self._on_white_paper = False
        self.link_hovered.emit("")

    def _display(self) -> TextView | HtmlView:
        return self._web if self.shows_html and self._web is not None else self._text

    def _render(self) -> None:
        """Make the document off the GUI thread (a large one takes a while), then show it."""
        message, resources = self._message, self._resources
        if message is None or resources is None:
            return
        dark = self._theme.colors().dark and not self._on_white_paper
        remote = resources.remote_url if self._remote else None
        self._work = self._background.submit(
            lambda: display_html(message, part_url=resources.part_url, allow_remote=remote, dark=dark),
            lambda html: self._show_document(html, resources),
        )

    def _show_document(self, html: str, resources: MessageResources) -> None:
        if resources is not self._resources:
            return
        web = self.web_view()
        colors = self._theme.colors()
        ground = WHITE if self._on_white_paper else colors.surface
        web.set_paper(ground, force_dark=self.can_darken and self._dark_paper)
        style = designed_style(html) if self._on_white_paper else plain_style(colors)
        web.show_document(html, resources, style=style, print_header=self._print_header())
        self._turn_to(web)

    def _turn_to(self, widget: QWidget) -> None:
        self.setCurrentWidget(widget)
        self.setFocusProxy(widget)
        self.paper_changed.emit()

    def _print_header(self) -> str:
        return print_header(self._message.envelope) if self._message else ""

    def _theme_changed(self) -> None:
        if self._resources is not None:
            self._render()

    def _web_stopped(self) -> None:
        if self._message is not None and self.shows_html:
            self.show_text(self._message)
            self.stopped.emit()
