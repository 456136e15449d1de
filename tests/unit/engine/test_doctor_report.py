from __future__ import annotations

from qtmail.domain.account import Account, Security, ServerSettings
from qtmail.domain.diagnosis import Verdict
from qtmail.engine.doctor_report import LOG_LINES, report_text
from qtmail.errors import Layer
from qtmail.log import LogLine, ProtocolLog

IMAP = "imap.example.org:993"
ACCOUNT = Account(
    1,
    "Home",
    "eva.berg@example.org",
    "Eva Berg",
    ServerSettings("imap.example.org", 993, Security.TLS, "eva.berg"),
    ServerSettings("smtp.example.org", 587, Security.STARTTLS, "eva.berg"),
)
VERDICTS = [
    Verdict(IMAP, Layer.CONNECTION, True, "Port 993 answers.", seconds=0.034),
    Verdict(
        IMAP,
        Layer.SIGN_IN,
        False,
        "imap.example.org did not accept the user name eva.berg or the password.",
        "Check both.",
        "NO no eva.berg@example.org here",
        certificate="-----BEGIN CERTIFICATE-----",
        seconds=1.5,
    ),
]


def conversation(*said: str) -> list[LogLine]:
    log = ProtocolLog()
    for text in said:
        log.received(text)
    return log.lines()


def test_it_tells_what_runs_where_and_how_each_step_went() -> None:
    report = report_text(ACCOUNT, VERDICTS, conversation("* OK ready"), toolkit="Qt 6.11")
    assert report.startswith("qtmail ") and "\nPython 3." in report and "\nQt 6.11\n" in report
    assert "Account e…@example.org, signs in with: password" in report
    assert "IMAP imap.example.org:993/tls\nSMTP smtp.example.org:587/starttls\n" in report
    assert f"[ok] {IMAP} connection (34 ms): Port 993 answers.\n" in report
    assert (
        f"[FAILED] {IMAP} sign-in (1,500 ms): imap.example.org did not accept the user name e… or" in report
    )
    assert "    Check both.\n    NO no e…@example.org here\n" in report
    assert "S * OK ready" in report


def test_it_names_nobody_and_shows_no_certificate() -> None:
    report = report_text(ACCOUNT, VERDICTS, conversation("q1 NO eva.berg is locked"))
    assert "eva" not in report.lower() and "berg" not in report.lower()
    assert "BEGIN CERTIFICATE" not in report


def test_the_end_of_a_long_conversation_is_told() -> None:
    report = report_text(ACCOUNT, [], conversation(*(f"* {n} EXISTS" for n in range(LOG_LINES + 1))))
    assert "* 0 EXISTS" not in report
    assert f"* {LOG_LINES} EXISTS" in report


def test_a_report_about_this_computer_alone() -> None:
    report = report_text(None, [Verdict("", Layer.STORE, True, "The local databases are sound.")])
    assert "This computer\n[ok] local store (0 ms): The local databases are sound.\n" in report
