"""A browser with none of our walls, to prove that a leak test would see leaks: `python -m … PAGE…` loads each
page.

It ends when standard input does.
"""

from __future__ import annotations

import sys
from pathlib import Path

import shiboken6
from PySide6.QtCore import QSocketNotifier, QUrl
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile, QWebEngineSettings
from PySide6.QtWidgets import QApplication


def main(paths: list[str]) -> int:
    app = QApplication([])
    profile = QWebEngineProfile()
    pages = [_load(profile, Path(path)) for path in paths]
    end = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    end.activated.connect(app.quit)
    app.exec()
    while pages:  # before their profile
        shiboken6.delete(pages.pop())
    return 0


def _load(profile: QWebEngineProfile, path: Path) -> QWebEnginePage:
    page = QWebEnginePage(profile)
    attribute = QWebEngineSettings.WebAttribute
    for allowed in (attribute.LocalContentCanAccessRemoteUrls, attribute.PluginsEnabled):
        page.settings().setAttribute(allowed, True)
    page.settings().setAttribute(attribute.DnsPrefetchEnabled, True)
    page.setHtml(path.read_text("utf-8"), QUrl("http://page.example/"))
    page.setVisible(True)
    return page


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
