from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from qtmail.domain.discovery import ServerKind
from qtmail.domain.oauth import BrowserStep, DeviceStep, Permission
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.errors import SignInFailed
from qtmail.ui.accounts.assistant.browser_panel import BrowserPanel
from qtmail.ui.accounts.assistant.choice import Choice
from tests.fakes.discoveries import IMAP, SMTP
from tests.fakes.mail_service import FakeMailService
from tests.fakes.reading import NotingDesktop
from tests.fakes.window import light_theme

URL = "https://login.example.org/authorize?state=1"


@pytest.fixture
def service(qapp):
    return FakeMailService()


@pytest.fixture
def desktop():
    return NotingDesktop()


@pytest.fixture
def panel(qapp, qtbot, service, desktop):
    panel = BrowserPanel(service, light_theme(qapp), desktop)
    qtbot.addWidget(panel)
    panel.show()
    ask(panel, client_id="mine")
    return panel


def ask(panel: BrowserPanel, provider: str = "microsoft", client_id: str = "") -> None:
    sign_in = SignIn(SignInMethod.OAUTH, provider, client_id)
    panel.show_choice(Choice(ServerKind.IMAP, IMAP.settings, SMTP.settings, sign_in), "ann@berg.example")


def test_the_browser_opens_and_is_waited_for(panel, service, desktop):
    panel.browser_button.click()
    assert service.sign_ins[-1].asked[1:] == ("ann@berg.example", False, "")
    service.sign_ins[-1].show(BrowserStep(URL))
    assert desktop.links == [URL]
    assert "Waiting for your browser" in panel.waiting.text()


def test_without_a_browser_the_address_can_be_copied(panel, service, desktop):
    desktop.opens = False
    panel.browser_button.click()
    service.sign_ins[-1].show(BrowserStep(URL))
    assert "No browser could be started" in panel.waiting.text()
    panel.copy_button.click()
    assert QGuiApplication.clipboard().text() == URL


def test_a_code_for_another_device_is_shown_large_and_can_be_copied(panel, service, desktop):
    panel.device_button.click()
    assert service.sign_ins[-1].asked[2] is True
    service.sign_ins[-1].show(DeviceStep("WDJB-MJHT", "https://example.org/device", 0.0))
    assert panel.code.isVisible() and panel.code.text() == "WDJB-MJHT"
    assert "https://example.org/device" in panel.waiting.text()
    assert desktop.links == []
    panel.copy_button.click()
    assert QGuiApplication.clipboard().text() == "WDJB-MJHT"


def test_codes_are_offered_where_the_provider_has_them_for_mail(panel):
    ask(panel, "google", "mine")
    assert not panel.device_button.isVisible()
    ask(panel, "https://login.example.org", "mine")
    assert panel.device_button.isVisible()


def test_a_permission_is_passed_on(panel, service, qtbot):
    panel.browser_button.click()
    permission = Permission("refresh", "access")
    with qtbot.waitSignal(panel.permitted) as permitted:
        service.sign_ins[-1].answer(permission)
    assert permitted.args == [permission]
    assert panel.done_text.isVisible()


def test_giving_up_leads_back_to_the_beginning(panel, service):
    panel.browser_button.click()
    panel.cancel_button.click()
    assert service.sign_ins[-1].cancelled
    assert panel.browser_button.isVisible()


def test_a_refusal_is_told_and_can_be_tried_again(panel, service):
    panel.browser_button.click()
    service.sign_ins[-1].fail(SignInFailed("Microsoft refused.", advice="Ask who runs your account."))
    assert panel.notices.notice("failed").text() == "Microsoft refused. Ask who runs your account."
    panel.browser_button.click()
    assert len(service.sign_ins) == 2
    assert panel.notices.notice("failed") is None


def test_where_qtmail_is_not_registered_the_user_s_own_client_is_asked_for(panel, service, qtbot):
    ask(panel)
    assert "not registered with Microsoft" in panel.notices.notice("client").text()
    assert not panel.browser_button.isEnabled()
    panel.client.id.setText("mine")
    panel.client.secret.setText("shh")
    qtbot.keyClick(panel.client.secret, Qt.Key.Key_Return)
    sign_in, _, _, secret = service.sign_ins[-1].asked
    assert (sign_in.client_id, secret) == ("mine", "shh")
