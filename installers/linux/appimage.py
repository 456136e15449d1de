"""The AppImage: one file that runs on any Linux, made of a runtime and, behind it, a squashfs image.

The runtime is the program that mounts the image and starts `AppRun` in it. It is not ours: the releases of
https://github.com/AppImage/type2-runtime carry it as `runtime-x86_64` and `runtime-aarch64`, static, so that
it needs nothing on the user's system. Whoever builds downloads one release, checks it, and names the file.
Layout: https://docs.appimage.org/reference/appdir.html and the AppImage specification, type 2.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from installers.linux.tree import stage
from installers.packaging import NAME, VERSION, BuildFailed, build_time, call, machine, tool
from qtmail.integration.program import APP_ID

RUNTIME_VARIABLE = "QTMAIL_APPIMAGE_RUNTIME"
RUNTIME_SOURCE = "https://github.com/AppImage/type2-runtime/releases"
_ICON = Path("usr", "share", "icons", "hicolor", "256x256", "apps", f"{APP_ID}.png")
_DESKTOP_ENTRY = Path("usr", "share", "applications", f"{APP_ID}.desktop")
_ELF = b"\x7fELF"


def build_appimage(frozen: Path, output: Path, *, runtime: Path | None = None) -> Path:
    """Pack the frozen program into `output`. The same input gives the same bytes (`build_time`).

    Args:
        runtime: the file of the type 2 runtime; the one QTMAIL_APPIMAGE_RUNTIME names if not given.

    Returns:
        The AppImage, executable.

    Raises:
        BuildFailed: the runtime or a tool is missing, or the tree is not as it should be.
    """
    start = _runtime(runtime).read_bytes()
    if not start.startswith(_ELF):
        raise BuildFailed("The file given as AppImage runtime is no program; was the download complete?")
    output.mkdir(parents=True, exist_ok=True)
    appimage = output / f"{NAME}-{VERSION}-{machine()}.AppImage"
    with tempfile.TemporaryDirectory() as work:
        image = _squash(appimage_directory(frozen, Path(work, f"{NAME}.AppDir")), Path(work, "image"))
        with appimage.open("wb") as file, image.open("rb") as packed:
            file.write(start)
            shutil.copyfileobj(packed, file)
    appimage.chmod(0o755)
    return appimage


def appimage_directory(frozen: Path, destination: Path) -> Path:
    """Lay out what the image contains, and check it with the desktop's own tools.

    Returns:
        `destination`.

    Raises:
        BuildFailed: the desktop entry, the metainfo or the icon are not right, or `AppRun` does not start.
    """
    stage(frozen, destination)
    destination.joinpath("AppRun").symlink_to(f"usr/lib/{NAME}/{NAME}")
    destination.joinpath(f"{APP_ID}.desktop").symlink_to(_DESKTOP_ENTRY)
    destination.joinpath(f"{APP_ID}.png").symlink_to(_ICON)
    # A copy and no link: what shows thumbnails of AppImages reads this one entry and follows nothing.
    shutil.copyfile(destination / _ICON, destination / ".DirIcon")
    _check(destination)
    return destination


def _check(directory: Path) -> None:
    call(tool("desktop-file-validate", package="desktop-file-utils"), directory / _DESKTOP_ENTRY)
    call(tool("appstreamcli", package="appstream"), "validate-tree", "--no-net", directory)
    said = call(directory / "AppRun", "--version").strip()
    if said != f"{NAME} {VERSION}":
        raise BuildFailed(f"AppRun says it is “{said}”; this is {NAME} {VERSION}.")


def _squash(directory: Path, image: Path) -> Path:
    """A squashfs image of the directory; all files are root's, and none is younger than `build_time`."""
    options = ["-noappend", "-root-owned", "-no-xattrs", "-quiet", "-no-progress"]
    compression = ["-comp", "zstd", "-Xcompression-level", "19", "-b", "1M"]
    epoch = {"SOURCE_DATE_EPOCH": str(build_time())}
    mksquashfs = tool("mksquashfs", package="squashfs-tools")
    call(mksquashfs, directory, image, *options, *compression, extra=epoch)
    return image


def _runtime(given: Path | None) -> Path:
    named = os.environ.get(RUNTIME_VARIABLE)
    runtime = given or (Path(named) if named else None)
    if runtime is None or not runtime.is_file():
        raise BuildFailed(
            f"An AppImage begins with a runtime, runtime-{machine()} from {RUNTIME_SOURCE}: "
            f"download it and let {RUNTIME_VARIABLE} name the file."
        )
    return runtime
