"""What this program is, in which versions of what."""

from __future__ import annotations

import platform

import PySide6
from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from qtmail import __version__
from qtmail.ui.shared.icons import application_icon


class AboutDialog(QDialog):
    """Name, version, licence, and the versions a bug report should name; the text can be selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About qtmail"))
        logo = QLabel()
        logo.setPixmap(application_icon().pixmap(QSize(72, 72), self.devicePixelRatioF()))
        name = QLabel(f"qtmail {__version__}")
        font = name.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        name.setFont(font)
        purpose = QLabel(self.tr("A desktop mail client people can trust with their mail."))
        versions = QLabel(
            f"Python {platform.python_version()} · Qt {qVersion()} · PySide {PySide6.__version__}\n"
            f"{platform.platform()}"
        )
        versions.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        versions.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        licence = QLabel(self.tr("Free software under the Apache License 2.0."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(36, 28, 36, 18)
        layout.setSpacing(8)
        for label in (logo, name, purpose, licence, versions):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addSpacing(10)
        layout.addWidget(buttons)
