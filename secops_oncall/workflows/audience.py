"""Who will see what: a plan's places, told by whoever can read them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from secops_oncall.domain.audience import Audience, Reach
from secops_oncall.domain.documents import Announcement, Comment, Destinations, Handover
from secops_oncall.domain.outcomes import PAGE_NOTE, THREAD
from secops_oncall.domain.posting import Step, mentioned, mentioned_in_slack
from secops_oncall.domain.text import plural, some
from secops_oncall.workflows.places import SLACK, Place
from secops_oncall.workflows.places_gitlab import HANDOVER
from secops_oncall.workflows.placing import Plan
from secops_oncall.workflows.placing_gitlab import additions

NAMED = 8  # issues or pages of one audience that are named
_WORDS = {
    Step.NEW: "new",
    Step.CHANGE: "changed in its place",
    Step.ADD: "an addendum",
    Step.KEEP: "there already",
}


def reach(plan: Plan, destinations: Destinations) -> Reach:
    """Every place of a plan with its readers, and whom its texts mention."""
    documents, every = plan.documents, plan.every
    texts = [comment.text for comment in documents.comments]
    texts += [documents.handover.text, *(text for _, text in documents.handover.more)] if documents.handover else []
    said = documents.slack
    lines = [*said.lines, *(text for _, text in said.details)] if said else []
    found = [
        *_comments(documents.comments, every),
        *(_handover(documents.handover, every) if documents.handover else ()),
        *(_in_slack(plan, said, destinations, every) if said else ()),
        *_on_pages(every),
    ]
    users = mentioned(texts, destinations.handles.gitlab.values())
    return Reach(tuple(found), tuple(users), len(mentioned_in_slack(lines)))


def _comments(comments: Sequence[Comment], every: Sequence[Place]) -> Iterator[Audience]:
    """The comments by their readers; they are a plan's first places, in their order."""
    found: dict[str, list[tuple[Comment, Place]]] = {}
    for comment, place in zip(comments, every, strict=False):
        found.setdefault(_readers(comment), []).append((comment, place))
    for readers, pairs in found.items():
        issues = dict.fromkeys((comment.issue.project, comment.issue.iid) for comment, _ in pairs)
        yield Audience(f"comment on {_refs(list(issues))}", readers, _change(place for _, place in pairs))


def _readers(comment: Comment) -> str:
    if comment.internal:
        return "internal: the project's members"
    return "whoever may see the confidential issue" if comment.issue.confidential else "whoever may see the issue"


def _handover(document: Handover, every: Iterable[Place]) -> Iterator[Audience]:
    who = " and ".join(document.assignees) or "nobody"
    told = f"confidential: the project's members; assigned to {who}"
    yield Audience(f"hand-over issue in {document.project}", told, _change(_of(every, HANDOVER)))
    if added := [note for note in additions(every) if note.mark.key.startswith(f"{document.mark.key}/")]:
        yield Audience("comment on the hand-over issue", "the same", _change(added))


def _in_slack(plan: Plan, said: Announcement, destinations: Destinations, every: Sequence[Place]) -> Iterator[Audience]:
    there = plan.standing.slack
    kind = "the channel could not be looked at"
    if there:
        kind = "private channel: its members" if there.channel.is_private else "public channel: the whole workspace"
    hidden = "" if destinations.confides_in_slack else "; of confidential issues the reference only"
    yield Audience(f"message in {said.channel}", f"{kind}{hidden}", _change(_of(every, SLACK)))
    if thread := _of(every, THREAD):
        what = f"{plural(len(thread), 'message')} in its thread"
        yield Audience(what, "the same; nobody else is told", _change(thread))


def _on_pages(every: Iterable[Place]) -> Iterator[Audience]:
    if places := _of(every, PAGE_NOTE):
        numbers = [str(place.planned.number) for place in places]
        yield Audience(f"note on page {some(numbers, NAMED)}", "whoever may see the page; a link only", _change(places))


def _of(every: Iterable[Place], kind: str) -> list[Place]:
    return [place for place in every if place.spot.place == kind]


def _change(places: Iterable[Place]) -> str:
    """What is done about places, counted where they are several; why nothing is where they can't be looked at."""
    told = [_WORDS.get(place.step) or f"not now: {place.planned.message}" for place in places]
    counted = Counter(told)
    return ", ".join(f"{count} {word}" if len(told) > 1 else word for word, count in counted.items())


def _refs(issues: Sequence[tuple[str, int]]) -> str:
    """Issues by their project and number, each project named once."""
    projects = [None, *(project for project, _ in issues)]
    named = [
        f"#{iid}" if project == before else f"{project}#{iid}"
        for before, (project, iid) in zip(projects, issues, strict=False)
    ]
    return some(named, NAMED)
