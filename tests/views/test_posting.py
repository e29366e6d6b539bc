"""What is shown before a hand-off is posted, and what keeps it back."""

from secops_oncall.domain.audience import Audience, Reach
from secops_oncall.domain.incidents import Problem
from secops_oncall.views.posting import NAMED, show_blocking, show_reach
from tests.views.samples import Consoles


def test_who_will_see_what_is_no_answer() -> None:
    consoles = Consoles()
    show_reach(consoles.streams, Reach((Audience("message in #secops", "its members", "new"),), ("ana",), 2), "A → B")
    assert consoles.err == "A → B:\n  message in #secops (its members): new\n  mentioned: ana in GitLab, 2 in Slack\n"
    show_reach(consoles.streams, Reach(()), "A → B")
    assert (consoles.err.splitlines()[-1], consoles.out) == ("  mentioned: nobody in GitLab", "")


def test_errors_are_told_with_what_mends_them_and_of_many_only_a_few() -> None:
    problem = Problem("E1", "error", "acme/x#1", "state", "nobody has said", "oncall handoff edit 1")
    consoles = Consoles()
    show_blocking(consoles.streams, [problem])
    assert consoles.err == (
        "! E1 acme/x#1 state: nobody has said; oncall handoff edit 1\n"
        "oncall: the hand-off has 1 error, and nothing was posted\n"
        '  hint: oncall handoff lint, or in spite of it oncall handoff post --anyway --why "…"\n'
    )
    consoles = Consoles()
    show_blocking(consoles.streams, [problem] * (NAMED + 2))
    assert (consoles.err.count("E1"), "  and 2 more: oncall handoff lint\n" in consoles.err) == (NAMED, True)


def test_of_another_shift_every_command_says_so() -> None:
    consoles = Consoles()
    show_blocking(consoles.streams, [Problem("E1", "error", "acme/x#1", None, "x", "y")] * (NAMED + 1), " --shift -1")
    assert "  and 1 more: oncall handoff lint --shift -1\n" in consoles.err
    assert "oncall handoff lint --shift -1, or in spite of it oncall handoff post --shift -1 --anyway" in consoles.err
