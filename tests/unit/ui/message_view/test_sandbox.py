"""Whether HTML can be displayed is known before QtWebEngine is loaded."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qtmail.ui.message_view.message_resources import MessageResources
from qtmail.ui.message_view.message_view import MessageView
from qtmail.ui.message_view.sandbox import MissingSandbox, missing_sandbox
from qtmail.ui.message_view.text_view import TextView
from qtmail.ui.message_view.web_environment import SANDBOX_VARIABLE
from qtmail.ui.shared.theme import Theme
from tests.fakes.reading import html_message, text_message

_ASK_OFTEN = """
import os
from qtmail.ui.message_view.sandbox import user_namespace_error
before = os.listdir("/proc/self/fd")
answers = {user_namespace_error() for _ in range(50)}
assert len(answers) == 1, answers
assert len(os.listdir("/proc/self/fd")) == len(before)
try:
    print(os.waitpid(-1, os.WNOHANG))
except ChildProcessError:
    print("one answer, no child, no file")
"""

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has user namespaces")


@linux_only
@pytest.mark.parametrize("error", [0, errno.EPERM, errno.EUSERS, errno.EINVAL, errno.ENOSPC])
def test_what_chromium_foresaw_is_no_obstacle(error: int) -> None:
    assert missing_sandbox({}, lambda: error) is None


@linux_only
@pytest.mark.parametrize("error", [errno.EACCES, errno.ENOSYS, errno.ENOMEM])
@pytest.mark.parametrize(
    ("setting", "missing"),
    [("1\n", MissingSandbox.APPARMOR), ("0\n", MissingSandbox.OTHER), (None, MissingSandbox.OTHER)],
)
def test_anything_else_would_end_the_program(
    tmp_path: Path, error: int, setting: str | None, missing: MissingSandbox
) -> None:
    file = tmp_path / "apparmor_restrict_unprivileged_userns"
    if setting is not None:
        file.write_text(setting)
    assert missing_sandbox({}, lambda: error, file) is missing


def test_who_needs_no_sandbox_misses_none() -> None:
    assert missing_sandbox({SANDBOX_VARIABLE: "1"}, lambda: errno.EACCES) is None


def test_other_systems_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert missing_sandbox({}, lambda: errno.EACCES) is None


@linux_only
def test_asking_the_system_leaves_nothing_behind() -> None:
    """In a process of its own, which has no other children and files."""
    asked = subprocess.run([sys.executable, "-c", _ASK_OFTEN], capture_output=True, text=True, check=True)
    assert asked.stdout == "one answer, no child, no file\n"


@pytest.fixture
def view(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MessageView:
    """A reading pane on a system that refuses the sandbox."""
    monkeypatch.setattr(
        "qtmail.ui.message_view.message_body.missing_sandbox", lambda: MissingSandbox.APPARMOR
    )
    view = MessageView(Theme())
    qtbot.addWidget(view)
    view.show()
    return view


def shown_text(view: MessageView) -> str:
    return view.body.findChildren(TextView)[0].toPlainText()


def test_html_is_shown_as_text_and_the_reason_is_told(view: MessageView) -> None:
    view.show_message(html_message("<p>the HTML part</p>"))
    assert not view.body.shows_html
    assert "the HTML part" in shown_text(view)
    notice = view.notices.notice("sandbox")
    assert notice is not None and "AppArmor" in notice.text()
    assert not view.actions_.plain_text.isEnabled()


def test_a_plain_message_is_not_concerned(view: MessageView) -> None:
    view.show_message(html_message("<p>the HTML part</p>"))
    view.show_message(text_message("words"))
    assert view.notices.notice("sandbox") is None


def test_remote_content_is_not_offered_where_nothing_would_show_it(view: MessageView) -> None:
    view.show_message(html_message('<img src="https://example.com/a.gif">'))
    assert view.notices.notice("remote") is None


def test_a_quote_is_shown_as_text_too(view: MessageView) -> None:
    message = html_message("<p>the HTML part</p>")
    view.show_message(message)
    parts = view._parts
    assert parts is not None
    view.body.show_html(message, MessageResources(parts), remote=False)
    assert not view.body.shows_html
    assert shown_text(view) == message.text
