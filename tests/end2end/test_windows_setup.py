"""The set-up for Windows: installing, replacing and removing qtmail, without a word, in Wine.

A stand-in that tells how it was called takes the program's place: what is tried here is the set-up.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from installers.windows import setup_exe
from tests.end2end.processes import ServerMissing, program, wait_until
from tests.end2end.wine import Wine
from tests.end2end.xvfb import Xvfb
from tests.fakes.windows_program import make_windows_program, make_windows_tree


def has_tools() -> bool:
    try:
        return bool(program("makensis") and program(*Wine.LOADERS))
    except ServerMissing:
        return False


pytestmark = [
    pytest.mark.proof,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        sys.platform != "linux" or not has_tools(), reason="makensis or Wine is not installed"
    ),
]

UNINSTALL_KEY = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\qtmail"
CLIENT_KEY = r"Software\Clients\Mail\qtmail"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
SWITCHES_KEY = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
OURS = (
    r"Software\Classes", r"Software\Clients", r"Software\qtmail", r"Software\RegisteredApplications",
    r"Software\Microsoft\Windows\CurrentVersion\App Paths", RUN_KEY, UNINSTALL_KEY,
)  # fmt: skip
"""Below which keys a program registers itself."""
FOR_ALL = r"C:\Program Files\qtmail"
START_MENU = r"AppData\Roaming\Microsoft\Windows\Start Menu\Programs\qtmail.lnk"
FAILED, BUSY, OLD_WINDOWS = 2, 32, 1150
LIBRARIES = ("Qt/bin/Qt6Core.dll", "Qt/translations/qt 简体中文.qm", "base.zip")

Build = Callable[..., Path]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Makes a set-up: `build("0.1.0", "a.dll")` of that version and with these libraries, once for each."""
    made: dict[tuple[str, ...], Path] = {}

    def make(version: str, *libraries: str) -> Path:
        key = (version, *libraries)
        if key not in made:
            directory = tmp_path_factory.mktemp("setup")
            frozen = make_windows_program(directory, *libraries)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(setup_exe, "VERSION", version)
                made[key] = setup_exe.build_setup(frozen, directory, target=setup_exe.NATIVE)
        return made[key]

    return make


@pytest.fixture(scope="module")
def setup(build: Build) -> Path:
    """The set-up of the first version."""
    return build("0.1.0", *LIBRARIES)


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    with Wine(tmp_path_factory.mktemp("wine")) as wine:
        yield wine


@pytest.fixture
def wine(windows: Wine) -> Wine:
    """A Windows on which nothing was installed."""
    windows.reset()
    return windows


def install(wine: Wine, setup: Path, options: str = "") -> None:
    # NSIS takes all that follows /D=, without quotes; as one word Wine would put it between some.
    assert wine.run(setup, "/S", *options.split()) == 0
    wine.wait_for_all()


def uninstall(wine: Wine, directory: str) -> None:
    assert wine.run(rf"{directory}\uninstall.exe", "/S") == 0
    wine.wait_for_all()  # it removes itself by a copy that runs on


def for_one(wine: Wine) -> str:
    return rf"{wine.home}\AppData\Local\Programs\qtmail"


def below(wine: Wine, directory: str) -> set[str]:
    root = wine.path(directory)
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def tree(tmp_path: Path, *libraries: str) -> set[str]:
    """What an installation consists of."""
    frozen = make_windows_tree(tmp_path, *libraries)
    files = {path.relative_to(frozen).as_posix() for path in frozen.rglob("*") if path.is_file()}
    return {"uninstall.exe"} | {f"program/{name}" for name in files | {"files.txt", "LICENSE.txt"}}


def registered(wine: Wine) -> set[tuple[str, str, str, str]]:
    """What a program may have written into both hives: every value, and keys that bear its name."""
    return {
        (hive, key, name, value)
        for hive in ("HKCU", "HKLM")
        for key, values in wine.registry(hive).items()
        for name, value in [*values.items(), *([("(key)", "")] if "qtmail" in key else [])]
        if key.startswith(OURS)
    }


def test_it_installs_for_one_user_and_leaves_nothing(wine: Wine, setup: Path, tmp_path: Path) -> None:
    wine.wait_for_all()
    files, values = wine.files(), registered(wine)
    install(wine, setup)
    assert below(wine, for_one(wine)) == tree(tmp_path, *LIBRARIES)
    assert wine.path(rf"{wine.home}\{START_MENU}").is_file()
    entry = wine.registry("HKCU")[UNINSTALL_KEY]
    assert entry["DisplayName"] == "qtmail"
    assert entry["DisplayVersion"] == "0.1.0"
    assert entry["InstallLocation"] == for_one(wine)
    assert entry["QuietUninstallString"] == rf'"{for_one(wine)}\uninstall.exe" /S'
    assert UNINSTALL_KEY not in wine.registry("HKLM")
    uninstall(wine, for_one(wine))
    assert wine.files() == files
    assert registered(wine) == values


def test_it_installs_for_all_users_and_leaves_nothing(wine: Wine, setup: Path, tmp_path: Path) -> None:
    wine.wait_for_all()
    files, values = wine.files(), registered(wine)
    install(wine, setup, "/AllUsers /Desktop")
    assert below(wine, FOR_ALL) == tree(tmp_path, *LIBRARIES)
    assert wine.path(r"C:\users\Public\Desktop\qtmail.lnk").is_file()
    assert wine.registry("HKLM")[UNINSTALL_KEY]["InstallLocation"] == FOR_ALL
    assert UNINSTALL_KEY not in wine.registry("HKCU")
    uninstall(wine, FOR_ALL)
    assert wine.files() == files
    assert registered(wine) == values


def test_windows_can_offer_it_for_mail(wine: Wine, setup: Path) -> None:
    install(wine, setup)
    keys = wine.registry("HKCU")
    assert keys[r"Software\RegisteredApplications"]["qtmail"] == rf"{CLIENT_KEY}\Capabilities"
    link = keys[rf"{CLIENT_KEY}\Capabilities\URLAssociations"]["mailto"]
    message = keys[rf"{CLIENT_KEY}\Capabilities\FileAssociations"][".eml"]
    assert "URL Protocol" in keys[rf"Software\Classes\{link}"]
    assert message in keys[r"Software\Classes\.eml\OpenWithProgids"]
    assert keys[rf"Software\Classes\{link}\Application"]["ApplicationName"] == "qtmail"
    # It is one of the choices, and chosen by nobody but the user.
    assert r"Software\Classes\mailto" not in keys
    for key in (r"Software\Classes\.eml", r"Software\Clients\Mail"):
        assert "" not in keys.get(key, {})


@pytest.mark.parametrize("mode", ["/CurrentUser", "/AllUsers"])
def test_a_mail_link_and_a_message_open_in_it(wine: Wine, setup: Path, mode: str) -> None:
    install(wine, setup, mode)
    executable = rf"{FOR_ALL if mode == '/AllUsers' else for_one(wine)}\program\qtmail.exe"
    keys = wine.registry("HKLM" if mode == "/AllUsers" else "HKCU")
    for name, wanted in (
        ("qtmail.mailto.1", "mailto:li@example.org"),
        ("qtmail.eml.1", r"C:\my mail\一.eml"),
    ):
        command = keys[rf"Software\Classes\{name}\shell\open\command"][""]
        assert command.startswith(f'"{executable}" ')
        line = command.replace("%1", wanted)
        wine.run(
            executable, *(word.strip('"') for word in line.removeprefix(f'"{executable}" ').split(" ", 1))
        )
        said = wine.path(f"{executable}.said").read_text("utf-16-le")
        assert said.replace('"', "") == f"-- {wanted}"


def test_a_new_version_replaces_the_old_one(wine: Wine, setup: Path, build: Build, tmp_path: Path) -> None:
    profile = wine.path(rf"{wine.home}\AppData\Local\qtmail\user.db")
    profile.parent.mkdir(parents=True)
    profile.write_text("mail", "utf-8")
    install(wine, setup, "/Desktop")
    newer = (*LIBRARIES[1:], "Qt6/Core.dll")
    install(wine, build("0.2.0", *newer))
    assert below(wine, for_one(wine)) == tree(tmp_path, *newer)
    assert wine.registry("HKCU")[UNINSTALL_KEY]["DisplayVersion"] == "0.2.0"
    assert wine.path(rf"{wine.home}\Desktop\qtmail.lnk").is_file()
    uninstall(wine, for_one(wine))
    assert not wine.path(for_one(wine)).exists()
    assert profile.read_text("utf-8") == "mail"


def test_one_that_was_elevated_for_another_asks_nothing(
    wine: Wine, setup: Path, tmp_path: Path, xvfb_display: Xvfb
) -> None:
    options = r"/HandedOver /AllUsers /Desktop /D=C:\Our tools"
    assert wine.run(setup, *options.split(), extra={"DISPLAY": xvfb_display.display}) == 0
    wine.wait_for_all()
    assert below(wine, r"C:\Our tools") == tree(tmp_path, *LIBRARIES)
    assert wine.path(r"C:\users\Public\Desktop\qtmail.lnk").is_file()


def test_an_installation_for_all_is_replaced_as_one(wine: Wine, setup: Path, build: Build) -> None:
    install(wine, setup, r"/AllUsers /D=C:\Tools\our qtmail")
    install(wine, build("0.2.0"))
    assert wine.registry("HKLM")[UNINSTALL_KEY]["DisplayVersion"] == "0.2.0"
    assert wine.registry("HKLM")[UNINSTALL_KEY]["InstallLocation"] == r"C:\Tools\our qtmail"
    assert not wine.path(for_one(wine)).exists()


@pytest.mark.parametrize("name", ["qtmail.exe", "qtmail-cli.exe"])
def test_a_program_that_runs_is_neither_replaced_nor_removed(
    wine: Wine, setup: Path, build: Build, tmp_path: Path, name: str
) -> None:
    install(wine, setup)
    executable, end = rf"{for_one(wine)}\program\{name}", r"C:\end"
    running = wine.start(executable, extra={"STANDIN_WAITS_FOR": end})
    wait_until(wine.path(f"{executable}.said").is_file, 30, "the program's start")
    installed = below(wine, for_one(wine))
    assert wine.run(build("0.2.0"), "/S") == BUSY
    wine.run(rf"{for_one(wine)}\uninstall.exe", "/S", rf"_?={for_one(wine)}")
    assert below(wine, for_one(wine)) == installed
    wine.path(end).touch()
    assert running.wait(30) == 0
    install(wine, build("0.2.0"))
    assert wine.registry("HKCU")[UNINSTALL_KEY]["DisplayVersion"] == "0.2.0"


def test_what_the_user_put_beside_the_program_stays(wine: Wine, setup: Path, build: Build) -> None:
    directory = r"C:\Tools and more"
    install(wine, setup, rf"/D={directory}")
    for name in ("notes.txt", r"program\_internal\Qt\mine.txt"):
        wine.path(rf"{directory}\{name}").write_text("mine", "utf-8")
    install(wine, build("0.2.0"))
    assert wine.path(rf"{directory}\kept-1\_internal\Qt\mine.txt").read_text("utf-8") == "mine"
    install(wine, build("0.2.0"))
    uninstall(wine, directory)
    assert below(wine, directory) == {"notes.txt", "kept-1/_internal/Qt/mine.txt"}


def test_an_interrupted_replacement_is_put_right(
    wine: Wine, setup: Path, build: Build, tmp_path: Path
) -> None:
    install(wine, setup)
    root = wine.path(for_one(wine))
    # The moment between the two renamings, with a half unpacked version from an earlier attempt.
    (root / "program").rename(root / "program.old")
    (root / "program.new").mkdir()
    (root / "program.new" / "files.txt").write_text("qtmail.exe\n_internal\\\n", "utf-16-le", newline="\n")
    (root / "program.new" / "qtmail.exe").write_text("half", "utf-8")
    install(wine, build("0.2.0"))
    assert below(wine, for_one(wine)) == tree(tmp_path)


def test_a_folder_of_others_is_not_taken(wine: Wine, setup: Path) -> None:
    theirs = wine.path(r"C:\Tools\program\tool.exe")
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs", "utf-8")
    assert wine.run(setup, "/S", r"/D=C:\Tools") == FAILED
    wine.wait_for_all()
    assert below(wine, r"C:\Tools") == {"program/tool.exe"}
    assert UNINSTALL_KEY not in wine.registry("HKCU")


def test_what_cannot_be_unpacked_leaves_the_old_version(
    wine: Wine, setup: Path, build: Build, tmp_path: Path
) -> None:
    install(wine, setup)
    # Something in the way of the new version's files, as a full disk or a wrong permission would be.
    wine.path(rf"{for_one(wine)}\program.new\qtmail.exe").mkdir(parents=True)
    assert wine.run(build("0.2.0"), "/S") == FAILED
    wine.wait_for_all()
    assert below(wine, for_one(wine)) == tree(tmp_path, *LIBRARIES)
    assert wine.registry("HKCU")[UNINSTALL_KEY]["DisplayVersion"] == "0.1.0"


def test_starting_at_sign_in_ends_with_the_program(wine: Wine, setup: Path) -> None:
    install(wine, setup)
    executable = rf"{for_one(wine)}\program\qtmail.exe"
    for name, command in (("qtmail", f'"{executable}" --tray'), ("other", r"C:\other.exe")):
        wine.run("reg", "add", rf"HKCU\{RUN_KEY}", "/v", name, "/d", command, "/f")
        wine.run("reg", "add", rf"HKCU\{SWITCHES_KEY}", "/v", name, "/t", "REG_BINARY", "/d", "03", "/f")
    uninstall(wine, for_one(wine))
    assert wine.registry("HKCU")[RUN_KEY] == {"other": r"C:\other.exe"}
    assert wine.registry("HKCU")[SWITCHES_KEY] == {"other": "hex:03"}


def test_an_old_windows_is_refused(wine: Wine, setup: Path) -> None:
    wine.pretend("win7")
    assert wine.run(setup, "/S") == OLD_WINDOWS & 0xFF
    wine.wait_for_all()
    assert not wine.path(for_one(wine)).exists()
