from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail.app import Application
from tests.end2end.desk import Desk
from tests.end2end.dovecot import Dovecot


@pytest.fixture
def desk(
    qtbot: QtBot, qapp: QApplication, dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.ca_file))
    application = Application(qapp, tmp_path / "profile")
    application.show()
    with qtbot.waitExposed(application.window):
        pass
    yield Desk(qtbot, application, dovecot, dovecot.add_user())
    application.close()
