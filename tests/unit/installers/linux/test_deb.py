"""The Debian package, as dpkg itself reads, installs, upgrades and removes it."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
from collections.abc import Iterator
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

from installers.linux.deb import build_deb
from installers.packaging import HOMEPAGE, MAINTAINER, VERSION
from tests.fakes.frozen_program import make_frozen
from tests.unit.installers.tools import needs

pytestmark = needs("dpkg", "dpkg-deb", "dpkg-shlibdeps", "objdump")
AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
OLD_VERSION = "0.0.9"
EPOCH = "1700000000"


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_frozen(tmp_path_factory.mktemp("frozen"))


@pytest.fixture(scope="module")
def package(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        return build_deb(frozen, tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module")
def old_package(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_deb(frozen, tmp_path_factory.mktemp("old-packages"), version=OLD_VERSION)


@pytest.fixture
def unpacked(package: Path, tmp_path: Path) -> Path:
    """The package's files, and in DEBIAN what is told about it."""
    subprocess.run(["dpkg-deb", "--raw-extract", package, tmp_path / "unpacked"], check=True)
    return tmp_path / "unpacked"


class Root:
    """A system of its own in a directory, with nothing installed.

    Maintainer scripts run outside of it and find it in DPKG_ROOT, because it has not even a shell.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "var/lib/dpkg/info").mkdir(parents=True)
        (directory / "var/lib/dpkg/updates").mkdir()
        (directory / "var/lib/dpkg/status").touch()

    def dpkg(self, *arguments: str | Path) -> None:
        options = ("--force-script-chrootless", "--force-depends", "--log=/dev/null")
        command = [*AS_ROOT, "dpkg", f"--root={self.directory}", *options, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    def version(self) -> str:
        shown = subprocess.run(
            ["dpkg-query", f"--root={self.directory}", "-f${db:Status-Status} ${Version}", "-W", "qtmail"],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return shown.stdout

    def files(self) -> set[str]:
        below = (path.relative_to(self.directory) for path in self.directory.rglob("*"))
        return {str(path) for path in below if path.parts[:3] != ("var", "lib", "dpkg")}


@pytest.fixture
def root(tmp_path: Path) -> Root:
    if subprocess.run([*AS_ROOT, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("dpkg changes owners, which this user may not")
    return Root(tmp_path / "root")


def control(package: Path) -> Message:
    shown = subprocess.run(["dpkg-deb", "--field", package], stdout=subprocess.PIPE, text=True, check=True)
    return message_from_string(shown.stdout)


def listing(package: Path) -> Iterator[tuple[str, str, str]]:
    """Modes, owner and path of each file in the package."""
    shown = subprocess.run(["dpkg-deb", "--contents", package], stdout=subprocess.PIPE, text=True, check=True)
    for line in shown.stdout.splitlines():
        modes, owner, _size, _day, _time, path = line.split(maxsplit=5)
        yield modes, owner, path


def test_the_package_says_what_it_is(package: Path) -> None:
    fields = control(package)
    assert package.name == f"qtmail_{VERSION}_{fields['Architecture']}.deb"
    assert (fields["Package"], fields["Version"], fields["Section"]) == ("qtmail", VERSION, "mail")
    assert (fields["Maintainer"], fields["Homepage"]) == (MAINTAINER, HOMEPAGE)
    assert fields["Provides"] == "imap-client, mail-reader"


def test_the_package_asks_for_what_the_program_needs(package: Path) -> None:
    names = {dependency.split()[0] for dependency in control(package)["Depends"].split(", ")}
    assert {"libc6", "ca-certificates", "xkb-data"} <= names


def test_all_files_are_root_s_and_nobody_else_may_write(package: Path) -> None:
    modes = {(kind, owner) for kind, owner, _ in listing(package)}
    assert modes == {
        ("drwxr-xr-x", "root/root"),
        ("-rw-r--r--", "root/root"),
        ("-rwxr-xr-x", "root/root"),
        ("lrwxrwxrwx", "root/root"),
    }


def test_sizes_and_sums_are_those_of_the_files(package: Path, unpacked: Path) -> None:
    files = [path for path in (unpacked / "usr").rglob("*") if path.is_file() and not path.is_symlink()]
    sums = {
        path: digest
        for digest, path in map(str.split, (unpacked / "DEBIAN/md5sums").read_text().splitlines())
    }
    assert sums == {
        str(path.relative_to(unpacked)): hashlib.md5(path.read_bytes()).hexdigest() for path in files
    }
    total = sum(path.stat().st_size for path in files) / 1024
    assert total <= int(control(package)["Installed-Size"]) <= total + 2 * len(list(unpacked.rglob("*")))


def test_debian_s_changelog_is_this_version_s(unpacked: Path) -> None:
    changelog = gzip.decompress((unpacked / "usr/share/doc/qtmail/changelog.gz").read_bytes()).decode()
    assert changelog.startswith(f"qtmail ({VERSION}) ")


def test_the_same_program_gives_the_same_bytes(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    again = build_deb(make_frozen(tmp_path / "copied later"), tmp_path)
    assert again.read_bytes() == package.read_bytes()


@pytest.mark.proof
@needs("lintian")
def test_lintian_finds_no_fault(package: Path) -> None:
    command = ["lintian", "--fail-on", "error,warning", "--allow-root"]
    done = subprocess.run([*command, package], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_removal_leaves_nothing(package: Path, root: Root) -> None:
    before = root.files()
    root.dpkg("--install", package)
    assert root.version() == f"installed {VERSION}"
    assert (root.directory / "usr/bin/qtmail").resolve().is_file()
    root.dpkg("--remove", "qtmail")
    assert root.files() == before
    root.dpkg("--purge", "qtmail")
    assert root.files() == before


def test_an_upgrade_replaces_the_program_and_leaves_the_user_s_files(
    package: Path, old_package: Path, root: Root
) -> None:
    mail = root.directory / "home/anna/.local/share/qtmail/user.db"
    mail.parent.mkdir(parents=True)
    mail.write_text("drafts", "utf-8")
    root.dpkg("--install", old_package)
    assert root.version() == f"installed {OLD_VERSION}"
    root.dpkg("--install", package)
    assert root.version() == f"installed {VERSION}"
    root.dpkg("--purge", "qtmail")
    assert mail.read_text("utf-8") == "drafts"


class TestAppArmor:
    """Where it keeps programs from user namespaces, which QtWebEngine's sandbox needs, qtmail is let in."""

    PROFILE = Path("etc/apparmor.d/qtmail")

    @pytest.fixture
    def restricting(self, root: Root) -> Root:
        (root.directory / "etc/apparmor.d/abi").mkdir(parents=True)
        (root.directory / "etc/apparmor.d/abi/4.0").touch()
        (root.directory / "var/cache/apparmor/26b63962.0").mkdir(parents=True)
        return root

    def test_the_program_is_allowed_its_sandbox(self, package: Path, restricting: Root) -> None:
        restricting.dpkg("--install", package)
        profile = (restricting.directory / self.PROFILE).read_text("utf-8")
        assert "/usr/lib/qtmail/{qtmail,**/QtWebEngineProcess} flags=(unconfined)" in profile
        assert "userns," in profile

    def test_an_upgrade_keeps_it(
        self, frozen: Path, package: Path, restricting: Root, tmp_path: Path
    ) -> None:
        restricting.dpkg("--install", build_deb(frozen, tmp_path / "old", version=OLD_VERSION))
        restricting.dpkg("--install", package)
        assert (restricting.directory / self.PROFILE).is_file()

    def test_removal_takes_it_away_with_its_cache(self, package: Path, restricting: Root) -> None:
        before = restricting.files()
        restricting.dpkg("--install", package)
        (restricting.directory / "var/cache/apparmor/26b63962.0/qtmail").touch()
        restricting.dpkg("--remove", "qtmail")
        assert restricting.files() == before

    def test_an_apparmor_that_does_not_know_the_rule_gets_none(self, package: Path, root: Root) -> None:
        (root.directory / "etc/apparmor.d/abi").mkdir(parents=True)
        (root.directory / "etc/apparmor.d/abi/3.0").touch()
        root.dpkg("--install", package)
        assert not (root.directory / self.PROFILE).exists()
