from __future__ import annotations

import plistlib
import sys
from pathlib import Path
from typing import Any

import pytest

from installers.macos.app import bundle_info, numeric_version
from installers.packaging import VERSION, BuildFailed
from qtmail.integration.program import APP_ID

HELPER = "Qt/lib/QtWebEngineCore.framework/Helpers/QtWebEngineProcess.app/Contents/Info.plist"


@pytest.fixture
def pyside(tmp_path: Path) -> Path:
    """As much of PySide6 for macOS as counts here."""
    helper = tmp_path / "PySide6" / HELPER
    helper.parent.mkdir(parents=True)
    helper.write_bytes(plistlib.dumps({"LSMinimumSystemVersion": "14.4"}))
    return tmp_path / "PySide6"


@pytest.fixture
def info(pyside: Path) -> Any:
    """What another program reads in the file."""
    return plistlib.loads(plistlib.dumps(bundle_info(pyside)))


def test_the_bundle_says_who_it_is(info):
    assert info["CFBundleIdentifier"] == APP_ID
    assert info["CFBundleName"] == "qtmail"
    assert info["CFBundleShortVersionString"] == VERSION
    assert VERSION.startswith(info["CFBundleVersion"])


def test_mailto_links_can_be_opened(info):
    (links,) = info["CFBundleURLTypes"]
    assert links["CFBundleURLSchemes"] == ["mailto"]


def test_message_files_can_be_opened_under_the_type_that_is_declared_for_them(info):
    (documents,) = info["CFBundleDocumentTypes"]
    (declared,) = info["UTImportedTypeDeclarations"]
    assert documents["LSItemContentTypes"] == [declared["UTTypeIdentifier"]]
    assert declared["UTTypeTagSpecification"] == {
        "public.filename-extension": ["eml"],
        "public.mime-type": ["message/rfc822"],
    }
    assert "public.email-message" in declared["UTTypeConformsTo"]


def test_it_is_sharp_and_follows_dark_mode(info):
    assert info["NSHighResolutionCapable"] is True
    assert info["NSRequiresAquaSystemAppearance"] is False


def test_it_wants_the_macos_that_qt_wants(info):
    assert info["LSMinimumSystemVersion"] == "14.4"


@pytest.mark.parametrize("content", [None, b"not a plist", plistlib.dumps({})])
def test_a_qt_that_does_not_say_what_it_needs_is_reported(pyside, content):
    helper = pyside / HELPER
    helper.unlink() if content is None else helper.write_bytes(content)
    with pytest.raises(BuildFailed, match="does not say which macOS"):
        bundle_info(pyside)


@pytest.mark.skipif(sys.platform == "darwin", reason="this is the one system on which it can be done")
def test_the_pyside_of_another_system_will_not_do():
    with pytest.raises(BuildFailed, match="does not say which macOS"):
        bundle_info()


@pytest.mark.parametrize(
    ("version", "numbers"), [("1.2.3", "1.2.3"), ("1.2.0rc1", "1.2.0"), ("0.2.dev3", "0.2"), ("3", "3")]
)
def test_the_bundle_version_is_made_of_numbers(version, numbers):
    assert numeric_version(version) == numbers


def test_a_version_without_a_number_is_refused():
    with pytest.raises(BuildFailed, match="does not begin with a number"):
        numeric_version("next")
