"""Signing with a Developer ID certificate, as notarisation wants it: all code, from the inside out.

`codesign --deep` is no help: it gives the program's entitlements to everything, and passes over what lies
where it expects no code. So each Mach-O file and each nested bundle is signed by itself, the deepest first:
the signature of a bundle covers those of its contents.
"""

from __future__ import annotations

import os
import plistlib
import tempfile
from pathlib import Path

from installers.macos.patience import PAUSE, call_patiently
from installers.packaging import call, tool

IDENTITY_VARIABLE = "QTMAIL_MACOS_IDENTITY"
"""Names the certificate in the keychain: "Developer ID Application: Somebody (TEAMID)"."""

ENTITLEMENTS = {
    # The regular expressions of Qt (PCRE2) are compiled to machine code.
    "com.apple.security.cs.allow-jit": True,
    # So are the closures of libffi, through which C calls Python back (ctypes, cffi).
    "com.apple.security.cs.allow-unsigned-executable-memory": True,
}
"""What the hardened runtime must allow the program. All libraries bear its signature, so their validation
stays on. Nothing else is asked for: no camera, no microphone."""

_MACH_O = (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
"""How a 64-bit Mach-O file of Apple's processors begins, and a file with code for several (<mach-o/loader.h>,
<mach-o/fat.h>)."""
_BUNDLES = (".app", ".framework")


def identity() -> str | None:
    """The certificate to sign with, from the environment; None to leave the program unsigned."""
    return os.environ.get(IDENTITY_VARIABLE) or None


def sign_app(app: Path, certificate: str, *, pause: float = PAUSE) -> None:
    """Sign the bundle and all code in it, with the hardened runtime and a timestamp, and check the outcome.

    Args:
        pause: seconds between attempts, while Apple's time stamp server does not answer.

    Raises:
        BuildFailed: codesign refused; with its words.
    """
    with tempfile.TemporaryDirectory() as directory:
        entitlements = Path(directory, "entitlements.plist")
        entitlements.write_bytes(plistlib.dumps(ENTITLEMENTS))
        for code in code_inside_out(app):
            entitled = _entitled(code, entitlements)
            _codesign(code, certificate, "--options", "runtime", *entitled, pause=pause)
    call(tool("codesign"), "--verify", "--deep", "--strict", app)


def sign_image(image: Path, certificate: str, *, pause: float = PAUSE) -> None:
    """Sign a disk image.

    Raises:
        BuildFailed: codesign refused; with its words.
    """
    _codesign(image, certificate, pause=pause)


def code_inside_out(app: Path) -> list[Path]:
    """Every piece of code of the bundle, the deepest first and the bundle itself last.

    Links are left out, and the main programs of bundles, because they are signed with their bundle.
    """
    nested = [path for path in app.rglob("*") if not path.is_symlink()]
    bundles = [app, *(path for path in nested if path.is_dir() and path.suffix in _BUNDLES)]
    files = [path for path in nested if _is_mach_o(path) and not _is_main_program(path)]
    return sorted([*bundles, *files], key=lambda code: (-len(code.parts), code))


def _entitled(code: Path, entitlements: Path) -> tuple[str, ...]:
    """The option of codesign for a program; a library has the entitlements of the program that loads it.

    QtWebEngineProcess brings its own: Qt knows best what its Chromium needs.
    """
    if code.suffix != ".app":
        return ()
    brought = code / "Contents" / "Resources" / f"{code.stem}.entitlements"
    return ("--entitlements", str(brought if brought.is_file() else entitlements))


def _codesign(code: Path, certificate: str, *options: str, pause: float) -> None:
    words = ("--force", "--timestamp", "--sign", certificate, *options)
    call_patiently(tool("codesign"), *words, code, passing="timestamp service is not available", pause=pause)


def _is_mach_o(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in _MACH_O


def _is_main_program(path: Path) -> bool:
    """Of the innermost bundle around it."""
    around = next(parent for parent in path.parents if parent.suffix in _BUNDLES)
    return path.name == around.stem
