"""Shows an HTML message in the locked-down page; importing this module loads QtWebEngine, so import it
late.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWebEngineCore import (
    QWebEngineFindTextResult,
    QWebEngineLoadingInfo,
    QWebEnginePage,
    QWebEngineSettings,
)
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from qtmail.log import logger
from qtmail.ui.message_view.html_page import MessagePage, MessageSchemeHandler, RequestBlocker, make_profile
from qtmail.ui.message_view.message_resources import MessageResources
from qtmail.ui.message_view.print_support import page_layout

log = logger("web")

_SAME_ZOOM = 0.005

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


class HtmlView(QWidget):
    """One web page for all HTML messages, one after the other.

    Signals:
        loaded: the document is displayed; pictures may still be under way.
        stopped: the process that draws the page died; the next `show_document` starts another.
        link_activated(url), link_hovered(url): "" when the pointer leaves a link.
        zoomed(factor): the user zoomed in the page itself, with Ctrl and the wheel.
    """

    loaded = Signal()
    stopped = Signal()
    link_activated = Signal(str)
    link_hovered = Signal(str)
    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom = 1.0
        self._handler = MessageSchemeHandler()
        self.blocker = RequestBlocker()
        self._view = QWebEngineView(self)
        self._view.setAcceptDrops(False)
        profile = make_profile(self.blocker, self._handler)
        self.page = MessagePage(profile, self._view)
        self._view.setPage(self.page)
        # Children are deleted in this order: the page with its view, the profile, then what the profile
        # calls.
        for child in (profile, self._handler, self.blocker):
            child.setParent(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self.setFocusProxy(self._view)
        self._connect()

    def show_document(
        self, html: str, resources: MessageResources, *, style: str = "", print_header: str = ""
    ) -> None:
        """Show a whole document (mime.html.display_html).

        `style` is a style sheet that comes before those of the message; `print_header` is markup that appears
        on paper only.
        """
        document = _with_our_parts(html, style, print_header)
        self._handler.serve(document.encode("utf-8", "replace"), resources)
        self.blocker.token = resources.token
        self.page.open(resources.document_url)

    def set_paper(self, color: QColor, *, force_dark: bool) -> None:
        """The colour behind the message, and whether Chromium should darken what the message made light."""
        self.page.setBackgroundColor(color)
        self.page.settings().setAttribute(QWebEngineSettings.WebAttribute.ForceDarkMode, force_dark)

    def set_zoom(self, factor: float) -> None:
        self._zoom = factor
        self.page.setZoomFactor(factor)

    def selected_text(self) -> str:
        return self.page.selectedText()

    def copy(self) -> None:
        self.page.triggerAction(QWebEnginePage.WebAction.Copy)

    def select_all(self) -> None:
        self.page.triggerAction(QWebEnginePage.WebAction.SelectAll)

    def find_text(
        self, text: str, done: Callable[[int, int], None], *, backward: bool = False, match_case: bool = False
    ) -> None:
        """Mark `text` everywhere and go to the next place; `done` gets its number, from 1, and how many
        there are.
        """
        flags = QWebEnginePage.FindFlag(0)
        if backward:
            flags |= QWebEnginePage.FindFlag.FindBackward
        if match_case:
            flags |= QWebEnginePage.FindFlag.FindCaseSensitively

        def report(result: QWebEngineFindTextResult) -> None:
            done(result.activeMatch(), result.numberOfMatches())

        self.page.findText(text, flags, report)

    def clear_find(self) -> None:
        self.page.findText("")

    def print_on(self, printer: QPrinter, done: Callable[[bool], None]) -> None:
        """Print the message as it is shown; `done` is told whether it worked."""
        job = _PrintJob(printer)

        def finished(worked: bool) -> None:
            job.deleteLater()
            done(worked)

        _once(self._view.printFinished, finished)
        self._view.print(printer)

    def save_pdf(self, path: str, done: Callable[[bool], None]) -> None:
        """Write the message as a PDF file; `done` is told whether it worked."""
        _once(self._view.pdfPrintingFinished, lambda _path, ok: done(ok))
        self._view.printToPdf(path, page_layout())

    def _connect(self) -> None:
        self.page.link_activated.connect(self.link_activated)
        self.page.linkHovered.connect(self.link_hovered)
        self.page.loadingChanged.connect(self._loading_changed)
        self.page.renderProcessTerminated.connect(self._terminated)
        self.page.zoomFactorChanged.connect(self._zoom_changed)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._view.customContextMenuRequested.connect(self._show_menu)

    def _loading_changed(self, info: QWebEngineLoadingInfo) -> None:
        if info.status() == QWebEngineLoadingInfo.LoadStatus.LoadSucceededStatus:
            # Chromium keeps one zoom for each host, and every message is a host of its own.
            self.page.setZoomFactor(self._zoom)
            self.loaded.emit()

    def _zoom_changed(self, factor: float) -> None:
        # While loading it is Chromium that returns to what it knows of the host, which is nothing.
        if not self.page.isLoading() and abs(factor - self._zoom) > _SAME_ZOOM:
            self._zoom = factor
            self.zoomed.emit(factor)

    def _terminated(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        if status != QWebEnginePage.RenderProcessTerminationStatus.NormalTerminationStatus:
            log.warning("the renderer stopped: %s, exit code %d", status.name, code)
            self.stopped.emit()

    def _show_menu(self, position: QPoint) -> None:
        request = self._view.lastContextMenuRequest()
        link = request.linkUrl().toString() if request is not None else ""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if link:
            menu.addAction(self.tr("Open link"), lambda: self.link_activated.emit(link))
            menu.addAction(self.tr("Copy link address"), lambda: QGuiApplication.clipboard().setText(link))
            menu.addSeparator()
        copy: QAction = menu.addAction(self.tr("Copy"), self.copy)
        copy.setEnabled(self.page.hasSelection())
        menu.addAction(self.tr("Select all"), self.select_all)
        menu.popup(self._view.mapToGlobal(position))


class _PrintJob(QObject):
    """Keeps a printer alive while it is drawn on.

    QtWebEngine draws on a thread of its own, which outlives the window; a printer that goes before the last
    page is out takes the program with it. So a job belongs to the application.
    """

    def __init__(self, printer: QPrinter) -> None:
        super().__init__(QCoreApplication.instance())
        self.printer = printer


def _with_our_parts(html: str, style: str, print_header: str) -> str:
    """The document with our style sheet and the header for paper first in its body, if it has one."""
    body = _BODY.search(html)
    if body is None:
        return html
    ours = (
        f"<style>{style}@media screen{{.qtmail-print-header{{display:none!important}}}}"
        "@media print{.qtmail-print-header{display:block!important}}</style>"
        f'<div class="qtmail-print-header">{print_header}</div>'
    )
    return html[: body.end()] + ours + html[body.end() :]


def _once(signal: object, slot: Callable[..., None]) -> None:
    """Call `slot` the next time `signal` is emitted, and then no more."""

    def call(*arguments: object) -> None:
        signal.disconnect(call)  # type: ignore[attr-defined]
        slot(*arguments)

    signal.connect(call)  # type: ignore[attr-defined]
