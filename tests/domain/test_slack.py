"""Text in mrkdwn: it mentions nobody, wakes no channel and links nowhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain.slack import BLOCK, BLOCKS, escape, inline, link, messages, typed, typed_inline
from tests.slack_rules import acts_in_slack

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


PEOPLE = {"ben": "U0BEN", "chen.w": "U0CHEN"}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("*bold*, `code` and a_b stay", "*bold*, `code` and a_b stay"),
        ("two\nlines", "two\nlines"),
        ("see https://example.com/a?b=1&c=2.", "see <https://example.com/a?b=1&amp;c=2>."),
        ("(https://example.com/x)", "(<https://example.com/x>)"),
        ("<https://example.com/x|the log>", "<https://example.com/x|the log>"),
        ("@ben and @Chen.W. look", "<@U0BEN> and <@U0CHEN>. look"),
        ("<@U0BEN> knows", "<@U0BEN> knows"),
        ("ben@ben and @stranger", "ben@ben and @stranger"),
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
    ],
)
def test_what_was_typed_keeps_its_links_and_mentions_who_is_known(text: str, made: str) -> None:
    assert typed(text, PEOPLE) == made


@pytest.mark.parametrize("text", ["<!channel>", "<!here|x>", "<!subteam^S1>", "<#C0SECOPS>", "<@U0EVE>", "<@U0BEN|x>"])
def test_what_was_typed_wakes_no_channel_and_mentions_no_stranger(text: str) -> None:
    assert acts_in_slack(typed(text, PEOPLE), PEOPLE.values()) == []
    assert "&lt;" in typed(text, PEOPLE)


@given(st.text(alphabet="<>!@#|&`ab \nhttps:/.U0BEN", max_size=60))
def test_no_typed_text_acts(text: str) -> None:
    for made in (typed(text, PEOPLE), typed_inline(text, PEOPLE)):
        assert acts_in_slack(made, PEOPLE.values()) == []
    assert typed_inline(text, PEOPLE).count("`") % 2 == 0
    assert "\n" not in typed_inline(text)


@given(
    st.lists(st.sampled_from(["word ", "\n", "<!channel>", "https://example.com/a ", "&", "x" * 700]), max_size=60),
)
def test_a_long_text_is_parted_and_nothing_of_it_is_lost(words: list[str]) -> None:
    text = typed("".join(words))
    sent = messages("oncall:handoff:s", text)
    blocks = [block for message in sent for block in message.values()]
    assert all(0 < len(block) <= BLOCK for block in blocks)
    assert all(len(message) <= BLOCKS for message in sent)
    ids = [id for message in sent for id in message]
    assert len(set(ids)) == len(ids)
    assert ids[:1] == (["oncall:handoff:s"] if text.strip() else [])
    assert "".join("".join(blocks).split()) == "".join(text.split())
    assert [block for block in blocks if acts_in_slack(block, ())] == []


def test_no_link_is_broken_and_one_that_no_block_holds_is_text() -> None:
    text = typed("x" * 2990 + " https://example.com/" + "a" * 500)
    (first, second) = messages("m", text)[0].values()
    assert first.rstrip() == "x" * 2990
    assert second == f"<https://example.com/{'a' * 500}>"
    assert "<" not in typed("https://example.com/" + "a" * 5000)
    assert messages("m", "") == messages("m", "\n") == []
