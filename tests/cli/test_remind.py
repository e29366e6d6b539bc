"""The job of docs/automation.md, run as a scheduled pipeline runs it: nothing of a run is there in the next one."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from secops_oncall.sandbox import cast
from secops_oncall.sandbox.gitlab_records import ISSUE
from secops_oncall.sandbox.log import Log
from secops_oncall.sandbox.slack_records import MESSAGE
from tests.automation import CONFIG, JOB, PIPELINE, block
from tests.cli.conftest import NOW, Oncall, Ran, Served, two_lines

END = NOW.replace(hour=21, minute=0)
BOT = "farid"  # whose account the automation has here: somebody who is not on call
SHIFT = "engineer/PANA001/2026-11-23T09:00:00Z"
PROJECT = f"{cast.ACCOUNT}/engineering"
BEFORE, AFTER = timedelta(hours=-1), timedelta(minutes=15)


@dataclass
class Pipeline:
    """Runs the job at a moment; its disk is empty each time."""

    oncall: Oncall
    served: Served
    folder: Path
    runs: int = 0

    @property
    def environ(self) -> dict[str, Any]:
        """What the job finds: its variables, the masked ones, and where the services are."""
        where, config = self.served.services.addresses, self.folder / "oncall.toml"
        names = {"your-group/on-call": PROJECT, "your-group": cast.ACCOUNT, "oncall-bot": BOT}
        text = CONFIG
        for name, own in names.items():
            text = text.replace(name, own)
        config.write_text(text, "utf-8")
        return {
            **JOB["variables"],
            "ONCALL_CONFIG": str(config),
            "ONCALL_STATE_DIR": str(self.folder / f"runner-{self.runs}"),
            "ONCALL_SANDBOX": "",
            "ONCALL_PAGERDUTY_URL": where.pagerduty,
            "ONCALL_GITLAB_URL": where.gitlab,
            "ONCALL_SLACK_URL": where.slack,
            "ONCALL_PAGERDUTY_TOKEN": "sandbox-pagerduty-account",
            "ONCALL_GITLAB_TOKEN": cast.token("gitlab", BOT),
            "ONCALL_SLACK_TOKEN": "sandbox-slack-bot",
            "ONCALL_NETWORK_ATTEMPTS": "1",
        }

    def __call__(self, moment: timedelta, *more: str, **environ: str) -> Ran:
        """The job's script, so long from the end of the shift."""
        self.runs += 1
        self.oncall.now = END + moment
        (line,) = JOB["script"]
        program, *arguments = shlex.split(line)
        assert program == "oncall"
        return self.oncall(*arguments, *more, **{**self.environ, **environ})

    def by(self, login: str, line: str) -> Ran:
        """A command of an engineer's, on their own machine."""
        own = {f"ONCALL_{name.upper()}_TOKEN": cast.token(name, login) for name in ("pagerduty", "gitlab", "slack")}
        return self.oncall(*line.split(), **{**self.environ, **own, "ONCALL_STATE_DIR": str(self.folder / login)})

    @property
    def issues(self) -> list[Any]:
        """The hand-over issues."""
        with self.served.services.store.state() as state:
            return [each for each in state.all(ISSUE) if each["title"].startswith("On-Call Handover")]

    @property
    def messages(self) -> list[str]:
        """The markers of what the app has said, as `ending PANA001`."""
        with self.served.services.store.state() as state:
            every = [each for each in state.all(MESSAGE) if each["user"] == cast.SLACK_BOT[0]]
        markers = [block["block_id"] for each in every for block in each["blocks"]]
        return sorted(" ".join(marker.removeprefix("oncall:remind:").split(f":{SHIFT}:")) for marker in markers)


@pytest.fixture
def pipeline(oncall: Oncall, served: Served, tmp_path: Path) -> Iterator[Pipeline]:
    oncall("who", **served.environ())  # the practice shift begins at NOW
    yield Pipeline(oncall, served, tmp_path)


def test_an_hour_before_the_end_and_a_quarter_of_an_hour_after_it_and_nothing_twice(pipeline: Pipeline) -> None:
    ran = pipeline(BEFORE)
    assert (ran.code, ran.err, ran.banner) == (0, f"{SHIFT} ends within the hour\n", "")
    assert ran.out.splitlines() == [
        f"✓ opened {PROJECT}#224: confidential, assigned to chen",  # a free server keeps but one
        "✓ reminded slack U0ANA: the outgoing engineer",
        "✓ reminded slack U0CHEN: the incoming engineer",
    ]
    again = pipeline(BEFORE + timedelta(minutes=15))
    assert (again.code, [line.split()[1] for line in again.out.splitlines()]) == (0, ["already"] * 3)
    assert [pipeline(AFTER).code for _ in range(2)] == [0, 0]
    (issue,) = pipeline.issues
    assert (issue["confidential"], issue["author"]) == (True, cast.PEOPLE[BOT].number)
    assert pipeline.messages == ["ending PANA001", "ending PCHEN03", "waiting PANA001", "waiting PCHEN03"]


def test_posted_into_the_same_issue_and_accepted_nobody_is_reminded_any_more(pipeline: Pipeline) -> None:
    pipeline(BEFORE)
    assert "Nothing to accept" in pipeline.by("chen", "handoff accept").err  # a draft is no hand-off
    ran = pipeline.by("ana", "handoff post --yes --anyway --why test")
    assert f"{PROJECT}#224" in ran.out, ran.err
    (posted,) = pipeline.issues
    assert posted["description"].startswith("**@ana → @chen**")
    assert f"already opened {PROJECT}#224: the hand-off was posted there" in pipeline(BEFORE).out
    assert pipeline.by("chen", "handoff accept --yes --state dead --first read --escalate-if called").code == 0
    ran = pipeline(AFTER)
    assert (ran.code, ran.out, ran.err) == (0, "", f"{SHIFT} is accepted\n")
    (still,) = pipeline.issues
    assert still["description"] == posted["description"]
    assert pipeline.messages == ["ending PANA001", "ending PCHEN03"]


def test_an_engineer_who_does_not_know_the_automation_is_told_that_there_would_be_two_issues(
    pipeline: Pipeline,
) -> None:
    pipeline(BEFORE)
    config = pipeline.folder / "ana.toml"
    config.write_text(
        "\n".join(line for line in (pipeline.folder / "oncall.toml").read_text().splitlines() if "bot" not in line)
    )
    told = pipeline.by("ana", f"handoff post --dry-run --anyway --why test --config {config}").err
    assert f"! W13 {PROJECT}#224: drafted by {BOT}, which is not your handoff.bot" in told
    assert "W13" not in pipeline.by("ana", "handoff post --dry-run --anyway --why test").err


def test_its_log_has_references_alone(pipeline: Pipeline) -> None:
    every = [pipeline(BEFORE, "-v"), pipeline(AFTER, "--json", "-n"), pipeline(AFTER)]
    told = "".join(ran.out + ran.err for ran in every)
    titles = [page.title.split("\n")[0] for page in cast.PAGES]
    with pipeline.served.services.store.state() as state:
        titles += [issue["title"] for issue in state.all(ISSUE)]
    names = [person.name for person in cast.PEOPLE.values()]
    assert [text for text in (*titles, *names, "sandbox-") if text in told] == []


def test_for_programs_and_quietly(pipeline: Pipeline) -> None:
    ran = pipeline(BEFORE, "--json", "-q")
    assert (ran.code, ran.err) == (0, "")
    told = [(one["place"], one["result"], one["code"], one["title"]) for one in json.loads(ran.out)]
    assert told == [("gitlab", "done", "", ""), *([("slack", "done", "", "")] * 2)]
    between = pipeline(timedelta(minutes=5), "--json")
    assert (json.loads(between.out), "Nothing is due" in between.err) == ([], True)


def test_a_dry_run_sends_no_write(pipeline: Pipeline) -> None:
    ran = pipeline(BEFORE, "--dry-run")
    assert (ran.code, ran.out.count("would be")) == (0, 3)
    assert (pipeline.issues, pipeline.messages) == ([], [])


@pytest.mark.parametrize(
    ("method", "path", "after", "results"),
    [
        ("POST", "/issues", True, ["done", "done", "done"]),  # without an answer it is looked up
        ("POST", "chat.postMessage", False, ["done", "done", "unknown"]),
        ("GET", "/gitlab/", False, ["failed", "done", "done"]),
    ],
)
def test_cut_off_anywhere_and_run_again_everything_is_there_once(
    pipeline: Pipeline, method: str, path: str, after: bool, results: list[str]
) -> None:
    pipeline.served.fail(method, path, 0, drop=True, after=after)
    ran = pipeline(BEFORE, "--json")
    told = [one["result"] for one in json.loads(ran.out)]
    assert (sorted(told), ran.code) == (sorted(results), 0 if set(results) == {"done"} else 7)
    assert pipeline(BEFORE + timedelta(minutes=15)).code == 0
    assert (len(pipeline.issues), pipeline.messages) == (1, ["ending PANA001", "ending PCHEN03"])


@pytest.mark.parametrize(
    ("environ", "code", "said"),
    [
        ({"ONCALL_GITLAB_TOKEN": cast.token("gitlab")}, 3, "the GitLab token belongs to 'ana'"),
        ({"ONCALL_PAGERDUTY_TOKEN": "wrong"}, 4, "PagerDuty"),
        ({"ONCALL_ROLES_ENGINEER": "Nobody:1"}, 5, "Nobody"),
    ],
)
def test_what_it_can_not_go_on_without_is_two_lines_and_the_usual_exit_code(
    pipeline: Pipeline, environ: dict[str, str], code: int, said: str
) -> None:
    ran = pipeline(BEFORE, **environ)
    assert (ran.code, two_lines(ran.err), said in ran.err) == (code, True, True), ran.err
    assert (pipeline.issues, pipeline.messages) == ([], [])


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"ONCALL_GITLAB_TOKEN": ""}, "gitlab"),
        ({"ONCALL_SLACK_TOKEN": "sandbox-slack-bot-writeonly"}, "slack"),
    ],
)
def test_with_one_token_missing_or_short_of_a_scope_the_rest_is_done(
    pipeline: Pipeline, environ: dict[str, str], missing: str
) -> None:
    told = json.loads(pipeline(BEFORE, "--json", **environ).out)
    assert {one["place"]: (one["result"], one["code"]) for one in told} == {
        place: ("failed", "auth") if place == missing else ("done", "") for place in ("gitlab", "slack")
    }


def test_a_bot_that_is_no_member_can_assign_nobody_and_that_is_said(pipeline: Pipeline) -> None:
    bot = {"ONCALL_GITLAB_TOKEN": "sandbox-gitlab-bot", "ONCALL_HANDOFF_BOT": cast.TOKEN_BOT.login}
    ran = pipeline(BEFORE, **bot)
    assert (ran.code, f"{PROJECT}#224: it is there, but assigned to neither of ana and chen" in ran.out) == (7, True)


def test_its_waves_with_nothing_kept(pipeline: Pipeline) -> None:
    """The policy's id, who is on call, both engineers, Slack's two look-ups beside the issue, and the messages.

    Later one more: whose messages there are already. A busy machine may show more than there are, and never fewer.
    """
    pipeline(BEFORE, "-n")  # what it needs is loaded
    log = pipeline.served.services.log
    pipeline.served.fail("*", ".", 0, times=-1, hold=0.1)

    def waves(moment: timedelta) -> int:
        seen = len(log.seen)
        pipeline(moment)
        return Log(log.seen[seen:]).waves()

    assert min(waves(BEFORE), waves(AFTER) - 1) in range(1, 7)


def test_the_job_is_one_that_a_schedule_starts_and_that_names_no_secret() -> None:
    """The keywords are GitLab's (doc/ci/yaml); a token is neither in the file nor on a command line."""
    assert PIPELINE["stages"] == [JOB["stage"]]
    known = {"stage", "image", "rules", "resource_group", "timeout", "variables", "before_script", "script"}
    assert set(JOB) == known
    assert JOB["rules"] == ['if: $CI_PIPELINE_SOURCE == "schedule"']
    assert JOB["variables"] == {"ONCALL_CONFIG": "oncall.toml"}
    assert "token" not in (block("yaml") + CONFIG).casefold()
    assert [shlex.split(line)[:1] for line in JOB["before_script"]] == [["pip"]]
