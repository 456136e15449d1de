"""Shows the certificate of a server that could not prove who it is, and lets the user vouch for it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.certificate import CertificateDetails
from qtmail.domain.events import Problem
from qtmail.ui.shared.dates import full_date
from qtmail.ui.shared.labels import heading, paragraph
from qtmail.workers.certificates import describe

NAMES_SHOWN = 12


class CertificateDialog(QDialog):
    """What a person can check, and two buttons: not to trust it, which is the default, and to trust it.

    Signals:
        trusted: the user vouches for this certificate on this server; carries the Problem.
    """

    trusted = Signal(object)

    def __init__(
        self, problem: Problem, server: str, parent: QWidget | None = None, *, changes: Sequence[str] = ()
    ) -> None:
        """`server`: host and port ("imap.example.org:993"); `changes`: in what the certificate differs from
        the one that was trusted last, in sentences.
        """
        super().__init__(parent)
        self._problem = problem
        self.setWindowTitle(self.tr("Certificate of {server}").format(server=server))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 16)
        layout.setSpacing(14)
        layout.addWidget(heading(problem.sentence))
        try:
            details = describe(problem.certificate)
        except ValueError:
            layout.addWidget(paragraph(self.tr("What the server showed is not a certificate.")))
            details = None
        if details is not None:
            layout.addLayout(self._form(details))
            if changes:
                layout.addWidget(self._changed(changes))
            layout.addWidget(self._warning(server))
        layout.addWidget(self._buttons(server, can_trust=details is not None))
        self.setMinimumWidth(580)

    def _form(self, details: CertificateDetails) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(8)
        issuer = self.tr("itself (nobody else vouches for it)") if details.self_signed else details.issuer
        fingerprint = _value(_in_rows(details.sha256))
        fingerprint.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        for title, value in (
            (self.tr("For"), _value(self._names(details) or self.tr("no host name"))),
            (self.tr("Belongs to"), _value(details.owner or self.tr("nobody named"))),
            (self.tr("Issued by"), _value(issuer or self.tr("nobody named"))),
            (self.tr("Valid from"), _value(full_date(details.not_before))),
            (self.tr("Valid until"), _value(full_date(details.not_after))),
            (self.tr("Key"), _value(self._key(details))),
            (self.tr("SHA-256"), fingerprint),
        ):
            label = QLabel(title)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            value.setAccessibleName(f"{title}: {value.text()}")
            form.addRow(label, value)
        return form

    def _names(self, details: CertificateDetails) -> str:
        """The names it is for, as many as fit into the dialog."""
        shown = ", ".join(details.names[:NAMES_SHOWN])
        more = len(details.names) - NAMES_SHOWN
        return self.tr("{names} and {more:,} more").format(names=shown, more=more) if more > 0 else shown

    def _key(self, details: CertificateDetails) -> str:
        if not details.signed_with:
            return details.key
        return self.tr("{key}; signed with {hash}").format(key=details.key, hash=details.signed_with)

    def _changed(self, changes: Sequence[str]) -> QWidget:
        box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(heading(self.tr("Compared with last time")))
        for change in changes:
            layout.addWidget(paragraph(change))
        return box

    def _warning(self, server: str) -> QLabel:
        return paragraph(
            self.tr(
                "Trust it only if whoever runs {server} told you this fingerprint. Otherwise someone on the "
                "line may be pretending to be your server, and would learn your password. If you trust it, "
                "that holds for {server} and the certificate with this fingerprint only."
            ).format(server=server)
        )

    def _buttons(self, server: str, *, can_trust: bool) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        trust = QPushButton(self.tr("Trust this certificate for {server}").format(server=server))
        trust.setAutoDefault(False)
        trust.setEnabled(can_trust)
        trust.clicked.connect(lambda _checked: self._trust())
        refuse = QPushButton(self.tr("Do not trust it"))
        refuse.setDefault(True)
        refuse.clicked.connect(lambda _checked: self.reject())
        buttons.addButton(trust, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(refuse, QDialogButtonBox.ButtonRole.RejectRole)
        refuse.setFocus()
        return buttons

    def _trust(self) -> None:
        self.trusted.emit(self._problem)
        self.accept()


def _in_rows(sha256: str) -> str:
    """The digits in pairs, half of them in each of two lines, so that they can be compared with what is on
    paper.
    """
    pairs = [sha256[at : at + 2].upper() for at in range(0, len(sha256), 2)]
    half = len(pairs) // 2
    return ":".join(pairs[:half]) + ":\n" + ":".join(pairs[half:])


def _value(text: str) -> QLabel:
    label = paragraph(text)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
