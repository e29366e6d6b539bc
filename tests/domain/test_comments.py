"""Comments as the journal knows them: which is which, under what marker, and which one was not said."""

from datetime import timedelta

from secops_oncall.domain.comments import OFFERED, Comment, begin, begun, mark_of, unsaid
from secops_oncall.domain.events import Event
from secops_oncall.domain.flight import failed, sent
from tests.fakes import NOW

REF = "acme/web#1"
PICK = Comment("in the handbook", kind="done", key="9019/71")


def test_one_without_a_key_is_known_by_its_text() -> None:
    event = begin(REF, Comment("seen"), [], NOW)
    assert (event.subject, event.text, mark_of(event)) == (REF, "seen", f"<!-- oncall:comment {event.uid} -->")
    assert begun([event], REF, Comment("seen")) == [event]
    assert begun([event], REF, Comment("seen.")) == begun([event], "acme/web#2", Comment("seen")) == []
    assert begun([event, sent(event, NOW)], REF, Comment("seen")) == []


def test_one_with_a_key_is_the_same_whatever_it_says() -> None:
    event = begin(REF, PICK, [], NOW)
    assert mark_of(event) == "<!-- oncall:done 9019/71 -->"
    assert begun([event], REF, Comment("said otherwise", kind="done", key="9019/71")) == [event]
    assert begun([event], REF, Comment(PICK.text)) == []
    assert begun([event], REF, Comment(PICK.text, kind="drop", key="9019/71")) == []


def test_one_that_is_begun_again_keeps_its_marker() -> None:
    first = begin(REF, Comment("seen"), [], NOW)
    second = begin(REF, Comment("seen"), [first], NOW)
    assert second.uid != first.uid
    assert Comment("seen").marks([first, second]) == [mark_of(first)]
    assert Comment("seen").marks([]) == []
    assert PICK.marks([]) == ["<!-- oncall:done 9019/71 -->"]


def test_the_last_one_that_is_not_known_to_be_there_is_unsaid() -> None:
    first, last = begin(REF, Comment("first"), [], NOW), begin(REF, Comment("last"), [], NOW)
    assert unsaid([first, last], REF, NOW) == last
    assert unsaid([first, last, failed(last, NOW)], REF, NOW) == last
    assert unsaid([first, last, sent(last, NOW)], REF, NOW) is None, "the engineer has said something since"
    assert unsaid([last], "acme/web#2", NOW) is None
    assert unsaid([begin(REF, PICK, [], NOW)], REF, NOW) is None
    assert unsaid([last], REF, NOW + OFFERED) is None
    assert unsaid([last], REF, NOW - timedelta(hours=1)) == last


def test_one_of_an_older_oncall_has_no_words() -> None:
    assert unsaid([Event(NOW, "comment", REF)], REF, NOW) is None
