"""The head of the reading pane."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from qtmail.domain.address import Address
from qtmail.domain.message import Envelope, Flag, MessageRow
from qtmail.ui.message_view.header_card import LONGEST_SUBJECT, HeaderCard
from qtmail.ui.message_view.recipients_line import AddressLabel, address_menu
from qtmail.ui.shared.elided_label import ElidedLabel
from qtmail.ui.shared.theme import Theme

ANNA = Address("Anna Berg", "anna@example.com")
BEN = Address("", "ben@example.org")
WANG = Address("王小明", "wang@example.cn")


@pytest.fixture
def card(qtbot: QtBot) -> HeaderCard:
    card = HeaderCard(Theme())
    qtbot.addWidget(card)
    card.resize(700, 200)
    card.show()
    return card


def shown_texts(card: HeaderCard) -> list[str]:
    labels = [label for label in card.findChildren(QWidget) if isinstance(label, QLabel | ElidedLabel)]
    return [label.text() for label in labels if label.isVisible()]


def button(card: HeaderCard, name: str) -> QToolButton:
    return next(b for b in card.findChildren(QToolButton) if b.accessibleName() == name)


def test_it_shows_who_wrote_what_to_whom(card: HeaderCard) -> None:
    date = datetime(2024, 11, 3, 12, 0, tzinfo=UTC)
    card.show_envelope(Envelope("Harbour plans", from_=(ANNA,), to=(BEN,), cc=(WANG,), date=date))
    texts = shown_texts(card)
    assert {"Harbour plans", "Anna Berg", "anna@example.com", "to ben@example.org, 王小明"} <= set(texts)
    assert any(text.startswith("2024-11-03") for text in texts)


def test_an_empty_envelope_is_told_in_words(card: HeaderCard) -> None:
    card.show_envelope(Envelope())
    assert {"(no subject)", "(unknown sender)"} <= set(shown_texts(card))
    assert not button(card, "All recipients").isVisible()


def test_the_expander_shows_every_address(card: HeaderCard, qtbot: QtBot) -> None:
    reply = Address("List", "list@example.net")
    card.show_envelope(Envelope("S", from_=(ANNA,), to=(BEN,), cc=(WANG,), reply_to=(reply,)))
    qtbot.mouseClick(button(card, "All recipients"), Qt.MouseButton.LeftButton)
    labels = [label.text() for label in card.findChildren(AddressLabel)]
    assert labels == [str(address) for address in (ANNA, BEN, WANG, reply)]
    qtbot.mouseClick(button(card, "Fewer details"), Qt.MouseButton.LeftButton)
    assert not card.recipients().is_expanded()


def test_a_message_to_hundreds_leaves_room_for_itself(card: HeaderCard) -> None:
    many = tuple(Address(f"Person {n}", f"p{n}@example.com") for n in range(500))
    card.show_envelope(Envelope("S", from_=(ANNA,), to=many))
    card.recipients().set_expanded(True)
    QApplication.processEvents()
    assert card.minimumSizeHint().height() < 320
    assert any(label.text() == "and 400 more" for label in card.findChildren(QLabel))


def test_the_flag_follows_and_is_toggled(card: HeaderCard, qtbot: QtBot) -> None:
    card.set_flags(Flag.FLAGGED)
    with qtbot.waitSignal(card.flag_toggled) as toggled:
        qtbot.mouseClick(button(card, "Remove flag"), Qt.MouseButton.LeftButton)
    assert toggled.args == [False]
    card.set_flags(Flag.NONE)
    with qtbot.waitSignal(card.flag_toggled) as toggled:
        qtbot.mouseClick(button(card, "Flag"), Qt.MouseButton.LeftButton)
    assert toggled.args == [True]


def test_a_row_is_shown_while_the_message_is_on_its_way(card: HeaderCard) -> None:
    row = MessageRow(
        1, 1, 1, 1, 0, 9, Flag.NONE, frozenset(), "From the list", "Anna", "a@b.c", "Ben, 王", "", False
    )
    card.show_row(row)
    assert {"From the list", "Anna", "a@b.c", "to Ben, 王"} <= set(shown_texts(card))


def test_markup_in_the_subject_is_shown_as_it_is_and_cut_when_endless(card: HeaderCard) -> None:
    card.show_envelope(Envelope("<b>Bold</b>"))
    assert card.subject() == "<b>Bold</b>"
    card.show_envelope(Envelope("x" * 5000))
    assert len(card.subject()) == LONGEST_SUBJECT + 1


def test_addresses_are_copied(card: HeaderCard) -> None:
    address, both = address_menu(card, ANNA).actions()
    address.trigger()
    assert QApplication.clipboard().text() == "anna@example.com"
    both.trigger()
    assert QApplication.clipboard().text() == "Anna Berg <anna@example.com>"
