"""The package for Debian, Ubuntu and what descends from them: qtmail_VERSION_ARCHITECTURE.deb.

Caches of desktop entries and icons are kept by triggers of the packages that read them; the only maintainer
scripts are about AppArmor (data/postinst).
"""

from __future__ import annotations

import hashlib
import tempfile
from email.utils import formatdate
from pathlib import Path

from installers.linux.libraries import debian_dependencies
from installers.linux.tree import DATA, compressed, settle, stage
from installers.packaging import HOMEPAGE, MAINTAINER, NAME, SUMMARY, VERSION, build_time, call, tool

NEEDED_FILES = ("ca-certificates", "shared-mime-info", "xkb-data")
"""Whose files the libraries that come along read: trusted authorities, types of files, keyboards."""

RECOMMENDED = (
    "fonts-noto-cjk | fonts-wqy-microhei",  # Chinese mail is boxes without one
    "gnome-keyring | libkf5wallet-bin | libkf6wallet-bin | keepassxc",  # or a master password
    "xdg-utils",  # opens links and attachments
)
SUGGESTED = ("hunspell-dictionary",)
"""Spelling in more languages than the English that comes along."""

PROVIDED = ("imap-client", "mail-reader")
SCRIPTS = ("postinst", "postrm")

_DESCRIPTION = """\
 Reads mail over IMAP and POP3 and sends it over SMTP, for any number of
 accounts. Drafts, outgoing mail and changes survive a crash or a dropped
 line; each message says where it stands and is never sent twice; reading
 HTML mail makes no network request.
 .
 It stays fast with folders of a hundred thousand messages, reads mail in
 all charsets, and does everything from the command line as well.
"""


def build_deb(frozen: Path, output: Path, *, version: str = VERSION) -> Path:
    """Make the package of the frozen program in `output` and return its path.

    With SOURCE_DATE_EPOCH set, the same program gives the same bytes.

    Raises:
        BuildFailed: a tool is missing, or a library the program needs is not on this system.
    """
    architecture = call(tool("dpkg"), "--print-architecture").strip()
    package = output / f"{NAME}_{version}_{architecture}.deb"
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="deb-") as work:
        tree = Path(work) / NAME
        stage(frozen, tree)
        _add_what_debian_expects(tree, version)
        _write_control_files(tree, version, architecture)
        settle(tree)
        _set_modes_of_scripts(tree)
        _pack(tree, package)
    return package


def _pack(tree: Path, package: Path) -> None:
    """xz gives 124 MB; zstd 132 MB at level 19, which takes as long, and 148 MB at level 9 within seconds."""
    call(
        tool("dpkg-deb", package="dpkg"),
        "--root-owner-group",
        "-Zxz",
        "--build",
        tree,
        package,
        extra={"SOURCE_DATE_EPOCH": str(build_time())},
    )


def _add_what_debian_expects(tree: Path, version: str) -> None:
    """Its own form of changelog (deb-changelog(5)), and the AppArmor profile that postinst puts in place."""
    entry = (
        f"{NAME} ({version}) unstable; urgency=medium\n\n"
        f"  * What changed is told in CHANGELOG.md.gz.\n\n"
        f" -- {MAINTAINER}  {formatdate(build_time())}\n"
    )
    (tree / "usr/share/doc" / NAME / "changelog.gz").write_bytes(compressed(entry.encode()))
    profile = tree / "usr/lib" / NAME / "apparmor-profile"
    profile.write_bytes((DATA / "apparmor-profile").read_bytes())
    overrides = tree / "usr/share/lintian/overrides" / NAME
    overrides.parent.mkdir(parents=True)
    overrides.write_bytes((DATA / "lintian-overrides").read_bytes())


def _write_control_files(tree: Path, version: str, architecture: str) -> None:
    (control := tree / "DEBIAN").mkdir()
    files = [path for path in sorted((tree / "usr").rglob("*")) if path.is_file() and not path.is_symlink()]
    sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(tree)}\n" for path in files]
    (control / "md5sums").write_text("".join(sums), "utf-8")
    for script in SCRIPTS:
        (control / script).write_bytes((DATA / script).read_bytes())
    (control / "control").write_text(_control(tree, version, architecture), "utf-8")


def _control(tree: Path, version: str, architecture: str) -> str:
    """The package's description, deb-control(5)."""
    fields = {
        "Package": NAME,
        "Version": version,
        "Architecture": architecture,
        "Maintainer": MAINTAINER,
        "Installed-Size": str(installed_size(tree / "usr")),
        "Depends": ", ".join(sorted([*debian_dependencies(tree, NAME), *NEEDED_FILES])),
        "Recommends": ", ".join(RECOMMENDED),
        "Suggests": ", ".join(SUGGESTED),
        "Provides": ", ".join(PROVIDED),
        "Section": "mail",
        "Priority": "optional",
        "Homepage": HOMEPAGE,
        "Description": f"{SUMMARY[0].lower()}{SUMMARY[1:]}\n{_DESCRIPTION}".removeprefix("a ").rstrip(),
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def installed_size(directory: Path) -> int:
    """KiB, as dpkg-gencontrol counts: each file rounded up, one for everything else."""
    sizes = (
        -(-path.stat().st_size // 1024) if path.is_file() and not path.is_symlink() else 1
        for path in (directory, *directory.rglob("*"))
    )
    return sum(sizes)


def _set_modes_of_scripts(tree: Path) -> None:
    for script in SCRIPTS:
        (tree / "DEBIAN" / script).chmod(0o755)
