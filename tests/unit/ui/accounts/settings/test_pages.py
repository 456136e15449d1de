from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel

from qtmail.domain.account import BodyPolicy, FolderPolicy, Pop3Keep, Pop3Policy
from qtmail.domain.account_settings import AcceptedCertificate, ClearPermission
from qtmail.domain.folder import SpecialUse
from qtmail.domain.sign_in import SignIn, SignInMethod
from qtmail.ui.accounts.settings.account_edit import Page
from tests.unit.ui.accounts.settings.conftest import LOCAL, OFFICE, PERSONAL

LEFT = Qt.MouseButton.LeftButton


def save(dialog, qtbot) -> None:
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert not dialog.isVisible(), [strip.text() for strip in dialog.notices.findChildren(object)]


def choose(combo, text: str) -> None:
    row = combo.findText(text)
    assert row >= 0, [combo.itemText(at) for at in range(combo.count())]
    combo.setCurrentIndex(row)
    combo.activated.emit(row)


def stored(service, account_id: int):
    return next(one for one in service.accounts() if one.id == account_id)


def test_looking_at_the_pages_changes_nothing(dialog, service, qtbot):
    for page in Page:
        for account in (PERSONAL, OFFICE, LOCAL):
            dialog.choose(account.id, page)
    save(dialog, qtbot)
    assert service.accounts() == [PERSONAL, OFFICE, LOCAL]
    assert (service.folder_policies, service.special_folders) == ([], [])


def test_values_that_the_fields_round_stay_as_they_are_when_something_else_is_changed(dialog, service, qtbot):
    odd = replace(
        OFFICE,
        sync=replace(OFFICE.sync, poll_seconds=90),
        pop3_policy=Pop3Policy(Pop3Keep.NEWEST, newest_bytes=1_500_000, headers_only_over=700_000),
    )
    service.update_account(odd)
    dialog.choose(OFFICE.id)
    dialog.pages.general.name.setText("Odd")
    dialog.pages.show_page(Page.SERVER_MAIL)
    dialog.pages.server_mail.count.setValue(7)
    save(dialog, qtbot)
    policy = replace(odd.pop3_policy, newest_count=7)
    assert stored(service, OFFICE.id) == replace(odd, name="Odd", pop3_policy=policy)


# Servers


def test_an_account_can_stop_sending(dialog, service, qtbot):
    dialog.choose(PERSONAL.id, Page.SERVERS)
    dialog.pages.servers.sends.setChecked(False)
    assert not dialog.pages.servers.smtp.isVisible()
    save(dialog, qtbot)
    assert stored(service, PERSONAL.id).smtp is None


@pytest.mark.parametrize(
    ("account", "form", "words"),
    [
        (PERSONAL, "imap", "the folders show what is on the new server"),
        (OFFICE, "pop3", "What was fetched already stays on this computer"),
    ],
)
def test_another_incoming_server_is_explained(dialog, account, form, words):
    dialog.choose(account.id, Page.SERVERS)
    assert not dialog.pages.servers.note.isVisible()
    getattr(dialog.pages.servers, form).host.setText("new.example")
    assert words in dialog.pages.servers.note.text()
    assert "nothing is fetched a second time" in dialog.pages.servers.note.text()


def test_a_line_that_is_not_encrypted_is_explained_except_on_this_computer(dialog):
    dialog.choose(PERSONAL.id, Page.SERVERS)
    page = dialog.pages.servers
    page.smtp.security.setCurrentIndex(page.smtp.security.findText("No encryption"))
    strip = page.warning.notice("smtp.personal.example")
    assert strip.text().startswith("The line to smtp.personal.example is not encrypted")
    page.smtp.host.setText("127.0.0.1")
    assert page.warning.isHidden()


# Sign-in


def test_another_method_is_saved_before_it_is_used(dialog, service, qtbot):
    dialog.choose(PERSONAL.id, Page.SIGN_IN)
    page = dialog.pages.sign_in
    page.form.method.setCurrentIndex(page.form.method.findData(SignInMethod.OAUTH.value))
    page.form.provider.setCurrentIndex(page.form.provider.findData("google"))
    assert not page.browser_button.isVisible()
    assert page.save_first.isVisible()
    save(dialog, qtbot)
    assert stored(service, PERSONAL.id).sign_in == SignIn(SignInMethod.OAUTH, "google")


def test_the_user_may_sign_in_again_in_the_browser(dialog, service, qtbot):
    service.update_account(replace(PERSONAL, sign_in=SignIn(SignInMethod.OAUTH, "google")))
    dialog.choose(PERSONAL.id, Page.SIGN_IN)
    with qtbot.waitSignal(dialog.sign_in_requested) as asked:
        qtbot.mouseClick(dialog.pages.sign_in.browser_button, LEFT)
    assert (asked.args[0].account_id, asked.args[0].sign_in_again) == (PERSONAL.id, True)


def test_apop_is_offered_for_pop3_with_a_password_only(dialog, service, qtbot):
    dialog.choose(PERSONAL.id, Page.SIGN_IN)
    assert not dialog.pages.sign_in.apop.isVisible()
    dialog.choose(OFFICE.id)
    dialog.pages.sign_in.apop.setChecked(True)
    save(dialog, qtbot)
    assert stored(service, OFFICE.id).pop3_policy.apop


def test_what_a_server_was_allowed_is_listed_and_withdrawn_on_save(dialog, service, qtbot):
    certificate = AcceptedCertificate("imap.personal.example", 993, "ab" * 32)
    clear = ClearPermission("smtp.personal.example", 25)
    service.allowed_exemptions[OFFICE.id] = [certificate, clear]
    dialog.choose(OFFICE.id, Page.SIGN_IN)
    exemptions = dialog.pages.sign_in.exemptions
    assert [exemptions.list.item(row).text() for row in range(2)] == [
        "imap.personal.example:993: this certificate is accepted\nSHA-256 " + ":".join(["AB"] * 32),
        "smtp.personal.example:25: passwords may go over a line that is not encrypted",
    ]
    exemptions.list.setCurrentRow(1)
    qtbot.mouseClick(exemptions.button, LEFT)
    assert exemptions.list.count() == 1
    assert service.withdrawn == []
    dialog.choose(PERSONAL.id)
    dialog.choose(OFFICE.id)
    assert exemptions.list.count() == 1
    save(dialog, qtbot)
    assert service.withdrawn == [clear]


# Synchronisation


def test_the_days_are_asked_for_where_recent_mail_is_kept(dialog, service, qtbot):
    dialog.choose(PERSONAL.id, Page.SYNC)
    page = dialog.pages.sync
    assert page.days.isVisible()
    page.days.setValue(90)
    choose(page.bodies, "All messages")
    assert not page.days.isVisible()
    page.large.setValue(1024)
    save(dialog, qtbot)
    sync = stored(service, PERSONAL.id).sync
    assert (sync.bodies, sync.recent_days, sync.prefetch_bytes) == (BodyPolicy.ALL, 90, 1 << 20)


def rule_rows(dialog) -> list[tuple[str, str, str]]:
    table = dialog.pages.sync.rules.table
    rows = (table.topLevelItem(row) for row in range(table.topLevelItemCount()))
    return [(row.text(0), row.text(1), row.text(2)) for row in rows]


def test_folders_are_listed_with_their_rules(dialog):
    dialog.choose(PERSONAL.id, Page.SYNC)
    assert rule_rows(dialog) == [
        ("Inbox", "as the account", "as the account"),
        ("Sent", "all messages", "as the account"),
        ("Archive", "as the account", "as the account"),
        ("Travel", "as the account", "as the account"),
    ]


def test_several_folders_get_a_rule_and_one_gives_its_own_up(dialog, service, qtbot):
    dialog.choose(PERSONAL.id, Page.SYNC)
    rules = dialog.pages.sync.rules
    for row in (2, 3):
        rules.table.topLevelItem(row).setSelected(True)
    choose(rules.bodies, "headers only")
    choose(rules.interval, "every hour")
    rules.table.clearSelection()
    rules.table.topLevelItem(1).setSelected(True)
    assert rules.bodies.currentText() == "all messages"
    choose(rules.bodies, "as the account")
    assert rule_rows(dialog)[3] == ("Travel", "headers only", "every hour")
    save(dialog, qtbot)
    lean = FolderPolicy(BodyPolicy.NONE, 3600)
    assert sorted(service.folder_policies) == [
        (PERSONAL.id, b"Old mail", lean),
        (PERSONAL.id, b"Sent Items", FolderPolicy()),
        (PERSONAL.id, b"Travel", lean),
    ]


def test_a_rule_is_still_there_on_coming_back_to_the_account(dialog, service, qtbot):
    dialog.choose(PERSONAL.id, Page.SYNC)
    rules = dialog.pages.sync.rules
    rules.table.topLevelItem(3).setSelected(True)
    choose(rules.bodies, "headers only")
    dialog.choose(OFFICE.id)
    dialog.choose(PERSONAL.id, Page.GENERAL)
    dialog.pages.show_page(Page.SYNC)
    assert rule_rows(dialog)[3] == ("Travel", "headers only", "as the account")
    dialog.pages.sync.days.setValue(90)
    save(dialog, qtbot)
    assert service.folder_policies == [(PERSONAL.id, b"Travel", FolderPolicy(BodyPolicy.NONE))]


def test_a_rule_taken_back_before_saving_is_no_change(dialog, service, qtbot):
    dialog.choose(PERSONAL.id, Page.SYNC)
    rules = dialog.pages.sync.rules
    rules.table.topLevelItem(3).setSelected(True)
    choose(rules.bodies, "headers only")
    choose(rules.bodies, "as the account")
    save(dialog, qtbot)
    assert service.folder_policies == []


# Mail on the server


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (None, "will be deleted there once it is safely on this computer"),
        (0, "nothing will be deleted on the server"),
        (1, "1 message will be deleted on the server. It stays on this computer."),
        (1240, "1,240 messages will be deleted on the server. They stay on this computer."),
    ],
)
def test_a_rule_that_deletes_on_the_server_says_so_before_it_is_saved(dialog, service, known, words):
    service.deletions = known
    dialog.choose(OFFICE.id, Page.SERVER_MAIL)
    page = dialog.pages.server_mail
    assert page.warning.notice("deletion") is None
    page.choices[Pop3Keep.DELETE].setChecked(True)
    assert words in page.warning.notice("deletion").text()
    assert service.asked_deletions[-1] == (OFFICE.id, Pop3Policy(Pop3Keep.DELETE))
    page.choices[Pop3Keep.KEEP].setChecked(True)
    assert page.warning.notice("deletion") is None


def test_the_rule_is_kept_with_its_numbers(dialog, service, qtbot):
    dialog.choose(OFFICE.id, Page.SERVER_MAIL)
    page = dialog.pages.server_mail
    page.choices[Pop3Keep.NEWEST].setChecked(True)
    assert page.count.value() > 0
    page.count.setValue(0)
    page.megabytes.setValue(200)
    page.headers_only.setChecked(True)
    page.large.setValue(5)
    choose(page.deliver_to, "Local folders")
    save(dialog, qtbot)
    assert stored(service, OFFICE.id).pop3_policy == Pop3Policy(
        Pop3Keep.NEWEST, newest_bytes=200 << 20, headers_only_over=5 << 20, deliver_to=LOCAL.id
    )


def test_local_folders_that_are_not_there_yet_are_made_on_saving(dialog, service, qtbot):
    service.remove_account(LOCAL.id)
    dialog.choose(OFFICE.id, Page.SERVER_MAIL)
    choose(dialog.pages.server_mail.deliver_to, "Local folders")
    save(dialog, qtbot)
    assert stored(service, OFFICE.id).pop3_policy.deliver_to == service.local_account_id


# Folders


def test_a_folder_is_chosen_for_a_purpose_and_given_back_to_the_server(dialog, service, qtbot):
    dialog.choose(PERSONAL.id, Page.FOLDERS)
    choices = dialog.pages.special.choices
    assert choices[SpecialUse.SENT].currentText() == "As the server says (Sent Items)"
    assert choices[SpecialUse.JUNK].currentText() == "As the server says (none)"
    assert choices[SpecialUse.ARCHIVE].currentText() == "Old mail"
    choose(choices[SpecialUse.TRASH], "Travel")
    choose(choices[SpecialUse.ARCHIVE], "As the server says")
    save(dialog, qtbot)
    assert sorted(service.special_folders) == [
        (PERSONAL.id, SpecialUse.ARCHIVE, b""),
        (PERSONAL.id, SpecialUse.TRASH, b"Travel"),
    ]


def test_what_was_chosen_is_still_there_on_coming_back_to_the_account(dialog):
    dialog.choose(PERSONAL.id, Page.FOLDERS)
    choose(dialog.pages.special.choices[SpecialUse.TRASH], "Travel")
    dialog.choose(OFFICE.id)
    dialog.choose(PERSONAL.id, Page.FOLDERS)
    assert dialog.pages.special.choices[SpecialUse.TRASH].currentText() == "Travel"


# Identities


def test_identities_are_added_and_removed_but_never_the_last(dialog, compose, qtbot):
    dialog.choose(PERSONAL.id, Page.IDENTITIES)
    page = dialog.pages.identities
    assert not page.remove_button.isEnabled()
    qtbot.mouseClick(page.add_button, LEFT)
    qtbot.keyClicks(page.form.address, "chair@club.example")
    page.choose(0)
    qtbot.mouseClick(page.remove_button, LEFT)
    assert not page.remove_button.isEnabled()
    save(dialog, qtbot)
    mine = [one for one in compose.identities() if one.account_id == PERSONAL.id]
    assert [one.address for one in mine] == ["chair@club.example"]


# Keyboard


@pytest.mark.parametrize("account", [PERSONAL, OFFICE], ids=lambda one: one.name)
def test_each_letter_with_alt_means_one_thing_on_a_page(dialog, account):
    for page in Page:
        dialog.choose(account.id, page)
        texts = [
            widget.text()
            for kind in (QLabel, QAbstractButton)
            for widget in dialog.findChildren(kind)
            if widget.isVisible() and (isinstance(widget, QAbstractButton) or widget.buddy())
        ]
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert sorted(letters) == sorted(set(letters)), texts
