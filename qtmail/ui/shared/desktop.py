"""The desktop around the program: other programs that open files and links, and the system's dialogs."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget


class Desktop(Protocol):
    """What the reading pane asks of the desktop; each question returns None where the user thought better
    of it.
    """

    def open_file(self, path: Path) -> bool:
        """Open a file in the program that is meant for it; False where there is none."""

    def open_link(self, url: str) -> bool:
        """Open a web address in the browser; False where there is none."""

    def choose_file(self, parent: QWidget, title: str, proposal: str) -> Path | None:
        """Ask where to save a file, proposing the name `proposal`."""

    def choose_directory(self, parent: QWidget, title: str) -> Path | None:
        """Ask for a directory to save in."""

    def choose_printer(self, parent: QWidget, title: str) -> QPrinter | None:
        """Ask for a printer and how to print; `title` names the print job."""


class SystemDesktop:
    """The real desktop, through Qt."""

    def open_file(self, path: Path) -> bool:
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def open_link(self, url: str) -> bool:
        return QDesktopServices.openUrl(QUrl(url))

    def choose_file(self, parent: QWidget, title: str, proposal: str) -> Path | None:
        chosen, _ = QFileDialog.getSaveFileName(parent, title, proposal)
        return Path(chosen) if chosen else None

    def choose_directory(self, parent: QWidget, title: str) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(parent, title)
        return Path(chosen) if chosen else None

    def choose_printer(self, parent: QWidget, title: str) -> QPrinter | None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(title)
        accepted = QPrintDialog(printer, parent).exec() == QDialog.DialogCode.Accepted
        return printer if accepted else None
