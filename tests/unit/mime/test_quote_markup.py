"""Documents of ours, taken apart again."""

from __future__ import annotations

import pytest

from qtmail.domain.composition import Quote, QuoteKind
from qtmail.mime.html import sanitise
from qtmail.mime.quote_markup import document, take_apart

ORIGINAL = "<style>\np{color:red}\n</style><div><p>Shall we?</p></div>"
REPLY = Quote(QuoteKind.REPLY, "On 3 May 2026, Bob wrote:", ORIGINAL, "Shall we?")


@pytest.mark.parametrize(
    "quote",
    [
        None,
        REPLY,
        Quote(QuoteKind.FORWARD, "--- Forwarded ---\nFrom: Bob <b@x.org>", ORIGINAL, "Shall we?"),
        Quote(QuoteKind.FORWARD, "", "<p>x</p>", "x"),
        Quote(QuoteKind.REPLY, "Bob wrote:", sanitise(document("<p>No.</p>", REPLY)), "No.\n\nx"),
    ],
)
def test_body_and_quote_come_back(quote: Quote | None) -> None:
    found = take_apart(sanitise(document("<p>Yes.</p>", quote)))
    assert found is not None
    assert found[0] == "<p>Yes.</p>"
    if quote is None:
        assert found[1] is None
    else:
        assert found[1] is not None
        assert (found[1].kind, found[1].attribution, found[1].html) == (
            quote.kind,
            quote.attribution,
            quote.html,
        )


def test_original_goes_out_as_it_is_and_its_style_sheet_to_the_head() -> None:
    html = document("<p>Yes.</p>", REPLY)
    head, body = html.split("</head>")
    assert "p{color:red}" in head
    assert "<div><p>Shall we?</p></div>" in body


def test_text_original_is_shown_as_html() -> None:
    assert "<p>a<br>b</p>" in document("", Quote(QuoteKind.FORWARD, "", "", "a\nb"))


@pytest.mark.parametrize(
    "html",
    [
        "<p>somebody else's</p>",
        "",
        sanitise(document("<p>Yes.</p>", REPLY)) + "<p>a footer of a list</p>",
        sanitise(document("<p>Yes.</p>", REPLY)).replace("qtmail-original", "changed"),
        '<div class="qtmail-body">' + '</div><div class="qtmail-reply">' * 50_000 + "</div>",
    ],
    ids=["foreign", "empty", "footer", "changed", "hostile"],
)
def test_what_is_not_ours_is_left_alone(html: str) -> None:
    assert take_apart(html) is None
