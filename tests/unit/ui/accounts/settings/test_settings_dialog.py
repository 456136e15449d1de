from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QScrollArea, QSpinBox, QTabWidget, QToolButton, QWidget

from qtmail.domain.diagnosis import Verdict
from qtmail.domain.events import ChangeKind, StoreChange
from qtmail.errors import Layer
from qtmail.ui.accounts.connection_check import ConnectionCheck
from qtmail.ui.accounts.settings.account_edit import Page
from qtmail.ui.accounts.settings.removal_dialog import RemovalDialog
from tests.fakes.mail_service import account
from tests.unit.ui.accounts.settings.conftest import LOCAL, OFFICE, PERSONAL

LEFT = Qt.MouseButton.LeftButton


def drag(view, row: int, before: int) -> None:
    """Move a row as the view does when it is dropped there."""
    assert view.model().moveRow(QModelIndex(), row, QModelIndex(), before)


def tabs(dialog) -> list[str]:
    pages = dialog.pages
    return [pages.tabText(tab) for tab in range(pages.count()) if pages.isTabVisible(tab)]


def retype(qtbot, field, text: str) -> None:
    field.clear()
    qtbot.keyClicks(field, text)


def test_each_account_has_the_pages_it_has_something_to_say_on(dialog):
    assert tabs(dialog) == ["General", "Identities", "Servers", "Sign-in", "Synchronisation", "Folders"]
    dialog.choose(OFFICE.id)
    assert tabs(dialog) == ["General", "Identities", "Servers", "Sign-in", "Mail on the server"]
    dialog.choose(LOCAL.id)
    assert tabs(dialog) == ["General"]


def test_the_page_stays_open_for_the_next_account_if_it_has_it(dialog):
    dialog.choose(PERSONAL.id, Page.SIGN_IN)
    dialog.choose(OFFICE.id)
    assert dialog.pages.sign_in.isVisible()
    dialog.choose(LOCAL.id)
    assert dialog.pages.general.isVisible()


def test_nothing_is_stored_before_save_and_then_everything(dialog, service, qtbot):
    retype(qtbot, dialog.pages.general.name, "Mine")
    dialog.choose(OFFICE.id)
    dialog.pages.general.name.setText("工作")
    assert [one.name for one in service.accounts()] == ["Personal", "公司邮箱", "Local folders"]
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert [one.name for one in service.accounts()] == ["Mine", "工作", "Local folders"]
    assert not dialog.isVisible()


def test_cancel_changes_nothing(dialog, service, qtbot):
    retype(qtbot, dialog.pages.general.name, "Mine")
    dialog.discard()
    assert service.accounts() == [PERSONAL, OFFICE, LOCAL]


def test_escape_does_not_throw_away_what_was_typed(dialog, qtbot):
    retype(qtbot, dialog.pages.general.name, "Mine")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    strip = dialog.notices.notice("unsaved")
    qtbot.mouseClick(strip.button("Discard"), LEFT)
    assert not dialog.isVisible()


def test_escape_closes_where_nothing_was_changed(dialog, qtbot):
    dialog.choose(OFFICE.id)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_fault_of_another_account_is_shown_where_it_can_be_mended_and_nothing_is_stored(
    dialog, service, qtbot
):
    dialog.choose(PERSONAL.id, Page.SERVERS)
    dialog.pages.servers.imap.host.clear()
    dialog.choose(OFFICE.id)
    dialog.pages.general.name.setText("工作")
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert dialog.isVisible()
    assert dialog.list.chosen() == PERSONAL.id
    assert dialog.pages.servers.isVisible()
    text = dialog.notices.notice("fault").text()
    assert text == "Incoming mail: The name of the server is missing."
    assert service.accounts() == [PERSONAL, OFFICE, LOCAL]


def test_the_order_is_changed_by_alt_and_arrows(dialog, service, qtbot):
    dialog.choose(OFFICE.id)
    qtbot.keyClick(dialog.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert dialog.list.ids() == [2, 1, 3]
    assert dialog.list.chosen() == OFFICE.id
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert [one.id for one in service.accounts()] == [2, 1, 3]


def test_the_order_is_changed_by_dragging(dialog, service, qtbot):
    drag(dialog.list, 2, 0)
    assert dialog.list.ids() == [3, 1, 2]
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert [one.id for one in service.accounts()] == [3, 1, 2]


def test_an_order_made_elsewhere_is_followed_unless_another_is_being_made(dialog, service, qtbot):
    service.arrange_accounts([3, 2, 1])
    assert dialog.list.ids() == [3, 2, 1]
    assert dialog.list.chosen() == PERSONAL.id
    drag(dialog.list, 0, 3)
    service.arrange_accounts([1, 2, 3])
    assert dialog.list.ids() == [2, 1, 3]


def test_space_switches_an_account_off_on_its_page_too(dialog, service, qtbot):
    qtbot.keyClick(dialog.list, Qt.Key.Key_Space)
    assert not dialog.pages.general.enabled.isChecked()
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert [one.enabled for one in service.accounts()] == [False, True, True]


def test_local_folders_cannot_be_switched_off(dialog):
    dialog.choose(LOCAL.id)
    assert not dialog.pages.general.enabled.isVisible()
    assert not dialog.list.currentItem().data(Qt.ItemDataRole.CheckStateRole)


def test_the_list_shows_the_name_as_it_is_typed(dialog):
    dialog.pages.general.name.setText("家")
    assert dialog.list.currentItem().text() == "家"


def test_the_colour_is_chosen_from_the_palette(dialog, service, qtbot):
    pink = next(one for one in dialog.findChildren(QToolButton) if one.toolTip() == "Pink")
    qtbot.mouseClick(pink, LEFT)
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert service.accounts()[0].color == "#ec4899"


def test_another_address_is_taken_over_by_the_identity_that_had_the_old_one(dialog, compose, qtbot):
    retype(qtbot, dialog.pages.general.address, "new@personal.example")
    dialog.pages.show_page(Page.IDENTITIES)
    assert dialog.pages.identities.form.address.text() == "new@personal.example"
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert compose.identities()[0].address == "new@personal.example"


def test_an_account_that_was_added_meanwhile_is_shown_and_edits_stay(dialog, service, qtbot):
    retype(qtbot, dialog.pages.general.name, "Mine")
    with qtbot.waitSignal(dialog.add_requested):
        qtbot.mouseClick(dialog.add_button, LEFT)
    service.add_account(account(4, "Club"), "secret", remember=False)
    assert dialog.list.chosen() == 4
    dialog.choose(PERSONAL.id)
    assert dialog.pages.general.name.text() == "Mine"


def test_what_changed_elsewhere_is_shown(dialog, service):
    service.update_account(replace(PERSONAL, full_name="Anna"))
    assert dialog.pages.general.full_name.text() == "Anna"


def test_what_is_being_typed_is_not_disturbed_by_news_of_the_store(dialog, service, qtbot):
    field = dialog.pages.general.name
    retype(qtbot, field, "Mine")
    field.setCursorPosition(1)
    service.bridge.store_changed.emit(StoreChange(frozenset({ChangeKind.ACCOUNTS})))
    assert (field.text(), field.cursorPosition()) == ("Mine", 1)


def test_removing_asks_first_and_the_account_leaves_the_list(dialog, service, qtbot):
    qtbot.mouseClick(dialog.remove_button, LEFT)
    question = dialog.findChild(RemovalDialog)
    assert service.removed == []
    qtbot.mouseClick(question.remove_button, LEFT)
    assert service.removed == [(PERSONAL.id, True, False)]
    assert dialog.list.ids() == [OFFICE.id, LOCAL.id]


def test_the_password_is_asked_for_the_account_shown(dialog, qtbot):
    dialog.choose(OFFICE.id, Page.SIGN_IN)
    with qtbot.waitSignal(dialog.password_requested) as asked:
        qtbot.mouseClick(dialog.pages.sign_in.password_button, LEFT)
    assert asked.args[0].account_id == OFFICE.id


def test_the_stored_account_is_checked_with_what_is_known_of_it(dialog, service, qtbot):
    dialog.choose(PERSONAL.id, Page.SERVERS)
    qtbot.mouseClick(dialog.pages.servers.check_button, LEFT)
    (asked, done) = service.checks[0]
    assert asked == PERSONAL.id
    done([Verdict("imap.personal.example:993", Layer.TLS, False, "It expired.", "Wait.")])
    assert dialog.findChild(ConnectionCheck).summary.text() == "What failed: Encryption."


def test_servers_that_are_not_saved_yet_are_checked_as_they_stand_in_the_fields(dialog, service, qtbot):
    dialog.choose(PERSONAL.id, Page.SERVERS)
    retype(qtbot, dialog.pages.servers.imap.host, "mail.personal.example")
    qtbot.mouseClick(dialog.pages.servers.check_button, LEFT)
    tested, secret, _ = service.tests[0]
    assert (tested.imap.host, secret) == ("mail.personal.example", None)
    assert service.checks == []


@pytest.mark.parametrize("size", [(960, 640), (1280, 800)])
def test_every_page_has_room(dialog, size):
    dialog.resize(*size)
    for page in Page:
        dialog.pages.show_page(page)
        assert dialog.minimumSizeHint().width() <= 960
        assert dialog.minimumSizeHint().height() <= 640


def test_fifty_accounts_are_listed_and_the_last_can_be_reached(dialog, service):
    for number in range(4, 51):
        service.add_account(account(number, f"Account {number}"), "", remember=False)
    dialog.choose(50)
    row = dialog.list.visualItemRect(dialog.list.currentItem())
    assert dialog.list.viewport().rect().contains(row.center())
    assert dialog.list.itemAt(QPoint(row.center())).text() == "Account 50"


@pytest.mark.parametrize("chosen", [PERSONAL.id, OFFICE.id, LOCAL.id])
def test_everything_the_keyboard_reaches_has_a_name(dialog, chosen):
    nameless = set()
    for page in Page:
        dialog.choose(chosen, page)
        for widget in dialog.findChildren(QWidget):
            reached = widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            inner = isinstance(widget.parent(), QSpinBox) or isinstance(widget, (QScrollArea, QTabWidget))
            if reached and not inner:
                told = QAccessible.queryAccessibleInterface(widget)
                if not told.text(QAccessible.Text.Name):
                    nameless.add(f"{page.name} {type(widget).__name__}")
    assert sorted(nameless) == []


def test_without_an_account_the_way_to_one_is_shown_in_place_of_empty_fields(dialog, service):
    for one in service.accounts():
        service.remove_account(one.id, keep_mail=False)
    service.bridge.store_changed.emit(StoreChange(frozenset({ChangeKind.ACCOUNTS})))
    assert not dialog.pages.isVisible() and dialog.nothing.isVisible()
    assert dialog.nothing.sentence() == "There is no account yet."
    service.add_account(PERSONAL, None, remember=False)
    service.bridge.store_changed.emit(StoreChange(frozenset({ChangeKind.ACCOUNTS})))
    assert dialog.pages.isVisible() and not dialog.nothing.isVisible()
