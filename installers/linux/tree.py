"""What every package for Linux installs: the frozen program, and its files where a desktop looks for them.

    PREFIX/lib/qtmail/            the frozen program
    PREFIX/bin/qtmail             a link to it
    PREFIX/share/applications     the desktop entry: mailto: links, message files, *New message*
    PREFIX/share/icons/hicolor    icons in all sizes
    PREFIX/share/metainfo         what software centres show (AppStream)
    PREFIX/share/man, share/doc   the manual page, the licences, what changed

Message files (`*.eml`, message/rfc822) are known to shared-mime-info already: no MIME type is defined here.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from installers.packaging import HOMEPAGE, NAME, ROOT, VERSION, build_time
from qtmail.integration.program import APP_ID

DATA = Path(__file__).parent / "data"
DESKTOP_ENTRY = f"{APP_ID}.desktop"
METAINFO = f"{APP_ID}.metainfo.xml"

_ICONS = ROOT / "resources" / "icons"
_RELEASE = re.compile(r"^## \[(?P<version>\d[^\]]*)\] - (?P<date>\d{4}-\d\d-\d\d)", re.MULTILINE)


def stage(frozen: Path, destination: Path, *, prefix: str = "/usr") -> None:
    """Lay out in `destination` what a package installs; it may hold other files already.

    Modes are 0755 for directories and programs and 0644 for all else, times are the build's: the same program
    gives the same tree.

    Args:
        frozen: the directory of the frozen program.
        prefix: below which directory of `destination` everything is installed.
    """
    root = destination / prefix.lstrip("/")
    shutil.copytree(frozen, root / "lib" / NAME, symlinks=True)
    _link_program(root)
    _put(root / "share/applications" / DESKTOP_ENTRY, desktop_entry().read_bytes())
    _put(root / "share/metainfo" / METAINFO, metainfo())
    for icon, place in icons():
        _put(root / "share/icons/hicolor" / place, icon.read_bytes())
    _put(root / "share/man/man1" / f"{NAME}.1.gz", compressed(manual_page().encode()))
    _put(root / "share/doc" / NAME / "copyright", (DATA / "copyright").read_bytes())
    _put(root / "share/doc" / NAME / "CHANGELOG.md.gz", compressed((ROOT / "CHANGELOG.md").read_bytes()))
    settle(destination)


def desktop_entry() -> Path:
    """The desktop entry; it comes with the program, which writes it itself where no package does."""
    return ROOT / "resources" / "linux" / DESKTOP_ENTRY


def metainfo() -> bytes:
    """The AppStream metainfo with the releases that CHANGELOG.md tells of.

    https://www.freedesktop.org/software/appstream/docs/chap-Metadata.html
    """
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    component = ElementTree.fromstring((DATA / METAINFO).read_bytes(), parser)
    releases = ElementTree.SubElement(component, "releases")
    for version, date in _releases((ROOT / "CHANGELOG.md").read_text("utf-8")):
        release = ElementTree.SubElement(releases, "release", version=version, date=date)
        address = ElementTree.SubElement(release, "url", type="details")
        address.text = f"{HOMEPAGE}/releases/tag/v{version}"
    ElementTree.indent(component)
    text: bytes = ElementTree.tostring(component, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def manual_page() -> str:
    """qtmail(1), with the version and the day of the build."""
    page = (DATA / f"{NAME}.1").read_text("utf-8")
    return page.replace("@VERSION@", VERSION).replace("@DATE@", _day(build_time()))


def icons() -> Iterator[tuple[Path, str]]:
    """Each icon with its place in the theme *hicolor*, which all others fall back on.

    https://specifications.freedesktop.org/icon-theme-spec/latest/
    """
    for picture in sorted(_ICONS.glob(f"{NAME}-[0-9]*.png")):
        size = picture.stem.rpartition("-")[2]
        yield picture, f"{size}x{size}/apps/{APP_ID}.png"
    yield _ICONS / f"{NAME}.svg", f"scalable/apps/{APP_ID}.svg"
    if (symbolic := _ICONS / f"{NAME}-symbolic.svg").exists():
        yield symbolic, f"symbolic/apps/{APP_ID}-symbolic.svg"


def compressed(content: bytes) -> bytes:
    """As `gzip -9n`: the best compression, and no time in it."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def settle(directory: Path) -> None:
    """Give all files below their modes and the time of the build, directories after what is in them."""
    moment = (build_time(), build_time())
    for path in sorted(directory.rglob("*"), reverse=True):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or _is_program(path) else 0o644)
        os.utime(path, moment, follow_symlinks=False)
    directory.chmod(0o755)
    os.utime(directory, moment)


def _link_program(root: Path) -> None:
    link = root / "bin" / NAME
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(f"../lib/{NAME}/{NAME}")


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _is_program(path: Path) -> bool:
    """Libraries are loaded, not started, and need no x bit, whatever PyInstaller gave them."""
    return os.access(path, os.X_OK) and ".so" not in path.name


def _releases(changelog: str) -> list[tuple[str, str]]:
    """Versions and their dates, newest first; what is being built and not dated yet bears today's."""
    dated = [(found["version"], found["date"]) for found in _RELEASE.finditer(changelog)]
    if VERSION not in dict(dated):
        dated.insert(0, (VERSION, _day(build_time())))
    return dated


def _day(moment: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(moment))
