"""How to sign in, chosen by hand: password, browser, or a certificate of the user's own."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.domain.oauth import KNOWN_PROVIDERS
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.ui.accounts.assistant.client_form import ClientForm

_OTHER = ""


class SignInForm(QGroupBox):
    """The method, and what it takes besides.

    Signals:
        changed: what stands in the fields is different now.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Sign in"))
        self.method = QComboBox()
        self.method.addItem(self.tr("With a password"), SignInMethod.PASSWORD.value)
        self.method.addItem(self.tr("In the browser (OAuth)"), SignInMethod.OAUTH.value)
        self.method.addItem(self.tr("With a certificate of my own"), SignInMethod.CERTIFICATE.value)
        self.method.setAccessibleName(self.tr("How to sign in"))
        self.provider = QComboBox()
        for known in KNOWN_PROVIDERS.values():
            self.provider.addItem(known.title, known.name)
        self.provider.addItem(self.tr("Another provider"), _OTHER)
        self.issuer = QLineEdit()
        self.issuer.setPlaceholderText("https://login.example.org")
        self.client = ClientForm()
        self.certificate = QLineEdit()
        self.certificate.setPlaceholderText(self.tr("PEM file with certificate and key"))
        self.browse = QPushButton(self.tr("C&hoose…"))
        self._oauth, self._certificate = QWidget(), QWidget()
        self._lay_out()
        self._connect()
        self._show_fields()

    def show_sign_in(self, sign_in: SignIn, client_secret: str) -> None:
        self.method.setCurrentIndex(self.method.findData(sign_in.method.value))
        known = self.provider.findData(sign_in.provider)
        if sign_in.provider:
            self.provider.setCurrentIndex(known if known >= 0 else self.provider.findData(_OTHER))
            self.issuer.setText("" if known >= 0 else sign_in.provider)
        self.client.show_client(sign_in.client_id, client_secret)
        self.certificate.setText(sign_in.certificate_file)

    def sign_in(self) -> SignIn | None:
        """What stands in the fields, or None while something is missing."""
        match SignInMethod(self.method.currentData()):
            case SignInMethod.OAUTH:
                provider = self.provider.currentData() or self._issuer()
                if not provider:
                    return None
                return SignIn(SignInMethod.OAUTH, provider=provider, client_id=self.client.client_id())
            case SignInMethod.CERTIFICATE:
                file = self.certificate.text().strip()
                return SignIn(SignInMethod.CERTIFICATE, certificate_file=file) if file else None
            case _:
                return SignIn()

    def client_secret(self) -> str:
        is_oauth = SignInMethod(self.method.currentData()) is SignInMethod.OAUTH
        return self.client.client_secret() if is_oauth else ""

    def _issuer(self) -> str:
        """The address of another provider, which must be one nobody on the way can change (RFC 8414
        section 2).
        """
        text = self.issuer.text().strip().rstrip("/")
        return text if text.startswith("https://") and len(text) > len("https://") else ""

    def _lay_out(self) -> None:
        oauth = QFormLayout(self._oauth)
        oauth.setContentsMargins(0, 0, 0, 0)
        oauth.addRow(self.tr("Pro&vider"), self.provider)
        oauth.addRow(self.tr("Its a&ddress"), self.issuer)
        oauth.addRow(self.client)
        self._oauth_form = oauth
        row = QHBoxLayout(self._certificate)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.certificate, 1)
        row.addWidget(self.browse)
        self.browse.setAutoDefault(False)
        self.certificate.setAccessibleName(self.tr("Certificate file"))
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        for widget in (self.method, self._oauth, self._certificate):
            layout.addWidget(widget)

    def _connect(self) -> None:
        for combo in (self.method, self.provider):
            combo.currentIndexChanged.connect(lambda _index: self._show_fields())
        for field in (self.issuer, self.certificate):
            field.textChanged.connect(lambda _text: self.changed.emit())
        self.client.changed.connect(self.changed)
        self.browse.clicked.connect(lambda _checked: self._choose_file())

    def _show_fields(self) -> None:
        method = SignInMethod(self.method.currentData())
        self._oauth.setVisible(method is SignInMethod.OAUTH)
        self._certificate.setVisible(method is SignInMethod.CERTIFICATE)
        self._oauth_form.setRowVisible(self.issuer, self.provider.currentData() == _OTHER)
        self.changed.emit()

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Certificate"), "", self.tr("Certificates (*.pem);;All files (*)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.certificate.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
