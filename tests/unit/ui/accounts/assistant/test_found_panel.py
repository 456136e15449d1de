from __future__ import annotations

from dataclasses import replace

import pytest

from qtmail.domain.discovery import ProviderAdvice, ServerKind, Source
from qtmail.domain.sign_in import SignInMethod
from qtmail.ui.accounts.assistant.found_panel import FoundPanel
from tests.fakes.discoveries import GOOGLE, IMAP, POP3, SMTP, berg, discovery, found_server
from tests.fakes.reading import NotingDesktop
from tests.fakes.window import light_theme


@pytest.fixture
def desktop():
    return NotingDesktop()


@pytest.fixture
def panel(qapp, qtbot, desktop):
    panel = FoundPanel(light_theme(qapp), desktop)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def advised(url: str):
    return replace(berg(), advice=(ProviderAdvice("Make an authorisation code (授权码).", url),))


def test_imap_is_recommended_where_both_are_offered(panel):
    panel.show_discovery(discovery(berg()))
    assert panel.imap.isVisible() and panel.pop3.isVisible()
    assert panel.choice().kind is ServerKind.IMAP
    panel.pop3.button.click()
    assert panel.choice().incoming == POP3.settings
    assert "pop.berg.example" in panel.incoming.text()


def test_the_only_kind_there_is_needs_no_choice(panel):
    panel.show_discovery(discovery(berg(POP3, SMTP)))
    assert not panel.imap.isVisible()
    assert panel.choice().kind is ServerKind.POP3


def test_another_source_can_be_chosen(panel):
    other = berg(found_server(ServerKind.IMAP, "mail.berg.example"), source=Source.DNS)
    panel.show_discovery(discovery(berg(), other))
    panel.sources.setCurrentIndex(1)
    assert panel.choice().incoming.host == "mail.berg.example"
    assert "only read mail" in panel.outgoing.text()


def test_a_server_from_elsewhere_says_so(panel):
    lent = found_server(ServerKind.SMTP, "smtp.berg.example", source=Source.GUESS)
    panel.show_discovery(discovery(berg(IMAP, lent)))
    assert "Guessed" in panel.outgoing.text()
    assert "Guessed" not in panel.incoming.text()


def test_advice_leads_to_the_provider_s_page(panel, desktop):
    panel.show_discovery(discovery(advised("https://help.berg.example/imap")))
    strip = panel.advice.notice("advice-0")
    assert "授权码" in strip.text()
    strip.button("Open help.berg.example").click()
    assert desktop.links == ["https://help.berg.example/imap"]


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "javascript:alert(1)", "https://help.berg.example@evil.example/"]
)
def test_what_is_no_plain_web_page_is_not_offered(panel, url):
    panel.show_discovery(discovery(advised(url)))
    strip = panel.advice.notice("advice-0")
    assert all(strip.button(f"Open {host}") is None for host in ("help.berg.example", "evil.example", ""))


def test_without_a_browser_the_address_is_told(panel, desktop):
    desktop.opens = False
    panel.show_discovery(discovery(advised("https://help.berg.example/imap")))
    panel.advice.notice("advice-0").button("Open help.berg.example").click()
    assert "https://help.berg.example/imap" in panel.advice.notice("failed").text()


def test_how_to_sign_in_can_be_chosen_where_there_are_two_ways(panel):
    panel.show_discovery(discovery(GOOGLE))
    assert panel.choice().sign_in.method is SignInMethod.PASSWORD
    panel.sign_ins.setCurrentIndex(panel.sign_ins.findData(SignInMethod.OAUTH.value))
    assert panel.choice().sign_in == GOOGLE.sign_in
    assert panel.sign_ins.currentText() == "in your browser, at Google"
