from __future__ import annotations

import json
from pathlib import Path

import pytest

from installers.macos.notarise import KEY_VARIABLES
from installers.macos.package import build_macos
from installers.macos.sign import IDENTITY_VARIABLE
from installers.packaging import BuildFailed
from tests.unit.installers.macos.conftest import AppleTools

ACCEPTED = json.dumps({"id": "submission-7", "status": "Accepted"})


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (IDENTITY_VARIABLE, *KEY_VARIABLES):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def frozen(tools: AppleTools, app: Path) -> Path:
    """The bundle, and all that Apple has for it."""
    tools.add("hdiutil", action='pathlib.Path(sys.argv[-1]).write_text("image", "utf-8")')
    tools.add("codesign")
    tools.add("xcrun", (ACCEPTED, 0), ("The staple and validate action worked!", 0))
    return app


def test_without_secrets_the_image_is_made_and_said_to_be_unsigned(tools, frozen, tmp_path, capsys):
    assert build_macos(frozen, tmp_path / "dist").is_file()
    assert "not signed" in capsys.readouterr().out
    assert tools.calls("codesign") == tools.calls("xcrun") == []


def test_with_a_certificate_bundle_and_image_are_signed(tools, frozen, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(IDENTITY_VARIABLE, "Developer ID Application: Somebody (ABCDE12345)")
    image = build_macos(frozen, tmp_path / "dist")
    targets = [words[-1] for words in tools.calls("codesign")]
    assert targets[-1] == str(image)
    assert str(frozen) in targets
    assert "signed but not notarised" in capsys.readouterr().out


def test_with_a_key_the_image_is_notarised_too(tools, frozen, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(IDENTITY_VARIABLE, "Developer ID Application: Somebody (ABCDE12345)")
    for name in KEY_VARIABLES:
        monkeypatch.setenv(name, "given")
    image = build_macos(frozen, tmp_path / "dist")
    assert tools.calls("xcrun")[-1] == ["stapler", "staple", str(image)]
    assert capsys.readouterr().out == ""


def test_a_key_without_a_certificate_is_refused_before_anything_is_built(
    tools, frozen, tmp_path, monkeypatch
):
    for name in KEY_VARIABLES:
        monkeypatch.setenv(name, "given")
    with pytest.raises(BuildFailed, match=IDENTITY_VARIABLE):
        build_macos(frozen, tmp_path / "dist")
    assert tools.calls("hdiutil") == []
