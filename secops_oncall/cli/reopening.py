"""What an ack has opened again, told behind its tick."""

from datetime import datetime

from secops_oncall.app import App
from secops_oncall.errors import OncallError
from secops_oncall.views.outcomes import Answer
from secops_oncall.workflows.acting import Changed
from secops_oncall.workflows.reopening import reopened, unknown


def look_back(home: App, acked: Changed, answer: Answer, began: datetime) -> None:
    """Tell of every page that a colleague resolved between the look, `began` at a moment, and its ack."""
    try:
        answer.correct(reopened(home.pagerduty, acked.outcomes, acked.pages, began))
    except OncallError as error:
        home.streams.warn(unknown(error))
