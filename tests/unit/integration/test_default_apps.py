"""The default program is the one that the specification, GLib and xdg-utils all name."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from qtmail.integration.default_apps import default_app, make_default
from tests.unit.installers.tools import needs
from tests.unit.integration.conftest import MAILTO, Desktop, linux_only, write

pytestmark = linux_only

OURS, OTHER, THIRD = "ours.desktop", "other.desktop", "third.desktop"
needs_tools = needs("gio", "xdg-mime", "xdg-settings", "update-desktop-database")


def name_default(directory: Path, value: str, *, name: str = "mimeapps.list") -> None:
    write(directory, name, "[Default Applications]", f"{MAILTO}={value}")


def update_cache(desktop: Desktop) -> None:
    for place in (desktop.data, desktop.system_data):
        if (place / "applications").is_dir():
            subprocess.run(["update-desktop-database", "-q", place / "applications"], check=True, timeout=30)


# Each arranges a desktop in which a certain program opens mailto: links.
def nothing_is_installed(desktop: Desktop) -> None:
    name_default(desktop.config, OURS)


def the_user_chose(desktop: Desktop) -> None:
    desktop.install(OURS)
    desktop.install(OTHER)
    name_default(desktop.system_config, OTHER)
    name_default(desktop.config, OURS)


def the_list_ends_with_a_semicolon(desktop: Desktop) -> None:
    desktop.install(OURS)
    name_default(desktop.config, f"{OURS};")


def the_first_is_not_installed(desktop: Desktop) -> None:
    desktop.install(OTHER, program="no-such-program")
    desktop.install(OURS)
    name_default(desktop.config, OTHER)
    name_default(desktop.system_config, OURS)


def this_desktop_has_a_list(desktop: Desktop) -> None:
    desktop.install(OURS)
    desktop.install(OTHER)
    name_default(desktop.config, OTHER)
    name_default(desktop.config, OURS, name="mydesk-mimeapps.list")
    name_default(desktop.config, OTHER, name="elsewhere-mimeapps.list")


def the_first_name_of_the_desktop_counts_most(desktop: Desktop) -> None:
    desktop.install(OURS)
    desktop.install(OTHER)
    name_default(desktop.config, OTHER, name="second-mimeapps.list")
    name_default(desktop.config, OURS, name="mydesk-mimeapps.list")


def the_system_chose(desktop: Desktop) -> None:
    desktop.install(OURS)
    desktop.install(OTHER)
    name_default(desktop.system_config, OURS)
    name_default(desktop.system_data / "applications", OTHER)


def the_users_old_list_counts(desktop: Desktop) -> None:
    desktop.install(OURS)
    desktop.install(OTHER)
    name_default(desktop.data / "applications", OURS)
    name_default(desktop.system_data / "applications", OTHER)


def it_is_the_only_one(desktop: Desktop) -> None:
    desktop.install(OURS)
    update_cache(desktop)


def the_users_own_programs_come_first(desktop: Desktop) -> None:
    desktop.install(OTHER)
    desktop.install(OURS, place=desktop.data)
    update_cache(desktop)


ARRANGEMENTS: dict[Callable[[Desktop], None], str | None] = {
    nothing_is_installed: None,
    the_user_chose: OURS,
    the_list_ends_with_a_semicolon: OURS,
    the_first_is_not_installed: OURS,
    this_desktop_has_a_list: OURS,
    the_first_name_of_the_desktop_counts_most: OURS,
    the_system_chose: OURS,
    the_users_old_list_counts: OURS,
    it_is_the_only_one: OURS,
    the_users_own_programs_come_first: OURS,
}


@needs_tools
@pytest.mark.parametrize("arrange", ARRANGEMENTS, ids=lambda function: function.__name__)
def test_the_default_is_the_one_that_the_tools_of_the_desktop_name(
    arrange: Callable[[Desktop], None], desktop: Desktop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "MyDesk:Second")
    arrange(desktop)
    expected = ARRANGEMENTS[arrange]
    assert default_app(MAILTO) == expected
    assert gio_default() == expected
    assert xdg_mime_default() == expected


def gio_default() -> str | None:
    told = run("gio", "mime", MAILTO)
    found = re.search(r"Default application for .*: (\S+)", told)
    return found[1] if found else None


def xdg_mime_default() -> str | None:
    return run("xdg-mime", "query", "default", MAILTO) or None


def run(*command: str) -> str:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)
    return done.stdout.strip()


@needs_tools
def test_as_for_glib_an_entry_of_the_user_without_a_program_leads_to_the_systems(desktop: Desktop):
    """xdg-mime differs: it looks at the first entry only."""
    desktop.install(OURS)
    desktop.install(OTHER)
    desktop.install(OTHER, place=desktop.data, program="no-such-program")
    name_default(desktop.config, OTHER)
    name_default(desktop.system_config, OURS)
    assert default_app(MAILTO) == gio_default() == OTHER


def test_of_a_list_the_first_installed_program_counts(desktop: Desktop):
    desktop.install(OURS)
    name_default(desktop.config, f"gone.desktop;{OURS};{OTHER}")
    name_default(desktop.system_config, OTHER)
    assert default_app(MAILTO) == OURS


def test_added_and_removed_associations_count_where_no_default_is_named(desktop: Desktop):
    for one in (OURS, OTHER, THIRD):
        desktop.install(one)
    write(desktop.system_data, "applications/mimeinfo.cache", "[MIME Cache]", f"{MAILTO}={OTHER};{OURS};")
    assert default_app(MAILTO) == OTHER
    write(desktop.config, "mimeapps.list", "[Removed Associations]", f"{MAILTO}={OTHER};")
    assert default_app(MAILTO) == OURS
    write(desktop.config, "mimeapps.list", "[Added Associations]", f"{MAILTO}={THIRD};")
    assert default_app(MAILTO) == THIRD


@pytest.mark.parametrize(
    "value", ["a\0b.desktop", "\udcff.desktop", "x" * 5000, "-" * 100_000, "../../x.desktop", "/"]
)
def test_what_names_no_entry_is_passed_over(desktop: Desktop, value: str):
    desktop.install(OURS)
    desktop.config.mkdir(parents=True)
    line = f"[Default Applications]\n{MAILTO}={value};{OURS};\n"
    desktop.mimeapps.write_bytes(line.encode("utf-8", "surrogateescape"))
    assert default_app(MAILTO) == OURS


def test_what_is_no_list_is_passed_over(desktop: Desktop):
    desktop.install(OURS)
    desktop.mimeapps.mkdir(parents=True)
    name_default(desktop.system_config, OURS)
    assert default_app(MAILTO) == OURS


@needs_tools
@pytest.mark.parametrize("chosen", [None, OTHER, f"{OTHER};{THIRD};"])
def test_a_default_that_was_made_is_seen_by_all(chosen: str | None, desktop: Desktop):
    for one in (OURS, OTHER, THIRD):
        desktop.install(one)
    if chosen is not None:
        name_default(desktop.config, chosen)
    make_default(OURS, [MAILTO])
    assert default_app(MAILTO) == gio_default() == xdg_mime_default() == OURS
    assert run("xdg-settings", "get", "default-url-scheme-handler", "mailto") == OURS
    assert run("xdg-settings", "check", "default-url-scheme-handler", "mailto", OURS) == "yes"


def test_programs_that_were_the_default_stay_behind_the_new_one(desktop: Desktop):
    desktop.install(OTHER)
    name_default(desktop.config, f"{OTHER};{OURS}")
    make_default(OURS, [MAILTO])
    assert desktop.mimeapps.read_text("utf-8") == f"[Default Applications]\n{MAILTO}={OURS};{OTHER};\n"
    assert default_app(MAILTO) == OTHER, "ours is not installed"


def test_every_other_line_stays(desktop: Desktop):
    before = (
        b"# my own, caf\xe9\n\n[Added Associations]\ntext/plain=edit.desktop;\n\n[Default Applications]\r\n"
        b"image/png = view.desktop\r\nx-scheme-handler/mailto=other.desktop\r\n\n[Mine]\nkey=1"
    )
    desktop.config.mkdir(parents=True)
    desktop.mimeapps.write_bytes(before)
    make_default(OURS, [MAILTO])
    assert desktop.mimeapps.read_bytes() == before.replace(b"=other.desktop", b"=ours.desktop;other.desktop;")


def test_a_removed_association_is_taken_back(desktop: Desktop):
    write(desktop.config, "mimeapps.list", "[Removed Associations]", f"{MAILTO}={OTHER};{OURS};")
    make_default(OURS, [MAILTO])
    removed = desktop.mimeapps.read_text("utf-8").partition("[Default Applications]")[0]
    assert removed == f"[Removed Associations]\n{MAILTO}={OTHER};\n\n"


def test_a_list_for_this_desktop_is_changed_where_it_decides(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "MyDesk")
    desktop.install(OURS)
    desktop.install(OTHER)
    name_default(desktop.config, OTHER, name="mydesk-mimeapps.list")
    elsewhere = write(desktop.config, "kde-mimeapps.list", "[Default Applications]", f"{MAILTO}={OTHER}")
    make_default(OURS, [MAILTO, "message/rfc822"])
    assert default_app(MAILTO) == OURS
    particular = (desktop.config / "mydesk-mimeapps.list").read_text("utf-8")
    assert particular == f"[Default Applications]\n{MAILTO}={OURS};{OTHER};\n"
    assert f"message/rfc822={OURS};" in desktop.mimeapps.read_text("utf-8")
    assert OURS not in elsewhere.read_text("utf-8")


def test_made_twice_changes_nothing_more(desktop: Desktop):
    make_default(OURS, [MAILTO])
    before = desktop.mimeapps.stat()
    make_default(OURS, [MAILTO])
    assert desktop.mimeapps.stat().st_ino == before.st_ino


def test_a_list_that_cannot_be_read_is_not_overwritten(desktop: Desktop):
    desktop.mimeapps.mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        make_default(OURS, [MAILTO])
