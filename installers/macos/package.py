"""The macOS package, from the frozen program to the disk image people download."""

from __future__ import annotations

from pathlib import Path

from installers.macos.dmg import build_dmg
from installers.macos.notarise import NotaryKey, notarise
from installers.macos.sign import IDENTITY_VARIABLE, identity, sign_app, sign_image
from installers.packaging import BuildFailed

WARNING = "whoever starts it first has to allow that in System Settings"


def build_macos(app: Path, output: Path) -> Path:
    """Sign the frozen bundle, pack it into `output`, and have it notarised.

    The environment names the certificate for the one (see sign.py) and the key for the other (see
    notarise.py); what it does not name is left out, and said.

    Returns:
        The disk image's path.

    Raises:
        BuildFailed: a step failed, or there is a key but no certificate.
    """
    certificate, key = identity(), NotaryKey.from_environment()
    if certificate is None:
        if key is not None:
            raise BuildFailed(f"Only what is signed can be notarised: set {IDENTITY_VARIABLE}, too.")
        print(f"The macOS package is not signed: {WARNING}.")
        return build_dmg(app, output)
    sign_app(app, certificate)
    image = build_dmg(app, output)
    sign_image(image, certificate)
    if key is None:
        print(f"The macOS package is signed but not notarised: {WARNING}.")
    else:
        notarise(image, key)
    return image
