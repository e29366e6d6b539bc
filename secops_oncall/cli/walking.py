"""A review on the terminal: one issue after another, and a key for each thing that can be done about it."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta, tzinfo
from functools import partial

from secops_oncall.app import App
from secops_oncall.cli.open import browse
from secops_oncall.domain.comments import Comment
from secops_oncall.domain.issues import Issue
from secops_oncall.domain.outcomes import THERE, Result
from secops_oncall.domain.reviews import WORDS, Reading, Verdict
from secops_oncall.errors import Cancelled, OncallError, UsageError
from secops_oncall.keys import ENTER, press
from secops_oncall.streams import Streams
from secops_oncall.views import reviews as view
from secops_oncall.views.outcomes import print_outcomes
from secops_oncall.workflows.commenting import left_unsaid, say
from secops_oncall.workflows.handling import comment_text, may_comment, take
from secops_oncall.workflows.outcomes import Acted
from secops_oncall.workflows.reviewing import Walk, begin, finish, give, read, read_ahead

Press = Callable[[Streams, str], str]
VERDICT_OF: dict[str, Verdict] = {"h": "human", "d": "handled", "n": "noise", "s": "skip"}
OTHERWISE = "oncall review --list, --done --why TEXT, or ISSUE --verdict human|handled|noise|skip"
_AGAIN = "c again"
_FRESH = timedelta(minutes=2)  # what was read ahead is shown for so long, and read anew after it


def walk(home: App) -> int:
    """Walk every labelled issue, and record the review where all were seen; the exit code."""
    if not home.streams.interactive:
        raise UsageError("a review by keys needs a terminal", OTHERWISE)
    gitlab, pagerduty, zone = home.gitlab, home.pagerduty_if_used, home.local
    begun = begin(gitlab, pagerduty, home.journal, home.review_settings, home.now())
    code = home.tell(begun.problems)
    view.say_beforehand(home.streams, begun.duty, home.now(), zone)
    if begun.seen:
        home.streams.say(f"The review goes on: {begun.seen} of {len(begun.issues)} have their verdict.")
    if begun.seen < len(begun.issues):
        home.streams.hint("A key without a meaning explains the others.")
    steps = Steps(home, begun, zone)
    if steps.go():
        view.print_duty(
            home.streams, finish(home.journal, begun.duty, steps.verdicts, home.now()), "text", home.now(), zone
        )
    else:
        home.streams.say(f"{steps.seen} of {len(begun.issues)} seen. oncall review goes on from there.")
    return code


class Steps:
    """The steps of a walk. A verdict is in the journal before the next issue is shown."""

    def __init__(self, home: App, walk: Walk, zone: tzinfo, press: Press = press) -> None:
        self._home, self._streams, self._zone, self._press = home, home.streams, zone, press
        self._walk, self._issues = walk, walk.issues
        looks = ((issue.id, walk.looks.get(issue.id)) for issue in walk.issues[: walk.seen])
        self.verdicts = list(walk.given)
        self._given = {id: look.verdict if look else "" for id, look in looks}
        self._at = walk.seen
        self._reading: Reading
        self._ahead: dict[int, tuple[datetime, Future[Reading]]] = {}
        self._unsent: dict[int, str] = {}
        self._unkept: dict[int, Callable[[], None]] = {}  # what discards a draft that the journal doesn't have yet
        self._deeds: dict[str, Callable[[], None]] = {
            "o": self._open,
            "c": self._comment,
            "t": self._take,
            "u": self._skip_unchanged,
            "b": self._back,
            ENTER: self._again,
            **{key: partial(self._judge, verdict) for key, verdict in VERDICT_OF.items()},
        }

    @property
    def seen(self) -> int:
        """How many of the issues have their verdict."""
        return len(self._given)

    def go(self) -> bool:
        """Go from issue to issue until each has its verdict, or the engineer quits: then False."""
        try:
            if self._at < len(self._issues):
                self._show()
            while self.seen < len(self._issues):
                key = self._press(self._streams, view.keys_line(self._streams.width, self._keys)).lower()
                self._home.renew()
                if key == "q":
                    return False
                self._deeds.get(key, self._explain)()
        except Cancelled:
            told = f"cancelled: {self.seen} of {len(self._issues)} seen"
            raise Cancelled(told, "oncall review goes on from there") from None
        finally:
            for id, text in self._unsent.items():
                ref = next(issue.ref for issue in self._issues if issue.id == id)
                self._streams.warn(f"your comment on {ref} may not be there; it was:")
                self._streams.answer(text)
        return True

    @property
    def _issue(self) -> Issue:
        return self._issues[self._at]

    @property
    def _keys(self) -> list[str]:
        hidden = {"u": not self._unchanged, "b": self._at == 0}
        return [key for key in view.KEYS if not hidden.get(key)]

    @property
    def _unchanged(self) -> list[Issue]:
        return [each for each in self._issues if each.change == "unchanged" and each.id not in self._given]

    def _show(self) -> None:
        began, ahead = self._ahead.pop(self._issue.id, (None, None))
        if ahead is None or began is None or self._home.now() - began > _FRESH:
            ahead = read_ahead(self._home.gitlab, self._issue)
        try:
            self._reading = ahead.result()
        except OncallError as error:
            self._streams.error(error.message, error.hint)
            self._reading = Reading(self._issue, ())
        self._print()
        following = self._next()
        if following is not None and (issue := self._issues[following]).id not in self._ahead:
            self._ahead = {issue.id: (self._home.now(), read_ahead(self._home.gitlab, issue))}

    def _print(self) -> None:
        look, given = self._walk.looks.get(self._issue.id), self._given.get(self._issue.id, "")
        place = view.Place(self._at + 1, len(self._issues), look, given, self._walk.me)
        view.print_reading(self._streams, self._reading, place, self._home.now(), self._zone)
        self._streams.flush()

    def _next(self) -> int | None:
        """The next one without a verdict, behind this one or else before it."""
        others = (*range(self._at + 1, len(self._issues)), *range(self._at))
        return next((at for at in others if self._issues[at].id not in self._given), None)

    def _move(self) -> None:
        following = self._next() if self._issue.id in self._given else self._at
        if following is not None:
            self._at = following
            self._show()

    def _judge(self, verdict: Verdict) -> None:
        self.verdicts += give(self._home.journal, [self._reading.issue], verdict, self._home.now())
        self._given[self._issue.id] = verdict
        self._streams.done(f"{WORDS[verdict]}: {self._issue.ref}")
        self._move()

    def _skip_unchanged(self) -> None:
        unchanged = self._unchanged
        self.verdicts += give(self._home.journal, unchanged, "skip", self._home.now())
        self._given |= {issue.id: "skip" for issue in unchanged}
        self._streams.done(f"skipped: {len(unchanged)} unchanged")
        self._move()

    def _open(self) -> None:
        try:
            browse(self._home, self._issue.url)
        except OncallError as error:
            self._streams.error(error.message, error.hint)

    def _comment(self) -> None:
        home, issue = self._home, self._reading.issue
        try:
            name = may_comment(home.gitlab)
            before = left_unsaid(home.gitlab, home.journal, issue, home.now(), again=_AGAIN)
            if not before and issue.id not in self._unkept:
                self._unsent.pop(issue.id, None)  # it has arrived meanwhile
            self._streams.say(view.audience(issue, name))
            draft = home.draft(before or self._unsent.get(issue.id, ""), f"comment-{issue.ref}")
            text = comment_text(draft.text)
        except OncallError as error:
            self._streams.error(error.message, error.hint)
            return
        self._unsent[issue.id] = text
        self._unkept[issue.id] = draft.discard
        said = Comment(text, home.colleagues)
        sent = say(home.gitlab, home.journal, issue, said, home.now(), again=_AGAIN, kept=partial(self._kept, issue))
        print_outcomes(self._streams, [sent], "commented")
        home.told(Acted([sent]))
        if sent.result in THERE:
            del self._unsent[issue.id]
            self._reread()

    def _kept(self, issue: Issue) -> None:
        """The journal has what was written on an issue: its draft goes."""
        discard = self._unkept.pop(issue.id, None)
        if discard:
            discard()

    def _take(self) -> None:
        taken = take(self._home.gitlab, self._reading.issue)
        if taken.code == "assigned":
            question = f"I{taken.message[1:]}: [t]ake it all the same, or any other key"
            if self._press(self._streams, question[: self._streams.width - 1]).lower() == "t":
                taken = take(self._home.gitlab, self._reading.issue, force=True)
        print_outcomes(self._streams, [taken], "taken")
        if taken.code != "assigned":  # else the engineer has just decided
            self._home.told(Acted([taken]))
        if taken.result is Result.DONE:
            self._reread()

    def _reread(self) -> None:
        """Read the issue again after I have changed it, and show what others did meanwhile before any verdict."""
        before = self._reading
        try:
            self._reading = read(self._home.gitlab, before.issue)
        except OncallError as error:
            self._streams.error(error.message, error.hint)
            return
        others = self._reading.meanwhile(before, self._walk.me)
        if others:
            view.print_meanwhile(self._streams, others, self._home.now(), self._zone)

    def _back(self) -> None:
        if self._at:
            self._at -= 1
            self._show()

    def _again(self) -> None:
        self._ahead.pop(self._issue.id, None)
        self._show()

    def _explain(self) -> None:
        view.say_keys(self._streams, self._keys)
