from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox

from qtmail.domain.account import Security, ServerSettings
from qtmail.domain.ports import IMAP_PORTS, POP3_PORTS
from qtmail.ui.accounts.server_form import ServerForm


@pytest.fixture
def form(qapp, qtbot):
    form = ServerForm("Incoming mail", IMAP_PORTS)
    qtbot.addWidget(form)
    form.show()
    return form


def test_what_the_user_typed_is_not_suggested_away(form, qtbot):
    qtbot.keyClicks(form.host, "mail.elsewhere.example")
    form.suggest("imap.berg.example", "ann@berg.example")
    assert form.host.text() == "mail.elsewhere.example"


def test_the_port_follows_the_encryption_unless_it_is_the_user_s_own(form):
    form.security.setCurrentIndex(1)
    assert form.port.value() == 143
    form.port.setValue(10143)
    form.security.setCurrentIndex(0)
    assert form.port.value() == 10143


def test_another_kind_of_server_has_other_ports(form):
    form.use_ports("Incoming mail (POP3)", POP3_PORTS)
    assert form.port.value() == 995
    form.security.setCurrentIndex(1)
    assert form.port.value() == 110
    assert form.host.accessibleName() == "Incoming mail (POP3), server"


def test_what_is_shown_is_what_is_given_back(form):
    settings = ServerSettings("imap.berg.example", 10993, Security.STARTTLS, "ann")
    form.show_settings(settings)
    assert form.settings() == settings


@pytest.mark.parametrize("field", ["host", "user"])
def test_without_host_or_user_name_it_is_no_server(form, field):
    form.show_settings(ServerSettings("imap.berg.example", 993, Security.TLS, "ann"))
    getattr(form, field).setText(" ")
    assert form.settings() is None


def test_the_keyboard_goes_through_the_fields_from_the_top(form):
    kind = QComboBox()
    form.put_on_top(kind)
    kind.show()
    order = [kind, form.host, form.port, form.security, form.user]
    kind.setFocus()
    passed = [form.focusWidget()]
    while len(passed) < len(order):
        form.focusNextChild()
        passed.append(form.focusWidget())
    assert passed == order
