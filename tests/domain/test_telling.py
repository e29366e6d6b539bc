"""Notices on their way: which are the same, what each is found by, and which of their requests may still arrive."""

from datetime import timedelta

from secops_oncall.domain import notices
from secops_oncall.domain.flight import failed, sent
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.notices import About
from secops_oncall.domain.telling import begin, in_doubt, joined, name, same, sending
from tests.fakes import ME, NOW, an_issue

ABOUT = About(an_issue("acme/operations#101"), ME.person, None, Handles())
WORDS, OTHERS = notices.update(ABOUT, "contained"), notices.update(ABOUT, "not contained")


def test_the_same_words_of_the_same_kind_are_the_same_notice_until_every_place_has_it() -> None:
    first, other = begin(WORDS, "", NOW), begin(OTHERS, "", NOW)
    release = begin(notices.release(ABOUT, ME.person), "", NOW)
    assert same([first, other, release], WORDS) == [first]
    assert same([first, sent(first, NOW)], WORDS) == []


def test_who_was_told_to_come_again_means_the_notice_that_was_on_its_way() -> None:
    first = begin(WORDS, "17.1", NOW)
    again = joined(begin(WORDS, "17.1", NOW + timedelta(seconds=1)), name(first))
    assert same([first, sent(first, NOW), again], WORDS) == [again]
    assert (name(again), again.data["thread"]) == (first.uid, "17.1")


def test_a_request_is_in_doubt_until_it_is_known_what_became_of_it() -> None:
    first = begin(WORDS, "", NOW)
    note, message = sending(first, "gitlab-note", NOW), sending(first, "slack", NOW)
    events = [note, message, sending(begin(OTHERS, "", NOW), "slack", NOW)]
    assert (in_doubt(events, WORDS, "gitlab-note"), in_doubt(events, WORDS, "slack")) == ([note], [message])
    assert in_doubt([*events, failed(note, NOW)], WORDS, "gitlab-note") == []
    assert note.text == ""
