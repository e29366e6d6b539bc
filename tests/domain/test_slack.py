"""Text in mrkdwn: it mentions nobody, wakes no channel and links nowhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain.slack import escape, inline, link

URL = "https://acme.pagerduty.com/incidents/Q1"


def test_plain_words_stay_as_they_are() -> None:
    assert inline("EDR: credential dumping") == "`EDR: credential dumping`"
    assert inline("Ana Ferreira") == "Ana Ferreira"
    assert escape("a & b < c > d") == "a &amp; b &lt; c &gt; d"


@pytest.mark.parametrize(
    "text",
    [
        "<!channel>",
        "<@U0ANA>",
        "<https://evil.example|bank>",
        "@here",
        "*bold*",
        "https://evil.example",
        "evil.example",
    ],
)
def test_what_would_act_stands_as_code(text: str) -> None:
    shown = inline(f"look {text} there")
    assert (shown[0], shown[-1]) == ("`", "`")
    assert not re.search(r"[<>]", shown)


@given(st.text())
def test_nothing_gets_out(text: str) -> None:
    shown = inline(text)
    assert not set("<>\n") & set(shown)
    assert shown.count("`") in (0, 2)
    assert not set(re.sub(r"&(?:amp|lt|gt);", "", shown)) & {"&"}


def test_a_link_and_what_could_break_out_of_it() -> None:
    assert link("4117", URL) == f"<{URL}|4117>"
    assert link("a|b<c", URL) == f"<{URL}|a/b&lt;c>"
    for url in ("javascript:alert(1)", f"{URL}>", f"{URL}|x", f"{URL} x", ""):
        assert link("4117", url) == "4117"
