"""Which lines of Markdown are quick actions to GitLab, and which names are mentions."""

import pytest

from secops_oncall.sandbox.gitlab_markdown import Command, commands, mentioned

NAMES = ("unlabel", "reopen", "assign", "close", "label", "title")


def names(text: str) -> list[str]:
    return [command.name for command in commands(text, NAMES)[1]]


@pytest.mark.parametrize(
    "text",
    [
        "/close",
        "text\n/close",
        "text\n\n/close\n\nmore",
        "/CLOSE  \nmore",
        "/close now",
        "\n\r/close",
        "text\r\n/close\r\n",
        "# A heading\n/close",
        "<!-- oncall:ack Q1 -->\n/close",  # the comment ends the HTML block
        "- a list\n\n/close",
        "> a quote\n\n/close",
        "```\ncode\n```\n/close",
        "`code` and\n/close",
        ">>>\nnever closed\n\n/close",
        "***\n/close",
        "![image](x)\n/close",
        "``a ` b\n/close\nb``",  # GitLab takes the third back-tick for the end of the code
    ],
)
def test_a_line_that_begins_with_a_slash_in_a_paragraph_acts(text: str) -> None:
    assert names(text) == ["close"]


@pytest.mark.parametrize(
    "text",
    [
        "text /close",
        " /close",
        "\\/close",
        "\u2060/close",
        "\u2028/close",
        "/closed",
        "/close!",
        "//close",
        "/ close",
        "- /close",
        "- a list\n/close",  # goes on with the list's paragraph
        "1. a list\n   /close",
        "> /close",
        "> a quote\n/close",
        "    /close",
        "\t/close",
        "```\n/close\n```",
        "~~~~ text\n```\n/close\n~~~\n~~~~",
        "```\n/close",  # never closed
        "`a\n/close\nb`",
        "<div>\n/close\n</div>",
        "<pre>\n\n/close\n\n</pre>",
        "<!--\n/close\n-->",
        "text\n<sub>\n/close\n</sub>",
        ">>>\n/close\n>>>",
        "/close\n===",
        "| /close |\n|---|\n/close",
    ],
)
def test_what_stands_in_anything_else_or_not_at_the_beginning_is_text(text: str) -> None:
    assert commands(text, NAMES) == (text.rstrip(), [])


def test_quick_actions_are_taken_out_of_the_text_with_their_arguments() -> None:
    text = 'Hello\n/assign @ana and @ben\n/label ~"In Progress" ~Done\n\nGood night.\n\n- /close\n/Title  New \n'
    assert commands(text, NAMES) == (
        "Hello\nGood night.\n\n- /close\n/Title  New",
        [Command("assign", "@ana and @ben"), Command("label", '~"In Progress" ~Done')],
    )
    assert commands("/title  New \nmore", NAMES) == ("more", [Command("title", "New")])


def test_code_that_looks_like_gitlabs_own_quote_is_none() -> None:
    assert names("```\n>>>\n```\n\n/close\n\n```\n>>>\n```") == ["close"]
    assert names("text\n\n>>>\nquoted\n\n/close\n>>>\n\n/reopen") == ["reopen"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ana", ["ana"]),
        ("Ask @Ana, (@ben) or @chen.", ["Ana", "ben", "chen"]),
        ("@ana and @ana", ["ana"]),
        ("> @ana", ["ana"]),
        ("- [ ] @ben", ["ben"]),
        ("| @ana |\n|---|\n| @ben |", ["ana", "ben"]),
        ("\\@all", ["all"]),
        ("&#64;all", ["all"]),
        ("**bold**@ana", ["ana"]),
        ("@acme-security/sub.group", ["acme-security/sub.group"]),
        ("<div>@all <code>@x</code></div>", ["all"]),
        ("<!-- hidden @x --> @ben", ["ben"]),
        ("<a href='x'>@x</a> @ben", ["ben"]),
        ("é@ana", ["ana"]),
        ("/close @ana", ["ana"]),
    ],
)
def test_a_name_behind_an_at_is_a_mention(text: str, found: list[str]) -> None:
    assert mentioned(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "ana@example.com",
        "x_@ana",
        "@\u2060ana",
        "`@ana`",
        "``@ana ` ``",
        "```\n@ana\n```",
        "    @ana",
        "[to @ana](https://example.com)",
        "![@ana](https://example.com/x.png)",
        "https://example.com/@ana",
        "<https://example.com/@ana>",
        "<pre>\n@ana\n\n@ben\n</pre>",
        "<code>@ana</code>",
        "<!-- @ana -->",
        "<!--\n@ana\n-->",
        "@ ana",
        "@",
    ],
)
def test_a_name_in_code_in_a_link_or_in_a_word_is_no_mention(text: str) -> None:
    assert mentioned(text) == []
