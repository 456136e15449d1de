"""What the application bundle says of itself: its Info.plist.

PyInstaller puts the bundle together (installers/qtmail.spec). The keys are those of Apple's *Information
Property List Key Reference*.
"""

from __future__ import annotations

import plistlib
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from installers.packaging import LICENCE, NAME, VERSION, BuildFailed
from qtmail.integration.program import APP_ID

APP_NAME = f"{NAME}.app"
MESSAGE_TYPE = "com.apple.mail.email"
"""The uniform type identifier of an .eml file: declared by Apple Mail, imported here for Macs without it."""


def bundle_info(pyside: Path | None = None) -> dict[str, Any]:
    """What Info.plist says, besides what PyInstaller adds by itself (program, icon).

    Args:
        pyside: the directory of the PySide6 that is packaged; the one installed here if not given.

    Raises:
        BuildFailed: it does not say which macOS it needs.
    """
    return {
        "CFBundleIdentifier": APP_ID,
        "CFBundleName": NAME,
        "CFBundleDisplayName": NAME,
        "CFBundleShortVersionString": VERSION,
        "CFBundleVersion": numeric_version(VERSION),
        "CFBundleDevelopmentRegion": "en",
        "NSHumanReadableCopyright": f"The qtmail authors. Licence: {LICENCE}.",
        "LSApplicationCategoryType": "public.app-category.productivity",
        "LSMinimumSystemVersion": oldest_macos(pyside or _installed_pyside()),
        "NSHighResolutionCapable": True,
        # Follow the system into dark mode.
        "NSRequiresAquaSystemAppearance": False,
        # Chromium draws with the GPU; without this, a Mac with two would burn the battery on the larger.
        "NSSupportsAutomaticGraphicsSwitching": True,
        "NSLocalNetworkUsageDescription": "qtmail connects to the mail servers of your own network.",
        **_opens(),
    }


def _opens() -> dict[str, Any]:
    """mailto: links, and files that are messages. Where Apple Mail is the default program, it stays so."""
    return {
        "CFBundleURLTypes": [
            {
                "CFBundleURLName": f"{APP_ID}.mailto",
                "CFBundleTypeRole": "Editor",
                "CFBundleURLSchemes": ["mailto"],
            }
        ],
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Mail message",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": [MESSAGE_TYPE],
            }
        ],
        "UTImportedTypeDeclarations": [
            {
                "UTTypeIdentifier": MESSAGE_TYPE,
                "UTTypeDescription": "Mail message",
                "UTTypeConformsTo": ["public.data", "public.email-message"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": ["eml"],
                    "public.mime-type": ["message/rfc822"],
                },
            }
        ],
    }


def numeric_version(version: str) -> str:
    """The part of a version that CFBundleVersion may hold: up to three numbers ("1.2.0" of "1.2.0rc1")."""
    numbers = re.match(r"\d+(\.\d+){0,2}", version)
    if numbers is None:
        raise BuildFailed(f"The version {version} does not begin with a number, as macOS wants it.")
    return numbers.group()


def oldest_macos(pyside: Path) -> str:
    """The oldest macOS on which the Qt in `pyside` runs; it says so of Chromium's processes.

    Raises:
        BuildFailed: this is no PySide6 for macOS.
    """
    info = pyside / "Qt/lib/QtWebEngineCore.framework/Helpers/QtWebEngineProcess.app/Contents/Info.plist"
    try:
        return str(plistlib.loads(info.read_bytes())["LSMinimumSystemVersion"])
    except (OSError, plistlib.InvalidFileException, KeyError) as error:
        raise BuildFailed(f"{info} does not say which macOS Qt needs.") from error


def _installed_pyside() -> Path:
    spec = find_spec("PySide6")
    if spec is None or spec.origin is None:
        raise BuildFailed("PySide6 is not installed.")
    return Path(spec.origin).parent
