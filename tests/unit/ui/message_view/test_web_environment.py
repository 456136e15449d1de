"""Chromium's switches are set once, beside what the user set."""

from __future__ import annotations

import os

import pytest

from qtmail.ui.message_view.web_environment import FLAGS_VARIABLE, SANDBOX_VARIABLE, prepare_environment


def test_the_network_is_switched_off() -> None:
    environment: dict[str, str] = {}
    prepare_environment(environment)
    assert '--host-resolver-rules="MAP * ~NOTFOUND"' in environment[FLAGS_VARIABLE]
    assert "--no-proxy-server" in environment[FLAGS_VARIABLE]


def test_the_users_switches_stay_and_nothing_is_said_twice() -> None:
    environment = {FLAGS_VARIABLE: "--disable-gpu"}
    prepare_environment(environment)
    once = environment[FLAGS_VARIABLE]
    prepare_environment(environment)
    assert environment[FLAGS_VARIABLE] == once
    assert once.startswith("--disable-gpu ")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there is no root here")
@pytest.mark.parametrize(("user", "expected"), [(0, {SANDBOX_VARIABLE: "1"}), (1000, {})])
def test_only_root_goes_without_the_sandbox(
    monkeypatch: pytest.MonkeyPatch, user: int, expected: dict[str, str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    environment: dict[str, str] = {}
    prepare_environment(environment)
    del environment[FLAGS_VARIABLE]
    assert environment == expected
