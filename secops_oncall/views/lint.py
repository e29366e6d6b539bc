"""What a hand-off lacks, problem by problem with the command that mends it."""

from collections.abc import Sequence
from itertools import groupby

from secops_oncall.domain.handoff import Handoff
from secops_oncall.domain.incidents import Problem
from secops_oncall.domain.text import plural
from secops_oncall.streams import Streams
from secops_oncall.views.screen import Screen
from secops_oncall.views.table import Field, Listing, Output, named, print_list

FIELDS: tuple[Field[Problem], ...] = (*named("subject", "code", "severity", "field", "message", "fix"),)


def print_problems(streams: Streams, handoff: Handoff, output: Output) -> None:
    """Print what a hand-off lacks: errors, then warnings, each incident's together."""
    titles = {incident.id: incident.summary for incident in handoff.incidents}

    def screen(streams: Streams, problems: Sequence[Problem]) -> None:
        lines = Screen(streams)
        for severity, some in groupby(problems, key=lambda problem: problem.severity):
            every = list(some)
            lines.heading(plural(len(every), severity).capitalize())
            for subject, own in groupby(every, key=lambda problem: problem.subject):
                lines.line(f"{subject} {titles.get(subject, '')}".strip(), "bold")
                for problem in own:
                    named = f"{problem.field.replace('_', ' ')}: " if problem.field else ""
                    lines.line(f"{named}{problem.message}", lead=f"    {problem.code:<3} ")
                    lines.line(problem.fix, "dim", lead=" " * 8)
        lines.show(whole=True)

    listing = Listing[Problem](lambda problem: problem.subject, FIELDS, (), "Nothing is missing.", screen)
    print_list(streams, listing, handoff.problems, output)
