"""A read-back as every place has it: who acts from then on, the words, and what more people may read of them."""

from collections.abc import Sequence
from typing import Any

import pytest

from secops_oncall.domain.charge import charge
from secops_oncall.domain.differences import Difference
from secops_oncall.domain.documents import Comment
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.readback import ReadBack, read
from secops_oncall.domain.received import Believed, Handed, all_handed
from secops_oncall.views.incidents import Reader
from secops_oncall.views.readback import Author, comments, mrkdwn, say_differences
from tests.fakes import NOW
from tests.gitlab_rules import acts
from tests.handed import ANA, CHEN, NOTE, PROJECT, SHIFT, WORK, a_handover, a_note, accepted, an_incident, posted
from tests.slack_rules import acts_in_slack
from tests.views.samples import BEN, HOSTILE, Consoles

REF, OTHER, FILED = f"{WORK}#101", f"{WORK}#102", f"{PROJECT}#7"
PEOPLE = {"ana": ANA, "ben": BEN, "chen": CHEN}
WHOSE = Believed(PEOPLE)
EMAILS = {user: person.email or "" for user, person in PEOPLE.items()}
HANDLES = Handles(
    {email: user for user, email in EMAILS.items()}, {email: f"U0{user.upper()}" for user, email in EMAILS.items()}
)
WORDS = ReadBack("the key is dead", "read the logs with @ben\nby 15:00", "a call comes", "who told the customer?")
LOUD = ReadBack("/close", f"@all <!channel> ![x](https://evil.example/p.png) {HOSTILE}", "<!-- oncall:handoff x -->")
WHEN = "2026-11-23 14:00 UTC (22:00 +08)"


def handed(*more: IssueNote, confidential: bool = False) -> Handed:
    issues = [an_incident(confidential=confidential), an_incident(102), a_handover()]
    notes = {REF: [posted(), *more], OTHER: [a_note("handoff", 9, text=NOTE, key="issue-102")], FILED: []}
    (found,) = all_handed(issues, notes, WHOSE, [ANA, BEN, CHEN])
    return found


def noted(words: ReadBack, whole: Handed | None = None, *, internal: bool = True) -> dict[str, Comment]:
    author = Author(CHEN, NOW, "as the engineer on call", WHOSE)
    found = comments(whole or handed(), words, author, Reader("Asia/Singapore", handles=HANDLES), internal=internal)
    return {comment.issue.ref: comment for comment in found}


def in_slack(words: ReadBack, of: Handed | None = None, **more: Any) -> dict[str, str]:
    author = Author(CHEN, NOW, "as the engineer on call", WHOSE)
    return mrkdwn(of or handed(), words, author, HANDLES, **{"whole": True, **more})


def test_a_note_says_who_acts_whose_it_stays_and_what_was_read_back() -> None:
    note = noted(WORDS)[REF]
    assert str(note.mark) == f"<!-- oncall:readback {SHIFT} issue-101 -->"
    assert note.internal
    assert (
        note.text
        == f"""\
**Acting from now:** @chen | **Owner (unchanged):** @ana

* **Read-back** by @chen, {WHEN}, as the engineer on call
  - The state is: the key is dead
  - First I will:
    read the logs with @ben
    by 15:00
  - I escalate if: a call comes
  - Questions: who told the customer?"""
    )
    assert read(note.text) == WORDS


def test_whoever_reads_it_back_acts_and_the_owner_stays() -> None:
    """What is written is what the fold over an issue's notes reads."""
    note = noted(WORDS)[REF]
    back = IssueNote(1, NOW, "chen", note.text, True, False, note.mark)
    found = charge([posted(), back], ANA, PEOPLE)
    assert (found.owner, found.acting, found.waits) == (ANA, CHEN, False)


def test_the_hand_over_issue_speaks_of_all_incidents() -> None:
    text = noted(WORDS)[FILED].text
    assert text.startswith("**Acting from now:** @chen, on every incident of this hand-off; their owners stay\n")
    assert read(text) == WORDS


def test_what_was_typed_runs_nothing_and_mentions_nobody_else() -> None:
    for comment in noted(LOUD).values():
        ours = comment.text.replace("@chen", "").replace("@ana", "")
        assert not acts(ours), ours
        assert "<!--" not in ours
    (told,) = in_slack(LOUD).values()
    assert acts_in_slack(told, {"U0CHEN"}) == []


def test_where_more_people_read_than_may_know_it_says_only_where_the_words_stand() -> None:
    secret = handed(confidential=True)
    found = noted(WORDS, secret, internal=False)
    assert "the key is dead" in found[REF].text
    assert "the key is dead" in found[FILED].text
    assert "the key is dead" not in found[OTHER].text
    assert f"What was said stands in [`{FILED}`]" in found[OTHER].text
    assert "the key is dead" in noted(WORDS, secret, internal=True)[OTHER].text, "it is internal"
    assert "the key is dead" not in "".join(in_slack(WORDS, secret, whole=False).values())


def test_slack_gets_one_message_known_by_its_marker() -> None:
    said = in_slack(WORDS)
    assert list(said) == [f"oncall:readback:{SHIFT}"]
    (text,) = said.values()
    assert text.splitlines()[:2] == [
        "*Read-back* by <@U0CHEN>, as the engineer on call: acting from now; owners stay",
        "• The state is: the key is dead",
    ]


def test_what_is_too_long_for_a_message_stands_in_the_issue() -> None:
    (text,) = in_slack(ReadBack("x" * 8000, "y" * 8000, "z" * 8000, "q" * 30_000)).values()
    assert text.endswith(f"What was read back stands in <{a_handover().url}|{FILED}>")


def test_after_an_addendum_it_is_another_read_back() -> None:
    late = handed(accepted(5), a_note("addendum", 2, text="it came back", id=77))
    assert list(in_slack(WORDS, late)) == [f"oncall:readback:{SHIFT}:77"]
    assert str(noted(WORDS, late)[REF].mark) == f"<!-- oncall:readback {SHIFT} issue-101/77 -->"


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (Difference("people", handed=("Ben", "Dana")), "left out, people: Ben, Dana"),
        (Difference("ids", said=("4117",)), "not in the hand-off, numbers and ids: 4117"),
        (Difference("times", said=("15:00",), handed=("16:00 UTC",)), "you say 15:00, and the hand-off says 16:00 UTC"),
        (Difference("ids", handed=tuple("abcdefgh")), "left out, numbers and ids: a, b, c, d, e, f, and 2 more"),
    ],
)
def test_what_differs_is_a_line_each(found: Difference, line: str) -> None:
    consoles = Consoles()
    say_differences(consoles.streams, [found])
    assert (consoles.out, consoles.err) == ("", f"! {line}\n")


def test_names_of_others_in_it_drive_no_terminal() -> None:
    consoles = Consoles(width=300)
    named: Sequence[str] = (HOSTILE,)
    say_differences(consoles.streams, [Difference("people", handed=tuple(named))])
    assert all(line.isprintable() for line in consoles.err.splitlines())
