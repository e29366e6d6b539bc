"""`oncall init` from the first question to the last: a chapter a service, and nothing is kept before the end."""

from secops_oncall.errors import Cancelled
from secops_oncall.workflows import init_gitlab, init_pagerduty, init_people, init_slack
from secops_oncall.workflows.init_connecting import Connecting
from secops_oncall.workflows.init_people import Show


def interview(connecting: Connecting, show: Show) -> None:
    """Ask everything; the answers are the interview's, the tokens the connecting's. `show` shows who is who.

    Raises what a service raises about an answer that can't be given again, UsageError where nobody can be asked for
    what can't be told otherwise, and Cancelled for Ctrl-C and the end of input.
    """
    try:
        pagerduty = init_pagerduty.ask(connecting)
        gitlab = init_gitlab.ask(connecting)
        slack = init_slack.ask(connecting)
        init_people.ask(connecting.interview, pagerduty, gitlab, slack, show)
    except (Cancelled, KeyboardInterrupt, EOFError):
        raise cancelled() from None


def cancelled() -> Cancelled:
    """What is said where somebody leaves before the end."""
    return Cancelled("cancelled: nothing was written, no configuration and no token", "oncall init, to begin again")
