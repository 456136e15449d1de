"""Launch Services is asked with strings that are released, and its strings are released too."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from qtmail.integration import launch_services
from qtmail.integration.launch_services import SystemLaunchServices


class Function:
    """A C function; ctypes keeps its types on it."""

    def __init__(self, run: Callable[..., Any]) -> None:
        self.run = run
        self.argtypes: list[object] = []
        self.restype: object = None

    def __call__(self, *arguments: Any) -> Any:
        assert len(arguments) == len(self.argtypes)
        return self.run(*arguments)


class Framework:
    """Core Foundation and Core Services in one: strings by their address, until they are released."""

    def __init__(self) -> None:
        self.strings: dict[int, bytes] = {}
        self.handlers = {b"mailto": b"com.apple.mail"}
        self.status = 0
        self._made = 0
        self.CFStringCreateWithCString = Function(lambda allocator, text, encoding: self.make(text))
        self.CFStringGetCString = Function(self.copy_text)
        self.CFRelease = Function(self.strings.pop)
        self.LSCopyDefaultHandlerForURLScheme = Function(self.handler)
        self.LSSetDefaultHandlerForURLScheme = Function(self.set_handler)
        self.LSSetDefaultRoleHandlerForContentType = Function(
            lambda type_id, roles, program: self.set_handler(type_id, program)
        )

    def make(self, text: bytes) -> int:
        self._made += 1
        self.strings[self._made] = text
        return self._made

    def copy_text(self, string: int, buffer: Any, size: int, encoding: int) -> bool:
        text = self.strings[string]
        if len(text) >= size:
            return False
        buffer.value = text
        return True

    def handler(self, scheme: int) -> int | None:
        found = self.handlers.get(self.strings[scheme])
        return self.make(found) if found else None

    def set_handler(self, what: int, program: int) -> int:
        if self.status == 0:
            self.handlers[self.strings[what]] = self.strings[program]
        return self.status


@pytest.fixture
def framework(monkeypatch: pytest.MonkeyPatch) -> Framework:
    found = Framework()
    monkeypatch.setattr(launch_services, "CDLL", lambda path: found)
    return found


def test_the_handler_is_read_and_set(framework: Framework):
    services = SystemLaunchServices()
    assert services.handler_of_scheme("mailto") == "com.apple.mail"
    services.set_handler_of_scheme("mailto", "io.github.qtmail.qtmail")
    services.set_handler_of_type("com.apple.mail.email", "io.github.qtmail.qtmail")
    assert services.handler_of_scheme("mailto") == "io.github.qtmail.qtmail"
    assert framework.handlers[b"com.apple.mail.email"] == b"io.github.qtmail.qtmail"
    assert services.handler_of_scheme("gopher") is None
    assert framework.strings == {}, "every string is released"


def test_a_refusal_carries_the_status(framework: Framework):
    framework.status = -10814
    with pytest.raises(OSError, match="-10814"):
        SystemLaunchServices().set_handler_of_scheme("mailto", "io.github.qtmail.qtmail")
    assert framework.strings == {}


def test_an_id_without_end_is_no_handler(framework: Framework):
    framework.handlers[b"mailto"] = b"x" * 5000
    assert SystemLaunchServices().handler_of_scheme("mailto") is None
    assert framework.strings == {}


@pytest.mark.skipif(sys.platform != "darwin", reason="macOS only")
def test_macos_itself_answers():
    assert SystemLaunchServices().handler_of_scheme("mailto")
