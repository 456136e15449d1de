from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from installers.macos.sign import IDENTITY_VARIABLE, identity, sign_app, sign_image
from installers.packaging import BuildFailed
from tests.unit.installers.macos.conftest import AppleTools

CERTIFICATE = "Developer ID Application: Somebody (ABCDE12345)"

KEEP_ENTITLEMENTS = """
if "--entitlements" in sys.argv:
    given, code = pathlib.Path(sys.argv[sys.argv.index("--entitlements") + 1]), pathlib.Path(sys.argv[-1])
    calls.with_name(f"{code.name}.entitlements").write_bytes(given.read_bytes())
"""


@pytest.fixture
def codesign(tools: AppleTools) -> AppleTools:
    tools.add("codesign", action=KEEP_ENTITLEMENTS)
    return tools


def signed(tools: AppleTools) -> list[Path]:
    return [Path(words[-1]) for words in tools.calls("codesign") if "--sign" in words]


def test_all_code_is_signed_once_and_nothing_else(codesign, app):
    sign_app(app, CERTIFICATE)
    core = "Contents/Frameworks/PySide6/Qt/lib/QtWebEngineCore.framework"
    names = [path.relative_to(app).as_posix() for path in signed(codesign)]
    assert sorted(names) == [
        ".",
        "Contents/Frameworks/PySide6/Qt/lib/QtWebEngineCore.framework",
        f"{core}/Versions/A/Helpers/QtWebEngineProcess.app",
        "Contents/Frameworks/PySide6/QtCore.abi3.so",
        "Contents/Frameworks/libssl.3.dylib",
    ]


def test_what_is_inside_is_signed_before_what_is_around_it(codesign, app):
    sign_app(app, CERTIFICATE)
    done: list[Path] = []
    for code in signed(codesign):
        assert not any(code.is_relative_to(earlier) for earlier in done)
        done.append(code)
    assert done[-1] == app


def entitlements(tools: AppleTools) -> dict[str, dict[str, bool]]:
    """Which code was given which entitlements."""
    return {file.stem: plistlib.loads(file.read_bytes()) for file in tools.directory.glob("*.entitlements")}


def test_programs_get_entitlements_and_libraries_none(codesign, app):
    sign_app(app, CERTIFICATE)
    assert entitlements(codesign) == {
        "qtmail.app": {
            "com.apple.security.cs.allow-jit": True,
            "com.apple.security.cs.allow-unsigned-executable-memory": True,
        },
        "QtWebEngineProcess.app": {"com.apple.security.cs.allow-jit": True},
    }


def test_a_helper_that_brings_no_entitlements_gets_those_of_the_program(codesign, app):
    next(app.rglob("QtWebEngineProcess.entitlements")).unlink()
    sign_app(app, CERTIFICATE)
    given = entitlements(codesign)
    assert given["QtWebEngineProcess.app"] == given["qtmail.app"]


def test_signatures_are_what_notarisation_asks_for(codesign, app):
    sign_app(app, CERTIFICATE)
    for words in codesign.calls("codesign")[:-1]:
        assert words[words.index("--options") + 1] == "runtime"
        assert words[words.index("--sign") + 1] == CERTIFICATE
        assert "--timestamp" in words


def test_the_finished_bundle_is_checked(codesign, app):
    sign_app(app, CERTIFICATE)
    assert codesign.calls("codesign")[-1] == ["--verify", "--deep", "--strict", str(app)]


def test_a_time_stamp_server_that_is_away_for_a_moment_does_no_harm(tools, app):
    tools.add("codesign", ("QtCore.abi3.so: The timestamp service is not available.", 1), ("", 0))
    sign_app(app, CERTIFICATE, pause=0)
    assert signed(tools)[0] == signed(tools)[1]
    assert signed(tools)[-1] == app


def test_a_refusal_is_told_in_the_words_of_codesign(tools, app):
    tools.add("codesign", (f"{CERTIFICATE}: no identity found", 1))
    with pytest.raises(BuildFailed, match="no identity found"):
        sign_app(app, CERTIFICATE, pause=0)


def test_an_image_is_signed_without_the_hardened_runtime(codesign, tmp_path):
    sign_image(tmp_path / "qtmail.dmg", CERTIFICATE)
    (words,) = codesign.calls("codesign")
    assert words == ["--force", "--timestamp", "--sign", CERTIFICATE, str(tmp_path / "qtmail.dmg")]


@pytest.mark.parametrize(("value", "expected"), [(CERTIFICATE, CERTIFICATE), ("", None)])
def test_the_environment_names_the_certificate(monkeypatch, value, expected):
    monkeypatch.setenv(IDENTITY_VARIABLE, value)
    assert identity() == expected
