"""Remote text stays text in GitLab's Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain.markdown import inline, link, marker, parted, typed, typed_inline
from secops_oncall.domain.text import clean_lines
from tests.gitlab_rules import acts


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


@pytest.mark.parametrize(
    "text",
    [
        "/close",
        "fine\r\n/CLOSE now",
        "```\n/assign @chen\n```",
        "a\n\r/label ~x",
        "@all look",
        "é@all",
        "(@dana)",
        "![pixel](https://evil.example/p.png)",
        "`x` ![a][b]",
        '<IMG src="https://evil.example/p.png">',
    ],
)
def test_what_was_typed_acts_on_nothing_wherever_it_stands(text: str) -> None:
    made = typed(text)
    assert acts(text.replace("\r", "")), "GitLab deletes it before it looks"
    assert not acts(made)
    assert clean_lines(made) == clean_lines(text), "read again it is what was typed"


@given(
    st.lists(st.sampled_from(["/close", "\n", "\r", " ", "@all", "`", "!", "[", "x", "<img", "/", "@"])).map("".join)
)
def test_no_text_runs_a_quick_action_mentions_anybody_or_loads_an_image(text: str) -> None:
    made = typed(text)
    assert not acts(made)
    assert clean_lines(made) == clean_lines(text)


def test_what_was_typed_keeps_its_markdown_its_paths_and_who_is_known() -> None:
    text = (
        "**two** sessions, see `x`:\n\n/var/log/auth.log: mail to ana@example.com\n- [ ] @Ben checks group/project#12"
    )
    assert typed(text, ["ben"]) == text
    assert typed("@ben.o and @ben", ["ben"]) == "@\u2060ben.o and @ben"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("run `id` there", "run `id` there"),
        ("a ` b", "``a ` b``"),
        ("a `` b ` c ``", "a `` b ` c ``"),
        ('<a title="', '`<a title="`'),
        ("\\` b `", "`` \\` b ` ``"),
        ("two\nlines", "two lines"),
    ],
)
def test_what_was_typed_beside_other_text_leaves_nothing_open(text: str, made: str) -> None:
    assert typed_inline(text) == made


@given(st.lists(st.sampled_from(["word ", "\n", "`", "@all", "x" * 90, "/close\n"]), max_size=60).map("".join))
def test_a_document_is_parted_between_lines_and_nothing_of_it_is_lost(text: str) -> None:
    pieces = parted(text, 250, 200)
    assert [len(piece) > room for piece, room in zip(pieces, [250, *[200] * len(pieces)], strict=False)].count(
        True
    ) == 0
    if all(len(line) < 200 for line in text.split("\n")):
        assert "\n".join(pieces) == text
    assert parted(text, 100_000) == [text]


def test_a_line_that_is_too_long_stands_as_code() -> None:
    pieces = parted("`a` @all " * 100, 400)
    assert len(pieces) > 1
    for line in "\n".join(pieces).split("\n"):
        fence = line[: len(line) - len(line.lstrip("`"))]
        assert fence and line.endswith(fence) and fence not in line[len(fence) : -len(fence)]
