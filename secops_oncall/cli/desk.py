"""What writing for the hand-off needs of the program: this shift's work, the journal, times and people."""

from datetime import UTC, datetime, tzinfo
from functools import cached_property

from secops_oncall.app import App
from secops_oncall.domain.incidents import Incident
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RemoteError, UsageError
from secops_oncall.workflows.editing import begin
from secops_oncall.workflows.handoff import Composed, Wanted, compose
from secops_oncall.workflows.late import ShiftJournal
from secops_oncall.workflows.refs import page_or_issue, same_account
from secops_oncall.workflows.steps import People, Times
from secops_oncall.workflows.subjects import Services, Subject, subject
from secops_oncall.workflows.this_shift import keep


class Desk:
    """Where an engineer writes for a shift, this one or the one that `named` names.

    Everything is asked for with its first use, and only once.
    """

    def __init__(self, home: App, named: str | None = None) -> None:
        self.home, self.named = home, named

    @cached_property
    def composed(self) -> Composed:
        """The hand-off as things stand; its shift is in the journal then, so that the next edit needs no network."""
        home = self.home
        wanted, settings = Wanted(self.named, home.zone if self.named else UTC), home.handoff_settings
        found = compose(home.pagerduty, home.gitlab_if_used, home.own_journal, settings, home.now(), wanted)
        if self.named:
            return found
        keep(home.own_journal, found.handoff.shift, home.own_journal.events("shift"), home.now())
        return found

    @cached_property
    def journal(self) -> ShiftJournal:
        """Where the words are kept: those for a shift that is over are no words of this one."""
        own, shift = self.home.own_journal, self.composed.handoff.shift if self.named else None
        if shift is None or shift.end is None or shift.end > self.home.now():
            return ShiftJournal(own)
        return ShiftJournal(own, shift.id, self.composed.own)

    @cached_property
    def since(self) -> datetime:
        """Since when words count for this hand-off."""
        if self.named or "composed" in vars(self):
            return self.composed.handoff.shift.start
        home = self.home
        return begin(lambda: home.pagerduty, home.own_journal, home.config.role_names, home.now(), home.shift_rules)

    @cached_property
    def zone(self) -> tzinfo:
        """The engineer's own time zone, UTC where it can't be asked for."""
        return self.home.local

    @cached_property
    def people(self) -> People:
        """Who may be meant by a name."""
        home = self.home
        return People(lambda: home.pagerduty, tuple(home.config.role_names.values()), home.now(), home.emails)

    def times(self) -> Times:
        """What reads the times of one edit; where the engineer's zone can't be asked for, that is said."""

        def zone() -> tzinfo:
            try:
                return self.home.zone
            except OncallError as error:
                self.home.streams.warn(f"{error.message}: times without UTC behind them are taken as UTC")
                return UTC

        return Times(self.home.now(), zone)

    def subject(self, text: str) -> Subject:
        """The incident that a PAGE or an ISSUE means, looked up by itself."""
        home = self.home
        sources, projects = home.config.incident_sources, home.config.gitlab.projects
        services = Services(lambda: home.pagerduty, lambda: home.gitlab, home.config.gitlab.url, sources, projects)
        return subject(services, home.own_journal, text)

    def incident(self, text: str) -> Incident | None:
        """The incident of this shift that a PAGE or an ISSUE means; None where there is none, or no telling.

        Raises UsageError for a page that stands under several.
        """
        kind, ref = page_or_issue(text, self.home.config.gitlab.url, self.home.config.gitlab.projects)
        try:
            work = self.composed.handoff.incidents
        except (RemoteError, AuthError, NotFoundError) as error:
            self.home.streams.warn(f"{error.message}: the text has what is known without it")
            return None
        if kind == "issue":
            return next((each for each in work if each.id.casefold() == ref.casefold()), None)
        found = [(each, page) for each in work for page in each.pages if ref in (page.id, str(page.number))]
        for _, page in found:
            same_account(text, page)
        if len(found) > 1:
            listed = ", ".join(each.id for each, _ in found)
            raise UsageError(f"page {ref} is behind {len(found)} incidents: {listed}", "name one of these issues")
        return found[0][0] if found else None
