"""Remote text stays text in GitLab's Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain.markdown import inline, link, marker


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Impossible travel: j.doe, 9 minutes apart", "Impossible travel: j.doe, 9 minutes apart"),
        ("/close", "`/close`"),
        ("@all wake up", "`@all wake up`"),
        ("![x](https://evil.example/p.png)", "`![x](https://evil.example/p.png)`"),
        ("see `code`", "`` see `code` ``"),
        ("two\nlines", "two lines"),
        ("", ""),
    ],
)
def test_active_text_becomes_code(text: str, safe: str) -> None:
    assert inline(text) == safe


@given(st.text(alphabet="`@/#!a \n", max_size=30))
def test_a_code_span_can_not_be_left(text: str) -> None:
    made = inline(text)
    if made.startswith("`"):
        fence = made[: len(made) - len(made.lstrip("`"))]
        inside = made[len(fence) : -len(fence)]
        assert made.endswith(fence)
        assert fence not in inside
    else:
        assert not set(made) & set("`@#!")
        assert not made.startswith("/")


def test_a_link_that_could_break_out_is_only_its_label() -> None:
    assert link("group/project#12", "https://gitlab.example/x") == "[`group/project#12`](<https://gitlab.example/x>)"
    assert link("page", "javascript:alert(1)") == "page"
    assert link("page", "https://x/>) @all") == "page"


def test_a_marker_is_a_comment_that_nothing_gets_out_of() -> None:
    assert marker("ack", "Q1CANARYTOKEN01") == "<!-- oncall:ack Q1CANARYTOKEN01 -->"
    assert marker("ack", "Q1 --> <b>@all") == "<!-- oncall:ack Q1--ball -->"
