from __future__ import annotations

import json
from pathlib import Path

import pytest

from installers.macos.notarise import KEY_VARIABLES, NotaryKey, notarise
from installers.packaging import BuildFailed

KEY = NotaryKey(Path("/keys/AuthKey.p8"), "ABCDE12345", "11111111-2222-3333-4444-555555555555")
IMAGE = Path("/dist/qtmail-0.1.0-macos-arm64.dmg")


def answer(status: str) -> tuple[str, int]:
    """notarytool ends with status 0 whatever Apple says."""
    return json.dumps({"id": "submission-7", "status": status, "message": "Processing complete"}), 0


LOG = json.dumps(
    {
        "status": "Invalid",
        "statusSummary": "Archive contains critical validation errors",
        "issues": [
            {
                "severity": "error",
                "path": "qtmail.app/Contents/Frameworks/libssl.3.dylib",
                "message": "It does not include a secure timestamp.",
            }
        ],
    }
)


def test_an_accepted_image_gets_its_ticket(tools):
    tools.add("xcrun", answer("Accepted"), ("The staple and validate action worked!", 0))
    notarise(IMAGE, KEY)
    submit, staple = tools.calls("xcrun")
    assert submit[:3] == ["notarytool", "submit", str(IMAGE)]
    assert "--wait" in submit
    assert submit[submit.index("--key") + 1] == "/keys/AuthKey.p8"
    assert submit[submit.index("--key-id") + 1] == "ABCDE12345"
    assert submit[submit.index("--issuer") + 1] == KEY.issuer
    assert staple == ["stapler", "staple", str(IMAGE)]


def test_a_refusal_says_which_file_is_wrong_and_why(tools):
    tools.add("xcrun", answer("Invalid"), (LOG, 0))
    with pytest.raises(BuildFailed) as refused:
        notarise(IMAGE, KEY)
    assert str(refused.value).splitlines() == [
        "qtmail-0.1.0-macos-arm64.dmg was not notarised: Apple's answer is “Invalid”.",
        "Archive contains critical validation errors",
        "error: qtmail.app/Contents/Frameworks/libssl.3.dylib: It does not include a secure timestamp.",
    ]
    assert [words[:2] for words in tools.calls("xcrun")] == [["notarytool", "submit"], ["notarytool", "log"]]


def test_a_refusal_without_issues_still_gives_the_reason(tools):
    summary = "Team is not yet configured for notarization"
    tools.add("xcrun", answer("Rejected"), (json.dumps({"statusSummary": summary, "issues": None}), 0))
    with pytest.raises(BuildFailed, match=f"“Rejected”.\n{summary}$"):
        notarise(IMAGE, KEY)


def test_a_refusal_whose_log_cannot_be_had_says_how_to_see_it(tools):
    tools.add("xcrun", answer("Invalid"), ("Submission log is not yet available", 1))
    with pytest.raises(BuildFailed, match="xcrun notarytool log submission-7"):
        notarise(IMAGE, KEY)


def test_a_key_that_apple_does_not_know_is_told_in_notarytools_words(tools):
    tools.add("xcrun", ("Error: HTTP status code: 401. Unauthenticated.", 1))
    with pytest.raises(BuildFailed, match="Unauthenticated"):
        notarise(IMAGE, KEY)


def test_an_answer_that_is_none_is_shown(tools):
    tools.add("xcrun", ("Conducting pre-submission checks…", 0))
    with pytest.raises(BuildFailed, match="could not be understood:\nConducting"):
        notarise(IMAGE, KEY)


def test_lines_before_the_answer_do_no_harm(tools):
    lines, _ = answer("Accepted")
    tools.add("xcrun", (f"Uploading…\n{lines}", 0), ("The staple and validate action worked!", 0))
    notarise(IMAGE, KEY)


def test_a_ticket_that_is_published_late_is_waited_for(tools):
    late = ('failed due to "Record not found".\nThe staple and validate action failed! Error 65.', 65)
    tools.add("xcrun", answer("Accepted"), late, late, ("The staple and validate action worked!", 0))
    notarise(IMAGE, KEY, pause=0)
    assert len(tools.calls("xcrun")) == 4


def test_a_key_is_read_from_the_environment(monkeypatch):
    for name, value in zip(KEY_VARIABLES, (str(KEY.file), KEY.key_id, KEY.issuer), strict=True):
        monkeypatch.setenv(name, value)
    assert NotaryKey.from_environment() == KEY


def test_without_a_key_there_is_none(monkeypatch):
    for name in KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert NotaryKey.from_environment() is None


def test_half_a_key_is_a_mistake_that_is_told(monkeypatch):
    for name in KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QTMAIL_NOTARY_KEY_ID", KEY.key_id)
    with pytest.raises(BuildFailed, match="QTMAIL_NOTARY_KEY and QTMAIL_NOTARY_ISSUER must be set as well"):
        NotaryKey.from_environment()
