"""The Flatpak, built by flatpak-builder as flatpak/io.github.qtmail.qtmail.yml says: from the sources, and
not from the frozen program. The recipe tells why, and what it takes.

Inside the build the recipe calls this module to install what a desktop looks for:
`python3 -m installers.linux.flatpak /app`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from installers.linux.tree import DESKTOP_ENTRY, METAINFO, desktop_entry, icons, metainfo
from installers.packaging import NAME, ROOT, VERSION, call, machine, tool
from qtmail.integration.program import APP_ID

RECIPE = Path(__file__).parent / "flatpak" / f"{APP_ID}.yml"
WORK = ROOT / "build" / "flatpak"
_RUNTIME_SOURCE = "https://flathub.org/repo/flathub.flatpakrepo"


def build_flatpak(output: Path, *, work: Path = WORK) -> Path:
    """Build the Flatpak into `output`, a bundle in one file. The user's flatpak has to know `flathub`.

    Args:
        work: where flatpak-builder keeps what it downloads and builds; the next build starts from it.

    Raises:
        BuildFailed: flatpak-builder is missing, cannot get the runtime, or failed.
    """
    builder, flatpak = tool("flatpak-builder"), tool("flatpak")
    for directory in (work, output):
        directory.mkdir(parents=True, exist_ok=True)
    repository = work / "repository"
    # rofiles-fuse, which guards the build's cache, needs FUSE, and containers seldom have it.
    options = ("--user", "--install-deps-from=flathub", "--disable-rofiles-fuse", "--force-clean")
    places = (f"--state-dir={work / 'state'}", f"--repo={repository}", work / "tree")
    call(builder, *options, *places, RECIPE)
    bundle = output / f"{NAME}-{VERSION}-{machine()}.flatpak"
    call(flatpak, "build-bundle", f"--runtime-repo={_RUNTIME_SOURCE}", repository, bundle, APP_ID, "stable")
    return bundle


def install_desktop_files(prefix: Path) -> None:
    """Put the desktop entry, the metainfo and the icons below the prefix; flatpak-builder exports them."""
    files = {
        f"applications/{DESKTOP_ENTRY}": desktop_entry().read_bytes(),
        f"metainfo/{METAINFO}": metainfo(),
        **{f"icons/hicolor/{place}": icon.read_bytes() for icon, place in icons()},
    }
    for name, content in files.items():
        path = prefix / "share" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    install_desktop_files(Path(sys.argv[1]))
