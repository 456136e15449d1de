from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.discovery import ServerKind, Source
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.ui.accounts.assistant.manual_form import ManualForm
from qtmail.ui.accounts.assistant.person import Person

ANN = Person("Ann", "ann@berg.example")


@pytest.fixture
def form(qapp, qtbot):
    form = ManualForm()
    qtbot.addWidget(form)
    form.show()
    form.begin(ANN)
    return form


def choose(combo, data: str) -> None:
    combo.setCurrentIndex(combo.findData(data))


def test_the_address_suggests_the_servers(form):
    choice = form.choice()
    assert choice is not None
    assert choice.incoming == ServerSettings("imap.berg.example", 993, Security.TLS, ANN.address)
    assert choice.outgoing == ServerSettings("smtp.berg.example", 465, Security.TLS, ANN.address)
    assert (choice.kind, choice.source) == (ServerKind.IMAP, Source.MANUAL)


def test_pop3_brings_its_ports_and_names(form):
    choose(form.kind, ServerKind.POP3)
    choice = form.choice()
    assert choice is not None and choice.incoming is not None
    assert (choice.incoming.host, choice.incoming.port) == ("pop.berg.example", 995)
    form.incoming.security.setCurrentIndex(1)
    assert form.incoming.port.value() == 110


def test_a_port_of_the_user_s_own_survives_the_change_to_pop3(form):
    form.incoming.port.setValue(9993)
    choose(form.kind, ServerKind.POP3)
    assert form.incoming.port.value() == 9993


def test_an_account_may_only_read(form):
    form.sends.setChecked(False)
    choice = form.choice()
    assert choice is not None
    assert choice.outgoing is None
    assert not form.outgoing.host.isVisible()


@pytest.mark.parametrize("field", ["incoming", "outgoing"])
def test_a_missing_server_is_no_choice(form, field):
    getattr(form, field).host.clear()
    assert form.choice() is None


def test_signing_in_by_browser_names_the_provider_and_the_user_s_own_client(form):
    sign_in = form.sign_in
    choose(sign_in.method, SignInMethod.OAUTH)
    choose(sign_in.provider, "microsoft")
    assert sign_in.sign_in() == SignIn(SignInMethod.OAUTH, "microsoft")
    sign_in.client.advanced.setChecked(True)
    sign_in.client.id.setText(" my-id ")
    sign_in.client.secret.setText("shh")
    choice = form.choice()
    assert choice is not None
    assert choice.sign_in.client_id == "my-id"
    assert choice.client_secret == "shh"
    assert "shh" not in repr(choice)


def test_another_provider_is_named_by_an_address_nobody_can_change_on_the_way(form):
    sign_in = form.sign_in
    choose(sign_in.method, SignInMethod.OAUTH)
    choose(sign_in.provider, "")
    assert form.choice() is None
    sign_in.issuer.setText("http://login.berg.example")
    assert form.choice() is None
    sign_in.issuer.setText("https://login.berg.example/")
    assert sign_in.sign_in() == SignIn(SignInMethod.OAUTH, "https://login.berg.example")


def test_a_certificate_is_a_file_that_is_chosen(form, qtbot, tmp_path):
    file = tmp_path / "ann.pem"
    file.write_text("-----BEGIN CERTIFICATE-----")
    choose(form.sign_in.method, SignInMethod.CERTIFICATE)
    assert form.choice() is None
    form.sign_in.browse.click()
    dialog = form.sign_in.findChild(QFileDialog)
    dialog.selectFile(str(file))
    dialog.fileSelected.emit(str(file))
    dialog.reject()
    choice = form.choice()
    assert choice is not None
    assert choice.sign_in == SignIn(SignInMethod.CERTIFICATE, certificate_file=str(file))
