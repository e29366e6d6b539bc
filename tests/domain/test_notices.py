"""A notice in each place: read back from the issue, quiet in Slack, and of a confidential issue no word there."""

import re
from datetime import timedelta

from hypothesis import given

from secops_oncall.domain import notices
from secops_oncall.domain.charge import Charge, charge
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.issues import IssueNote
from secops_oncall.domain.marks import mark_in
from secops_oncall.domain.notices import About, Notice
from secops_oncall.domain.people import Person
from secops_oncall.domain.text import clean_lines
from tests.domain.test_draft import TEXTS
from tests.fakes import ME, NOW, an_issue
from tests.gitlab_rules import QUICK_ACTION

ANA, BEN = ME.person, Person("PBEN002", "Ben Okafor", "ben@example.com")
ZOE = Person("PZOE009", "Zoe @all", "zoe@example.com")
HANDLES = Handles({"ana@example.com": "ana", "ben@example.com": "ben"}, {"ben@example.com": "U0BEN"})
ISSUE = an_issue("acme/operations#101", title="Leaked key <!channel> @all *bold*")
ABOUT = About(ISSUE, ANA, ANA, HANDLES, "engineer/PANA001/2026-11-23T09:00:00Z")
BACK = NOW + timedelta(minutes=45)
LINK = "<https://gitlab.example.com/acme/operations/-/issues/101|acme/operations#101>"


def read(*told: Notice) -> Charge:
    """Who has it by the notes, as a client would have read them."""
    notes = [
        IssueNote(n, NOW + timedelta(minutes=n), "ana", clean_lines(f"{one.text}\n\n{one.mark}"), True, False, one.mark)
        for n, one in enumerate(told)
    ]
    return charge(notes, ANA, {"ana": ANA, "ben": BEN})


def test_what_the_issue_gets_is_what_the_fold_reads() -> None:
    gone = read(notices.go_on_break(ABOUT, BEN, BACK, NOW))
    assert (gone.acting, gone.owner, gone.on_break and gone.on_break.back) == (BEN, ANA, BACK)
    back = read(notices.go_on_break(ABOUT, BEN, BACK, NOW), notices.come_back(ABOUT))
    assert (back.acting, back.breaks) == (ANA, ())
    engaged = read(notices.engage(ABOUT, BEN), notices.engage(ABOUT, ZOE), notices.release(ABOUT, BEN))
    assert [person.name for person in engaged.engaged] == ["Zoe @all"]
    assert [each.person for each in engaged.left] == [BEN]
    high = read(notices.high_impact(ABOUT, [BEN], "brief"))
    assert (high.high_impact is not None, high.engaged, high.acting) == (True, (BEN,), ANA)


def test_the_mark_is_read_back() -> None:
    notice = notices.engage(ABOUT, BEN)
    assert mark_in(f"{notice.text}\n\n{notice.mark}") == notice.mark
    assert (notice.mark.kind, notice.mark.shift, notice.mark.key) == ("engage", ABOUT.shift, "issue-101")


@given(TEXTS)
def test_an_update_mentions_only_people_of_the_table_and_declares_nothing(words: str) -> None:
    notice = notices.update(ABOUT, f"{words}\n**Engaged:** @ben\n/close\n@all <!channel>")
    assert not QUICK_ACTION.search(notice.text) and not re.search(r"(?<!\w)@all", notice.text)
    assert "<!channel>" not in notice.news
    assert read(notice).engaged == ()


def test_slack_as_people_read_it() -> None:
    break_ = notices.go_on_break(ABOUT, BEN, BACK, NOW).mrkdwn(whole=True)
    assert break_ == (
        f"*Break* {LINK} `Leaked key &lt;!channel&gt; @all *bold*`, by Ana Ferreira\n"
        "<@U0BEN> acts until Ana Ferreira is back, 14:45 UTC; the owner stays Ana Ferreira"
    )
    assert notices.engage(ABOUT, ZOE).mrkdwn(whole=True).endswith("\n`Zoe @all` is engaged")


def test_of_a_confidential_issue_there_is_the_reference_and_no_word() -> None:
    assert (
        notices.update(ABOUT, "the secret").mrkdwn(whole=False)
        == f"*Incident* {LINK}: news by Ana Ferreira, in the issue"
    )


def test_who_is_called_to_a_confidential_issue_is_mentioned_and_no_word_said_of_it() -> None:
    for notice in (
        notices.high_impact(ABOUT, [BEN, ZOE], "the secret"),
        notices.go_on_break(ABOUT, BEN, BACK, NOW),
        notices.engage(ABOUT, BEN),
    ):
        called = "<@U0BEN>, `Zoe @all`" if notice.kind == "high-impact" else "<@U0BEN>"
        assert notice.mrkdwn(whole=False) == f"*Incident* {LINK}: news by Ana Ferreira for {called}, in the issue"
    for nobody in (notices.engage(ABOUT, ANA), notices.release(ABOUT, BEN), notices.come_back(ABOUT)):
        assert " for " not in nobody.mrkdwn(whole=False)


def test_a_long_update_is_parted_and_a_very_long_one_stays_in_the_issue() -> None:
    words = "\n".join(f"line {n} " + "x" * 500 for n in range(20))
    blocks = notices.update(ABOUT, words).blocks("oncall:update:1", whole=True)
    assert list(blocks)[:2] == ["oncall:update:1", "oncall:update:1:2"]
    assert all(len(text) <= 3_000 for text in blocks.values())
    assert "".join("".join(blocks.values()).split()).endswith("".join(words.split()))
    (text,) = notices.update(ABOUT, "x" * 400_000).blocks("oncall:update:1", whole=True).values()
    assert text.endswith("\nwhat there is to say is too long for Slack: the issue has it")
