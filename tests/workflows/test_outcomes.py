"""What a run of writes means for the caller: one exit code, and no failure that hides what was done."""

import pytest

from secops_oncall.domain.events import Event
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.errors import AuthError, ConfigError, ExitCode
from secops_oncall.workflows.outcomes import Acted, exit_code, failed, remember
from tests.fakes import NOW, FakeJournal

FULL = ConfigError("the journal can't be used: disk full", "make room")


def outcomes(*results: str) -> list[Outcome]:
    """Outcomes by `result` or `result/code`."""
    parted = [text.partition("/") for text in results]
    return [Outcome(str(place), Result(result), code=code) for place, (result, _, code) in enumerate(parted)]


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([], ExitCode.OK),
        (["done"], ExitCode.OK),
        (["done", "already/mine", "planned/dry_run"], ExitCode.OK),
        (["refused/owned"], ExitCode.PARTIAL),
        (["refused/owned", "refused/owned"], ExitCode.PARTIAL),
        (["unknown/remote"], ExitCode.PARTIAL),
        (["queued"], ExitCode.PARTIAL),
        (["done", "refused/resolved"], ExitCode.PARTIAL),
        (["done", "failed/remote"], ExitCode.PARTIAL),
        (["already/mine", "failed/remote"], ExitCode.PARTIAL),
        (["failed/remote"], ExitCode.REMOTE),
        (["failed/auth", "failed/auth"], ExitCode.AUTH),
        (["failed/not_found"], ExitCode.NOT_FOUND),
        (["failed/config"], ExitCode.CONFIG),
        (["failed/remote", "failed/not_found"], ExitCode.PARTIAL),
        (["failed/remote", "unknown/remote"], ExitCode.PARTIAL),
    ],
)
def test_the_exit_code_of_outcomes(results: list[str], code: ExitCode) -> None:
    assert exit_code(outcomes(*results)) == code
    assert exit_code(iter(outcomes(*results))) == code


def test_every_exit_code_of_an_error_is_a_code_of_a_failure() -> None:
    for code in ExitCode:
        assert exit_code(outcomes(f"failed/{code.name.lower()}")) == code


def test_a_problem_beside_fine_outcomes_decides_and_beside_others_does_not() -> None:
    auth = AuthError("no", "export …")
    assert Acted(outcomes("done"), [FULL, auth]).exit_code == ExitCode.CONFIG
    assert Acted([], [auth]).exit_code == ExitCode.AUTH
    assert Acted(outcomes("done", "refused/owned"), [FULL]).exit_code == ExitCode.PARTIAL
    assert Acted(outcomes("failed/remote"), [FULL]).exit_code == ExitCode.REMOTE
    assert Acted(outcomes("done")).exit_code == ExitCode.OK


def test_what_was_done_is_remembered_in_order() -> None:
    journal, events = FakeJournal(), [Event(NOW, "ack", "one"), Event(NOW, "focus", "one")]
    assert remember(journal, events) == []
    assert journal.written == events


def test_a_journal_that_fails_is_a_problem_and_no_exception() -> None:
    journal = FakeJournal()
    journal.failing = FULL
    assert remember(journal, [Event(NOW, "ack", "one")]) == [FULL]


def test_nothing_to_remember_does_not_touch_the_journal() -> None:
    journal = FakeJournal()
    journal.failing = FULL
    assert remember(journal, []) == []


def test_only_oncalls_own_errors_are_problems() -> None:
    class Broken(FakeJournal):
        def append(self, *events: Event) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        remember(Broken(), [Event(NOW, "ack", "one")])


def test_what_an_error_kept_from_being_done_says_why_and_what_to_type_next() -> None:
    found = failed(Outcome("Q1", Result.DONE, 4117, title="Canary", message="yours"), AuthError("no", "export …"))
    assert found == Outcome("Q1", Result.FAILED, 4117, title="Canary", code="auth", message="no", hint="export …")
