"""`oncall review`: walk the labelled issues, or say by options what a key says on the terminal."""

from typing import Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli.note import not_lost
from secops_oncall.cli.options import (
    DryRun,
    Force,
    IssueArgument,
    Json,
    Limit,
    ListFormat,
    ListOutput,
    OneFormat,
    app_of,
    list_format,
    outcomes_format,
)
from secops_oncall.cli.walking import OTHERWISE, walk
from secops_oncall.domain.outcomes import NOTE
from secops_oncall.domain.reviews import Verdict
from secops_oncall.domain.text import plural
from secops_oncall.errors import UsageError
from secops_oncall.views import reviews as view
from secops_oncall.views.outcomes import Answer
from secops_oncall.workflows import reviewing
from secops_oncall.workflows.handling import comment_text
from secops_oncall.workflows.judging import PLACE, Asked, judge
from secops_oncall.workflows.outcomes import Acted

app = typer.Typer()
_VERBS = {NOTE: "commented", "gitlab": "taken", PLACE: "reviewed"}


@app.command(rich_help_panel="Issues")
def review(
    context: typer.Context,
    issue: IssueArgument = None,
    verdict: Annotated[
        Verdict | None, typer.Option("--verdict", help="My verdict on ISSUE, without a terminal.", show_default=False)
    ] = None,
    comment: Annotated[
        str | None, typer.Option("--comment", metavar="TEXT", help="A comment before it.", show_default=False)
    ] = None,
    take: Annotated[bool, typer.Option("--take", help="Assign ISSUE to me before it.")] = False,
    force: Force = False,
    listed: Annotated[bool, typer.Option("--list", help="This shift's reviews.")] = False,
    done: Annotated[bool, typer.Option("--done", help="Record a review that was made elsewhere; needs --why.")] = False,
    why: Annotated[
        str | None, typer.Option("--why", metavar="TEXT", help="Where and how it was made.", show_default=False)
    ] = None,
    dry_run: DryRun = False,
    limit: Limit = None,
    output: ListOutput = None,
    as_json: Json = False,
) -> int:
    """Review the labelled issues, one after another: keys for a comment, for taking it, and for a verdict.

    An interrupted review goes on where it was left. It counts when every issue was seen, an hour after the last one.

    \b
    $ oncall review
    $ oncall review --list
    $ oncall review --done --why "on the board, with Ben"
    $ oncall review group/project#12 --verdict human --take
    """
    home = app_of(context)
    others, answer = bool(comment is not None or take or force or dry_run), bool(output or as_json)
    _check(issue, verdict, listed, done, why, limit, others=others, answer=answer)
    if listed:
        return _list(home, list_format(output, as_json, home), limit)
    form = outcomes_format(output, as_json)
    if done:
        return _done(home, why or "", form)
    if issue and verdict:
        text = None if comment is None else comment_text(comment)
        return _judge(home, issue, Asked(verdict, text, take, force, dry_run, home.colleagues, home.now), form)
    return walk(home)


def _check(
    issue: str | None,
    verdict: Verdict | None,
    listed: bool,
    done: bool,
    why: str | None,
    limit: int | None,
    *,
    others: bool,
    answer: bool,
) -> None:
    """Raise UsageError for options that don't belong together: one that is given is never dropped."""
    if listed + done + bool(issue) > 1:
        raise UsageError("--list, --done and ISSUE are three things", OTHERWISE)
    if bool(why) != done:
        raise UsageError("--done and --why go together", 'oncall review --done --why "on the board, with Ben"')
    if issue and not verdict:
        raise UsageError("ISSUE needs a verdict", "oncall review ISSUE --verdict human|handled|noise|skip")
    if not issue and (verdict or others):
        what = "--verdict, --comment, --take, --force and --dry-run are about one ISSUE"
        raise UsageError(what, "oncall review ISSUE --verdict human|handled|noise|skip")
    if limit and not listed:
        raise UsageError("--limit is for --list", "oncall review --list --limit 5")
    if answer and not (listed or done or issue):
        raise UsageError("a review by keys answers on the terminal alone", OTHERWISE)


def _list(home: App, form: ListFormat, limit: int | None) -> int:
    mine = reviewing.my_duty(home.pagerduty_if_used, home.journal, home.review_settings, home.now())
    view.print_reviews(home.streams, mine.duty, form, home.now(), limit, home.local)
    return home.tell(mine.problems)


def _done(home: App, why: str, form: OneFormat) -> int:
    with not_lost(home.streams, why):
        settings, pagerduty = home.review_settings, home.pagerduty_if_used
        mine = reviewing.made_elsewhere(pagerduty, home.journal, settings, why, home.now())
    view.print_duty(home.streams, mine.duty, form, home.now(), home.local)
    return home.tell(mine.problems)


def _judge(home: App, issue: str, asked: Asked, form: OneFormat) -> int:
    ref, gitlab, pagerduty = home.issue_ref(issue), home.gitlab, home.pagerduty_if_used
    given = judge(gitlab, pagerduty, home.journal, home.review_settings, ref, asked, home.now())
    with Answer(home.streams, form) as answer:
        for outcome in given.outcomes:
            answer.add([outcome], _VERBS[outcome.place])
    view.say_meanwhile(home.streams, given.meanwhile)
    if given.duty:
        view.print_duty(home.streams, given.duty, "text", home.now(), home.local)
    elif given.left is not None:
        home.streams.say(f"{plural(given.left, 'issue')} left: oncall review")
    return home.told(Acted(given.outcomes, list(given.problems)))
