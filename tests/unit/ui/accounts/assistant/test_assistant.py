from __future__ import annotations

from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QScrollArea, QWidget

from qtmail.domain.account import Pop3Keep, Security
from qtmail.domain.discovery import Attempt, Discovery, ServerKind, Source
from qtmail.domain.oauth import Permission
from qtmail.domain.sign_in import AccessToken, ClientCertificate, SignInMethod
from qtmail.errors import ConnectionFailed, Layer
from qtmail.ui.accounts.assistant import assistant
from qtmail.ui.accounts.assistant.assistant import AccountAssistant
from qtmail.ui.accounts.certificate_dialog import CertificateDialog
from tests.fakes.discoveries import ADDRESS, GOOGLE, IMAP, POP3, SMTP, berg, discovery, found_server
from tests.fakes.mail_service import FakeMailService, account
from tests.fakes.window import light_theme
from tests.unit.ui.accounts.assistant.bench import AssistantBench, failed, worked


@pytest.fixture
def bench(qapp, qtbot):
    return AssistantBench(qapp, qtbot)


# Who


def test_nobody_goes_on_without_an_address(bench):
    assert not bench.dialog.next_button.isEnabled()
    bench.dialog.who.address.setText("ann@")
    assert not bench.dialog.next_button.isEnabled()
    bench.dialog.who.address.setText(ADDRESS)
    assert bench.dialog.next_button.isEnabled()


def test_a_pasted_name_and_address_are_told_apart(bench, qtbot):
    bench.dialog.who.address.setFocus()
    bench.dialog.who.address.setText(" Ann Berg <ann@berg.example> ")
    qtbot.keyClick(bench.dialog.who.address, Qt.Key.Key_Tab)
    assert bench.dialog.who.address.text() == ADDRESS
    assert bench.dialog.who.full_name.text() == "Ann Berg"


def test_what_is_wrong_with_an_address_is_told_when_the_field_is_left(bench, qtbot):
    bench.dialog.who.address.setFocus()
    qtbot.keyClicks(bench.dialog.who.address, "ann.berg.example")
    assert not bench.says("has no @")
    qtbot.keyClick(bench.dialog.who.address, Qt.Key.Key_Tab)
    assert bench.says("has no @")


def test_an_address_that_is_here_already_is_told(qapp, qtbot):
    bench = AssistantBench(qapp, qtbot, accounts=[account()])
    bench.dialog.who.address.setText("Me@personal.example")
    assert bench.says("is here already, as the account “Personal”")
    bench.dialog.who.address.setText(ADDRESS)
    assert not bench.says("is here already")


def test_blanks_around_the_password_are_told_and_kept(bench):
    bench.type_who(password="secret ")
    assert bench.says("begins or ends with a blank")
    assert bench.dialog.who.password.text() == "secret "


# The search


def test_the_search_learns_the_address_and_never_the_password(bench):
    bench.search()
    assert bench.service.searches[-1].asked == (ADDRESS, "Ann Berg")
    assert bench.says("What berg.example publishes")
    assert not bench.service.tests


def test_a_search_can_be_left_for_the_fields(bench):
    bench.search()
    bench.press("Set up by hand")
    assert bench.service.searches[-1].cancelled
    assert bench.dialog.settings.manual.incoming.host.text() == "imap.berg.example"
    assert bench.dialog.next_button.isEnabled()


def test_going_back_ends_the_search(bench):
    bench.search()
    bench.go_back()
    assert bench.service.searches[-1].cancelled
    assert bench.dialog.page is bench.dialog.who
    assert bench.dialog.who.password.text() == "secret"


def test_a_search_that_never_ends_is_given_up(bench, qtbot, monkeypatch):
    monkeypatch.setattr(assistant, "SEARCH_SECONDS", 0)
    bench.search()
    qtbot.waitUntil(lambda: bench.says("took too long"))
    assert bench.service.searches[-1].cancelled
    assert bench.dialog.settings.by_hand


def test_a_search_that_fails_says_why_and_offers_the_fields(bench):
    bench.search()
    bench.service.searches[-1].fail(ConnectionFailed("There is no network."))
    assert bench.says("There is no network.")
    assert bench.dialog.settings.by_hand


def test_where_nothing_is_found_the_user_types_and_may_see_what_was_tried(bench):
    bench.search()
    tried = Attempt(Source.DNS, False, "DNS names no servers.", 0.1)
    bench.service.searches[-1].answer(Discovery(ADDRESS, (), (tried,)))
    assert bench.says("No settings were found for berg.example")
    assert bench.dialog.settings.by_hand
    bench.press("What was tried")
    assert bench.says("DNS names no servers.")


# The settings


def test_what_was_found_is_shown_in_plain_words(bench):
    bench.find()
    assert bench.says("Berg Mail")
    assert bench.says("Published by berg.example.")
    assert bench.says("imap.berg.example, encrypted (TLS), port 993, user ann@berg.example")
    assert bench.says("smtp.berg.example, encrypted (TLS), port 465, user ann@berg.example")


def test_the_servers_get_the_password_only_once_the_user_has_seen_them(bench):
    bench.find()
    assert not bench.service.tests
    bench.go_on()
    tested, secret, _ = bench.service.tests[-1]
    assert (tested.imap, tested.smtp, secret) == (IMAP.settings, SMTP.settings, "secret")


def test_a_host_nobody_vouches_for_has_to_be_confirmed(bench):
    stranger = found_server(ServerKind.IMAP, "mail.other.example", foreign=True)
    bench.find(berg(stranger, SMTP, source=Source.DNS))
    assert bench.says("mail.other.example, outside berg.example")
    assert not bench.dialog.next_button.isEnabled()
    bench.dialog.settings.confirmations.boxes[0].click()
    assert bench.dialog.next_button.isEnabled()


def test_an_open_line_takes_a_word_from_the_user_and_is_noted(bench):
    clear = found_server(ServerKind.IMAP, "imap.berg.example", security=Security.NONE)
    bench.find(berg(clear, SMTP))
    assert bench.says("NOT encrypted")
    bench.go_on()
    assert not bench.service.tests
    bench.dialog.settings.confirmations.boxes[0].click()
    bench.go_on()
    assert bench.service.clear_servers == [("imap.berg.example", 143)]
    assert bench.service.tests


def test_another_server_is_another_question(bench):
    clear = found_server(ServerKind.IMAP, "imap.berg.example", security=Security.NONE)
    bench.find(berg(clear, SMTP))
    bench.dialog.settings.confirmations.boxes[0].click()
    bench.press("Change the settings by hand…")
    bench.dialog.settings.manual.incoming.host.setText("mail.elsewhere.example")
    assert not bench.dialog.next_button.isEnabled()


def test_the_fields_begin_with_what_was_found(bench):
    bench.find()
    bench.press("Change the settings by hand…")
    manual = bench.dialog.settings.manual
    assert manual.incoming.settings() == IMAP.settings
    manual.incoming.user.setText("ann")
    bench.go_on()
    assert bench.service.tests[-1][0].imap.user == "ann"


def test_what_was_found_can_be_gone_back_to(bench):
    bench.find()
    bench.press("Change the settings by hand…")
    bench.dialog.settings.manual.incoming.host.setText("mail.elsewhere.example")
    bench.press("Use what was found")
    bench.go_on()
    assert bench.service.tests[-1][0].imap == IMAP.settings


def test_what_was_typed_by_hand_is_there_when_it_is_gone_back_to(bench):
    bench.find()
    bench.press("Change the settings by hand…")
    bench.dialog.settings.manual.incoming.user.setText("ann")
    bench.press("Use what was found")
    bench.press("Change the settings by hand…")
    assert bench.dialog.settings.manual.incoming.user.text() == "ann"


def test_another_address_begins_with_other_fields(bench):
    bench.find()
    bench.press("Change the settings by hand…")
    bench.dialog.settings.manual.incoming.host.setText("mail.elsewhere.example")
    bench.go_back()
    bench.dialog.who.address.setText("ann@tal.example")
    bench.go_on()
    bench.press("Set up by hand")
    assert bench.dialog.settings.manual.incoming.host.text() == "imap.tal.example"
    assert not bench.says("Use what was found")


def test_a_doubtful_host_does_not_get_better_in_the_fields(bench):
    stranger = found_server(ServerKind.IMAP, "mail.other.example", foreign=True)
    bench.find(berg(stranger, SMTP, source=Source.DNS))
    bench.press("Change the settings by hand…")
    assert not bench.dialog.next_button.isEnabled()
    bench.dialog.settings.manual.incoming.host.setText("imap.berg.example")
    assert bench.dialog.next_button.isEnabled()


def test_a_provider_s_wish_for_an_app_password_holds_for_its_servers_typed_by_hand(bench):
    bench.find(replace(berg(), app_password=True))
    bench.press("Change the settings by hand…")
    bench.go_on()
    assert not bench.service.tests
    assert bench.dialog.sign_in.name.text() == "Berg Mail"


# POP3


def test_pop3_asks_what_stays_on_the_server(bench):
    bench.find()
    bench.dialog.settings.found.pop3.button.click()
    bench.go_on()
    assert bench.says("What stays on the server?")
    assert not bench.service.tests
    bench.dialog.pop3.days.setValue(7)
    bench.go_on()
    tested = bench.service.tests[-1][0]
    assert (tested.imap, tested.pop3) == (None, POP3.settings)
    assert (tested.pop3_policy.keep, tested.pop3_policy.days) == (Pop3Keep.DAYS, 7)


def test_pop3_mail_can_go_into_the_folders_all_accounts_share(bench):
    bench.find(berg(POP3, SMTP))
    bench.go_on()
    bench.dialog.pop3.local_folders.click()
    bench.go_on()
    bench.answer(worked("pop.berg.example:995"))
    bench.go_on()
    assert bench.added[0][0].pop3_policy.deliver_to == bench.service.local_account_id


def test_going_back_leads_through_the_steps_that_were_taken(bench):
    bench.find(berg(POP3, SMTP))
    bench.go_on()
    bench.go_on()
    for page in (bench.dialog.pop3, bench.dialog.settings, bench.dialog.who):
        bench.go_back()
        assert bench.dialog.page is page


# Signing in, and the test


def test_an_account_that_works_is_added(bench):
    bench.find()
    bench.go_on()
    assert not bench.dialog.next_button.isEnabled()
    bench.answer(worked(), worked("smtp.berg.example:465"))
    assert bench.dialog.next_button.text() == "&Add account"
    bench.go_on()
    added, secret, keep = bench.added[0]
    assert (added.name, added.address, added.full_name) == ("Berg Mail", ADDRESS, "Ann Berg")
    assert (secret, keep) == ("secret", True)
    assert not bench.dialog.isVisible()


def test_a_refused_password_is_asked_for_again_and_tried_by_enter(bench, qtbot):
    bench.find()
    bench.go_on()
    bench.answer(worked(layer=Layer.TLS), failed(Layer.SIGN_IN))
    assert bench.says("imap.berg.example:993 did not let you in.")
    assert bench.says("It did not work. Do something.")
    assert bench.has_focus(bench.dialog.sign_in.password)
    assert not bench.dialog.anyway_button.isVisible()
    qtbot.keyClicks(bench.dialog.sign_in.password, "better")  # what was refused is selected
    qtbot.keyClick(bench.dialog.sign_in.password, Qt.Key.Key_Return)
    assert bench.service.tests[-1][1] == "better"


def test_a_result_does_not_outlive_the_password_it_was_got_with(bench):
    bench.find()
    bench.go_on()
    bench.answer(worked())
    bench.dialog.sign_in.password.setText("other")
    assert bench.dialog.next_button.text() == "&Test"
    assert not bench.says("Everything works")


@pytest.mark.parametrize(
    "layer", [Layer.NAME_LOOKUP, Layer.CONNECTION, Layer.GREETING, Layer.TLS, Layer.CAPABILITY]
)
def test_with_a_server_that_is_down_the_account_can_be_added_all_the_same(bench, layer):
    bench.find()
    bench.go_on()
    bench.answer(failed(layer))
    bench.press("Add anyway")
    assert bench.added[0][1] == "secret"


@pytest.mark.parametrize(
    ("server", "form"), [("imap.berg.example:993", "incoming"), ("smtp.berg.example:465", "outgoing")]
)
def test_a_fault_leads_to_the_server_it_is_about(bench, server, form):
    bench.find()
    bench.go_on()
    bench.answer(failed(Layer.NAME_LOOKUP, server))
    bench.press("Change the server")
    fields = getattr(bench.dialog.settings.manual, form)
    assert bench.has_focus(fields.host)
    fields.host.setText("mail.berg.example")
    bench.go_on()
    assert "mail.berg.example" in str(bench.service.tests[-1][0])


def test_a_refused_name_leads_to_the_user_name(bench):
    bench.find()
    bench.go_on()
    bench.answer(failed(Layer.SIGN_IN, "smtp.berg.example:465"))
    bench.press("Change the user name")
    assert bench.has_focus(bench.dialog.settings.manual.outgoing.user)


def test_a_certificate_can_be_looked_at_trusted_and_tried_again(bench, authority):
    pem = authority.cert_pem.bytes().decode()
    bench.find()
    bench.go_on()
    bench.answer(failed(Layer.TLS, certificate=pem))
    bench.press("Look at the certificate…")
    shown = bench.dialog.findChild(CertificateDialog)
    bench.press("Trust this certificate")
    assert not shown.isVisible()
    assert bench.service.trusted_servers == [("imap.berg.example", 993, pem)]
    assert len(bench.service.tests) == 2


def test_verdicts_that_come_after_the_page_was_left_are_not_shown(bench):
    bench.find()
    bench.go_on()
    bench.go_back()
    bench.go_on()
    bench.service.tests[0][2]([worked()])
    assert bench.dialog.next_button.text() == "&Test"
    bench.service.tests[1][2]([worked()])
    assert bench.dialog.next_button.text() == "&Add account"


def test_an_app_password_is_not_what_was_typed_first(bench):
    bench.find(GOOGLE, address="ann@gmail.com")
    bench.go_on()
    assert not bench.service.tests  # the password of the website is not sent to the mail servers
    bench.dialog.sign_in.password.setText("abcd efgh ijkl mnop")
    bench.go_on()
    assert bench.service.tests[-1][1] == "abcd efgh ijkl mnop"


def test_signing_in_by_browser_takes_no_password(bench):
    permission = sign_in_at_google(bench)
    assert not bench.dialog.sign_in.password.isVisible()
    tested, secret, _ = bench.service.tests[-1]
    assert (tested.sign_in.provider, tested.sign_in.client_id) == ("google", "mine")
    assert secret == AccessToken("access")
    bench.answer(worked("imap.gmail.com:993"))
    bench.go_on()
    assert bench.added[0][1] is permission


def sign_in_at_google(bench) -> Permission:
    """Up to where the servers are tried with the provider's permission."""
    bench.find(GOOGLE, address="ann@gmail.com")
    combo = bench.dialog.settings.found.sign_ins
    combo.setCurrentIndex(combo.findData(SignInMethod.OAUTH.value))
    bench.go_on()
    bench.dialog.sign_in.browser.client.id.setText("mine")
    bench.press("Sign in with your browser")
    permission = Permission("refresh", "access")
    bench.service.sign_ins[-1].answer(permission)
    return permission


def test_a_permission_that_is_refused_is_asked_for_again(bench):
    sign_in_at_google(bench)
    bench.answer(failed(Layer.SIGN_IN, "imap.gmail.com:993"))
    assert not bench.dialog.next_button.isEnabled()
    bench.press("Sign in with your browser")
    assert len(bench.service.sign_ins) == 2


def test_a_permission_outlives_the_mending_of_a_server(bench):
    permission = sign_in_at_google(bench)
    bench.answer(failed(Layer.CONNECTION, "smtp.gmail.com:465"))
    bench.press("Change the server")
    manual = bench.dialog.settings.manual
    manual.sign_in.client.show_client("mine", "")
    manual.outgoing.port.setValue(587)
    bench.go_on()
    assert len(bench.service.sign_ins) == 1
    assert bench.service.tests[-1][1] == AccessToken("access")
    bench.answer(worked("imap.gmail.com:993"))
    bench.go_on()
    assert bench.added[0][1] is permission


def test_a_password_outlives_the_mending_of_a_server(bench):
    bench.find()
    bench.go_on()
    bench.answer(failed(Layer.SIGN_IN))
    bench.dialog.sign_in.password.setText("better")
    bench.go_on()
    bench.answer(worked(), failed(Layer.CONNECTION, "smtp.berg.example:465"))
    bench.press("Change the server")
    bench.go_on()
    assert bench.service.tests[-1][1] == "better"


def test_a_certificate_of_one_s_own_needs_no_password(bench):
    bench.search(password="")
    bench.press("Set up by hand")
    form = bench.dialog.settings.manual.sign_in
    form.method.setCurrentIndex(form.method.findData(SignInMethod.CERTIFICATE.value))
    form.certificate.setText("ann.pem")
    bench.go_on()
    bench.go_on()
    assert bench.service.tests[-1][1] == ClientCertificate("ann.pem")
    bench.dialog.sign_in.password.setText("open sesame")
    bench.go_on()
    assert bench.service.tests[-1][1] == ClientCertificate("ann.pem", "open sesame")
    bench.answer(worked())
    bench.go_on()
    assert bench.added[0][1] == "open sesame"


def test_the_account_has_the_name_the_user_gives_it(bench):
    bench.find()
    bench.go_on()
    bench.dialog.sign_in.name.setText("Club")
    bench.answer(worked())
    bench.go_on()
    assert bench.added[0][0].name == "Club"


def test_an_account_is_not_added_while_its_password_file_is_not_made(qapp, qtbot):
    bench = AssistantBench(qapp, qtbot, keyring="No password store was found.")
    bench.find()
    bench.go_on()
    bench.answer(worked())
    keyring = bench.dialog.sign_in.keyring
    keyring.vault.click()
    assert not bench.dialog.next_button.isEnabled()
    keyring.master.setText("a long one")
    keyring.again.setText("a long one")
    bench.press("Make the file")
    assert bench.service.vaults == ["a long one"]
    bench.go_on()
    assert bench.added[0][2] is True


def test_without_a_password_store_the_password_is_forgotten_at_the_end(qapp, qtbot):
    bench = AssistantBench(qapp, qtbot, keyring="No password store was found.")
    bench.find()
    bench.go_on()
    bench.answer(worked())
    bench.go_on()
    assert bench.added[0][2] is False


# The window


def test_closing_ends_what_is_waited_for_and_forgets_the_secrets(bench, qtbot):
    bench.search()
    qtbot.keyClick(bench.dialog, Qt.Key.Key_Escape)
    assert bench.service.searches[-1].cancelled
    assert bench.dialog.who.password.text() == ""
    assert bench.dialog.sign_in.password.text() == ""


def test_closing_ends_a_sign_in_in_the_browser(bench, qtbot):
    bench.find(GOOGLE, address="ann@gmail.com")
    combo = bench.dialog.settings.found.sign_ins
    combo.setCurrentIndex(combo.findData(SignInMethod.OAUTH.value))
    bench.go_on()
    bench.dialog.sign_in.browser.client.id.setText("mine")
    bench.press("Sign in with your browser")
    qtbot.keyClick(bench.dialog, Qt.Key.Key_Escape)
    assert bench.service.sign_ins[-1].cancelled


def test_the_whole_way_by_keyboard(bench, qtbot):
    dialog = bench.dialog
    qtbot.keyClicks(dialog.focusWidget(), "Ann Berg")
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    qtbot.keyClicks(dialog.focusWidget(), ADDRESS)
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    qtbot.keyClicks(dialog.focusWidget(), "secret")
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    bench.service.searches[-1].answer(Discovery(ADDRESS, (berg(),), ()))
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    bench.answer(worked())
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert bench.added[0][1] == "secret"


def test_everything_the_keyboard_reaches_has_a_name(bench):
    dialog = bench.dialog
    dialog.sign_in.browser.client.advanced.setChecked(True)
    nameless = [
        widget
        for widget in dialog.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.window() is dialog  # and not the list a combo box drops down
        and type(widget) is not QScrollArea
        and not widget.objectName().startswith("qt_")
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]
    assert nameless == []


def test_the_window_fits_a_small_screen(bench):
    bench.find()
    bench.press("Change the settings by hand…")
    assert bench.dialog.width() <= 1280 and bench.dialog.height() <= 760
    assert bench.dialog.minimumSizeHint().height() <= 560


def test_answers_for_a_window_that_is_gone_do_no_harm(qapp):
    """The service holds on to what it was given; Qt has deleted the rest."""
    service = FakeMailService()
    dialog = AccountAssistant(service, light_theme(qapp))  # type: ignore[arg-type]
    dialog.who.address.setText(ADDRESS)
    dialog.who.password.setText("secret")
    dialog.next_button.click()
    service.searches[-1].answer(discovery(berg()))
    dialog.next_button.click()
    dialog.reject()
    shiboken6.delete(dialog)
    service.tests[-1][2]([worked()])
    service.searches[-1].answer(discovery(berg()))
    assert len(service.tests) == 1
