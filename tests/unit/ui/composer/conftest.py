"""Fixtures of the composer's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail.domain.composition import AnswerKind, Composition, Draft
from qtmail.domain.identity import Identity
from qtmail.mime.message import ParsedMessage
from qtmail.mime.parser import parse
from qtmail.ui.composer.composer_window import ComposerWindow
from qtmail.ui.composer.composers import Composers
from qtmail.ui.composer.editor import Editor
from qtmail.ui.shared.theme import Theme
from tests.fakes.compose_service import FakeComposeService
from tests.fakes.mail_service import account
from tests.fakes.window import light_theme

MESSAGE = parse(b"From: Bob <bob@b.example>\r\nSubject: Plans\r\n\r\nWhen?\r\n")
MakeWindow = Callable[..., ComposerWindow]


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return light_theme(qapp)


@pytest.fixture
def service() -> FakeComposeService:
    """Two accounts with an identity each; the first has a signature."""
    accounts = [account(1, "Personal"), account(2, "Work", "#d9480f")]
    identities = [
        Identity(1, 1, "Ann", "ann@personal.example", signature_html="<p><b>Ann</b><br>at home</p>"),
        Identity(2, 2, "Ann Lee", "ann@work.example", signature_text="Ann Lee\nWork Ltd"),
    ]
    return FakeComposeService(accounts, identities)


@pytest.fixture
def editor(theme: Theme, qtbot: QtBot) -> Editor:
    editor = Editor(theme)
    qtbot.addWidget(editor)
    return editor


@pytest.fixture
def composers(service: FakeComposeService, theme: Theme) -> Iterator[Composers]:
    composers = Composers(service, theme)  # type: ignore[arg-type]
    yield composers
    for window in composers.windows():
        window.leave()


@pytest.fixture
def write(composers: Composers, service: FakeComposeService) -> MakeWindow:
    """Opens a composer: for a new message, or with `answer` for a reply; both are fresh."""

    def open_window(composition: Composition | None = None, *, answer: bool = False) -> ComposerWindow:
        if answer:
            service.prepared = composition
            composers.answer(AnswerKind.REPLY, None, MESSAGE)
        else:
            composers.new(composition)
        return composers.windows()[-1]

    return open_window


@pytest.fixture
def message() -> ParsedMessage:
    return MESSAGE


def only_draft(service: FakeComposeService) -> Draft:
    (draft,) = service.kept.values()
    return draft
