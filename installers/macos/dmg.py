"""The disk image: the program beside a link to Applications, to be dragged there."""

from __future__ import annotations

import platform
import shutil
import tempfile
from pathlib import Path

from installers.macos.patience import PAUSE, call_patiently
from installers.packaging import NAME, VERSION, BuildFailed, tool


def build_dmg(app: Path, output: Path, *, pause: float = PAUSE) -> Path:
    """Pack the bundle `app` into output/qtmail-1.2.3-macos-arm64.dmg (or …-x86_64.dmg).

    Args:
        pause: seconds between attempts, while the system holds on to the image.

    Returns:
        The image's path.

    Raises:
        BuildFailed: there is no bundle, or hdiutil refused.
    """
    if not (app / "Contents" / "Info.plist").is_file():
        raise BuildFailed(f"{app} is not an application bundle.")
    output.mkdir(parents=True, exist_ok=True)
    image = output / f"{NAME}-{VERSION}-macos-{platform.machine()}.dmg"
    with tempfile.TemporaryDirectory() as directory:
        shutil.copytree(app, Path(directory, app.name), symlinks=True)
        Path(directory, "Applications").symlink_to("/Applications")
        command = (tool("hdiutil"), "create", "-ov", "-volname", NAME, "-fs", "HFS+", "-srcfolder", directory)
        # ULMO is LZMA: the smallest, and read by every macOS that Qt 6 runs on. "Resource busy" is said while
        # the virus scanner of macOS looks into the image that is being made.
        call_patiently(*command, "-format", "ULMO", image, passing="Resource busy", pause=pause)
    return image
