"""`oncall handoff edit` on a terminal: one short prompt for each gap, kept as soon as it is answered."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import groupby

from secops_oncall.cli.desk import Desk
from secops_oncall.cli.drafting import write
from secops_oncall.cli.options import OneFormat
from secops_oncall.domain.draft import barred, step_line
from secops_oncall.domain.editing import Edited, Gap, gaps, others
from secops_oncall.domain.incidents import JUDGEMENT
from secops_oncall.domain.said import CHOICES, LABELS, LINES
from secops_oncall.domain.text import clean, plural, shorten
from secops_oncall.domain.times import stamp
from secops_oncall.domain.traces import NextStep
from secops_oncall.errors import Cancelled, ConfigError, UsageError
from secops_oncall.keys import ENTER, press
from secops_oncall.streams import Streams
from secops_oncall.views import editing as view
from secops_oncall.workflows.editing import Wish, keep
from secops_oncall.workflows.subjects import Subject

Press = Callable[[Streams, str], str]
_EDITOR = "e"  # what opens the whole text, wherever something is asked
_SUGGESTED = "="  # what fills in what the last hand-off said
_FORM = {"next_steps": "action | who | when", "if_then": "signal => action"}
_GOES_ON = "oncall handoff edit goes on from there"


class _WholeText(Exception):
    """The engineer would rather write the whole text."""


def fill(desk: Desk, form: OneFormat, *, dry_run: bool) -> int:
    """Ask for what lint misses, incident after incident, or with `dry_run` only tell it; the exit code."""
    home = desk.home
    found = gaps(desk.composed.handoff)
    if found and not home.streams.interactive and not dry_run:
        lacking = dict.fromkeys(gap.incident.id for gap in found)
        what = f"{plural(len(lacking), 'incident')} lack what only you know: {shorten(', '.join(lacking), 200)}"
        raise UsageError(what, "oncall handoff edit PAGE --state TEXT, and so on; -n tells what is missing")
    code = home.tell(desk.composed.problems)
    if dry_run:
        view.print_gaps(home.streams, found, form)
        return code
    asking = Filling(desk, found)
    try:
        asking.go()
    except _WholeText:
        return write(Desk(home, desk.named), None, form, dry_run=dry_run)
    view.say_filled(home.streams, asking.kept, len(found), others(desk.composed.handoff))
    if form == "json":
        view.print_edited(home.streams, list(asking.edited.values()), form, home.now())
    return code


class Filling:
    """The prompts. `kept` counts the answers, each in the journal before the next thing is asked.

    `edited` are the incidents that they changed, by id.
    """

    def __init__(self, desk: Desk, found: Sequence[Gap], press: Press = press) -> None:
        self._desk, self._gaps, self._press = desk, found, press
        self._streams = desk.home.streams
        self._steps: dict[str, Collection[NextStep]] = {gap.incident.id: gap.incident.said.next_steps for gap in found}
        self.kept = 0
        self.edited: dict[str, Edited] = {}

    def go(self) -> None:
        """Ask for everything; Cancelled says how much was kept."""
        if self._gaps:
            self._streams.hint("Enter leaves it; e writes it all in your editor;")
            self._streams.hint("= fills in what is suggested; Ctrl-C keeps the answers.")
        groups = [list(some) for _, some in groupby(self._gaps, key=lambda gap: gap.incident.id)]
        try:
            for place, some in enumerate(groups, 1):
                view.say_incident(self._streams, some[0].incident, place, len(groups))
                for gap in some:
                    self._ask(gap)
        except Cancelled:
            told = f"cancelled: {plural(self.kept, 'answer')} kept" if self.kept else "cancelled"
            raise Cancelled(told, _GOES_ON if self.kept else "nothing was kept") from None

    def _ask(self, gap: Gap) -> None:
        suggested = self._suggested(gap)
        view.say_gap(self._streams, gap, suggested)
        if gap.field in CHOICES:
            self._choose(gap, suggested)
        elif gap.step:
            self._complete(gap, gap.step)
        elif gap.field in (*LINES, "next_steps"):
            while self._say(gap, _question(gap), lambda typed: Wish(lines={gap.field: (typed,)}), suggested):
                suggested = self._suggested(gap)
        else:
            before = getattr(gap.incident.said, gap.field)
            default = "" if "\n" in before else before
            self._say(gap, _question(gap), lambda typed: Wish(texts={gap.field: typed}), suggested, default)

    def _choose(self, gap: Gap, suggested: Sequence[str]) -> None:
        """One of a few, by its first letter."""
        choices = {choice[0]: choice for choice in CHOICES[gap.field]}
        line = view.choices_line(LABELS[gap.field], choices.values(), self._streams.width)
        while (key := self._press(self._streams, line).lower()) != ENTER:
            if key == _EDITOR:
                raise _WholeText
            chosen = choices.get("".join(suggested)[:1] if key == _SUGGESTED else key)
            if chosen:
                self._keep(gap, Wish(texts={gap.field: chosen}))
                self._streams.say(f"  {LABELS[gap.field]}: {chosen}")
                return

    def _complete(self, gap: Gap, step: NextStep) -> None:
        """Who does a step, by when: whatever of it is missing."""

        def whole(typed: str) -> Wish:
            parts = [step.who or "", typed] if step.who else [typed, stamp(step.by)] if step.by else []
            words = barred(step.action, *parts) if parts else f"{barred(step.action)} | {typed}"
            return Wish(lines={"next_steps": (words,)})

        self._say(gap, view.lack(gap), whole)

    def _say(
        self,
        gap: Gap,
        question: str,
        wish: Callable[[str], Wish],
        suggested: Sequence[str] = (),
        default: str = "",
    ) -> bool:
        """Ask for a line and keep it; what can't be meant so is said, and asked for again. False where it is left."""
        typed = default
        while (typed := self._streams.ask(question, default=typed)) not in ("", default):
            if typed == _EDITOR:
                raise _WholeText
            if typed == _SUGGESTED:
                typed = next(iter(suggested), "")
                if "\n" not in typed:  # else it has no room in the line
                    continue
            try:
                edited = self._keep(gap, wish(typed))
            except UsageError as error:
                self._streams.error(error.message, error.hint)
                continue
            new = [step for step in edited.said.next_steps if step not in self._steps[edited.id]]
            self._steps[edited.id] = edited.said.next_steps
            view.say_answer(self._streams, new, edited.warnings, self._desk.home.now(), self._desk.zone)
            return True
        return False

    def _suggested(self, gap: Gap) -> list[str]:
        """What the last hand-off said, as it could be answered, where nobody has said anything since."""
        incident = gap.incident
        if gap.step or getattr(incident.said, gap.field):
            return []
        if gap.field == "next_steps":
            taken = {step.action.casefold() for step in self._steps[incident.id]}
            return [step_line(step) for step in incident.suggested.next_steps if step.action.casefold() not in taken]
        value = getattr(incident.suggested, gap.field)
        return [*value] if isinstance(value, tuple) else [value] if value else []

    def _keep(self, gap: Gap, wish: Wish) -> Edited:
        desk, incident = self._desk, gap.incident
        about = Subject(incident.id, "", tuple(page.id for page in incident.pages))
        try:
            edited = keep(desk.journal, about, wish, desk.times(), desk.people, desk.since, dry_run=False)
        except ConfigError as error:
            words = (*wish.texts.values(), *(each for some in wish.lines.values() for each in some))
            error.hint += f"; not kept: {clean(' '.join(words))}"
            raise
        if edited.changed:
            self.kept += 1
            before = self.edited.get(edited.id, edited).changed
            self.edited[edited.id] = replace(edited, changed=tuple(dict.fromkeys([*before, *edited.changed])))
        return edited


def _question(gap: Gap) -> str:
    form = _FORM.get(gap.field) or JUDGEMENT.get(gap.field)
    return f"{LABELS[gap.field]} ({form})" if form else f"{LABELS[gap.field]}: {gap.message}"
