"""The interview of `oncall init`: what is asked and what isn't, what is proved, what a wrong answer costs."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from secops_oncall.domain.issues import Board
from secops_oncall.domain.setup import Account, Level, Policy, Schedule, TokenFacts
from secops_oncall.errors import AuthError, Cancelled, ConfigError, NotFoundError, OncallError, RemoteError, UsageError
from tests.workflows.interviews import (
    ANA,
    BOARD,
    DEFAULTS,
    POLICY,
    SCHEDULES,
    SET_UP,
    FakeServices,
    FakeTokens,
    Held,
    hold,
)

NOTHING = FakeTokens()
OTHER = Policy("P2", "Incidents", (Level(("Ana Ferreira",), 10), Level(("Dana Cohen",), 10)))


def typed() -> dict[str, list[Any]]:
    return {"PagerDuty key": ["pd-key"], "GitLab token": ["gl-token"]}


class TestFirstTime:
    def test_from_nothing_on_a_terminal(self) -> None:
        held = hold(typed() | {"Are these": [True]}, tokens=NOTHING)
        assert [question.split(" (")[0] for question in held.asking.asked] == [
            "PagerDuty region",
            "PagerDuty key",
            "GitLab host",
            "GitLab token",
            "Projects with the issues of pages",
            "Labels that mark the issues of pages, with commas between them",
            "Project for hand-over issues",
            "Slack token",
            "Are these the same people? Only they are ever mentioned",
        ]
        assert held.typed == {
            "pagerduty": ("https://api.pagerduty.com", "pd-key"),
            "gitlab": ("https://gitlab.com", "gl-token"),
        }
        assert held.answers["gitlab.groups"] == ("acme",)
        assert held.answers["backlog.board"] == "acme:On-call"
        assert held.answers["people"] == {"ana@example.com": {"gitlab": "ana"}}
        for said in (
            "https://gitlab.com/-/user_settings/personal_access_tokens?name=oncall&scopes=api",
            "✓ PagerDuty: user key of Ana Ferreira",
            "✓ roles: engineer Security Responder:1, backup Security Responder Backup, manager Security Responder:2",
            "✓ Groups whose labelled issues are yours: acme, the only one",
            "✓ the Backlog: Backlog of acme:On-call",
            "Slack: skipped",
        ):
            assert said in held.asking.text
        assert sum(question == "PagerDuty region" for question in held.asking.asked) == 1
        assert "pd-key" not in held.asking.text + repr(held.asking.asked)

    def test_tokens_of_the_machine_are_used_and_said(self) -> None:
        held = hold(tokens=FakeTokens({"pagerduty": "pd-key"}, {"gitlab": "gl-token"}))
        assert held.typed == {}
        assert "PagerDuty: the key in ONCALL_PAGERDUTY_TOKEN is used" in held.asking.told
        assert "GitLab: the token in the keyring is used" in held.asking.told

    def test_without_anybody_to_ask_what_can_be_told_is_told(self) -> None:
        held = hold(interactive=False)
        assert (held.answers["gitlab.groups"], held.answers["backlog.board"]) == (("acme",), "acme:On-call")
        assert "people" not in held.answers
        assert "! who is who is not kept: 1 person found, whom --map enters" in held.asking.told

    def test_every_question_has_an_option(self) -> None:
        given: dict[str, Any] = {
            "pagerduty.url": "https://api.eu.pagerduty.com",
            "pagerduty.email": "ana@example.com",
            "roles.engineer": "Incidents:1",
            "roles.backup": "Security Responder Backup",
            "roles.manager": "Incidents:2",
            "gitlab.url": "gitlab.example.com",
            "gitlab.groups": ("public",),
            "incidents.projects": ("acme/operations",),
            "incidents.labels": ("Incident",),
            "backlog.board": "acme:On-call",
            "backlog.list": "open",
            "backlog.doing": "Done",
            "handoff.project": "acme/engineering",
            "slack.channel": "acks",
            "handoff.slack_channel": "#secops",
            "people": True,
        }
        services = FakeServices(policy_list=[POLICY, OTHER])
        stdin: Any = {"pagerduty": "k", "gitlab": "g", "slack": "s"}
        held = hold(services=services, given=given, stdin=stdin, interactive=False)
        assert held.asking.asked == []
        expected = given | {
            "gitlab.url": "https://gitlab.example.com",
            "backlog.list": "Open",
            "slack.channel": "#acks",
            "slack.announce": True,
            "people": {"ana@example.com": {"gitlab": "ana", "slack": "U1"}},
        }
        assert held.answers == expected
        assert services.reached == [
            ("https://api.eu.pagerduty.com", "k"),
            ("https://gitlab.example.com", "g"),
            ("https://slack.com/api/", "s"),
        ]
        assert "! the token is not in #secops yet: type /invite @ and its name there" in held.asking.told


class TestPagerDuty:
    def test_another_region_and_another_address(self) -> None:
        held = hold({"PagerDuty region": [["https://api.eu.pagerduty.com"]]})
        assert held.answers["pagerduty.url"] == "https://api.eu.pagerduty.com"
        held = hold({"PagerDuty region": [["another"]], "PagerDuty address": ["pd.example.com/"]})
        assert held.answers["pagerduty.url"] == "https://pd.example.com"

    def test_an_account_key_is_nobodys_and_needs_a_name(self) -> None:
        services = FakeServices()
        services.facts["pagerduty"] = TokenFacts("pagerduty", "account key", None)
        held = hold({"Your e-mail": ["ana@example.com"]}, services=services)
        assert held.answers["pagerduty.email"] == "ana@example.com"
        assert not any(told.startswith("! without an e-mail") for told in held.asking.told)
        assert "! without an e-mail this key can only look" in hold(services=services).asking.text

    def test_what_is_no_e_mail_is_asked_for_again(self) -> None:
        services = FakeServices()
        services.facts["pagerduty"] = TokenFacts("pagerduty", "account key", None)
        held = hold({"Your e-mail": ["ana", "ana@example.com"]}, services=services)
        assert held.answers["pagerduty.email"] == "ana@example.com"
        with pytest.raises(UsageError, match="that is no e-mail: 'ana'"):
            hold(given={"pagerduty.email": "ana"})

    def test_nobodys_e_mail_is_asked_for_again_or_refused(self) -> None:
        services = FakeServices()
        services.facts["pagerduty"] = TokenFacts("pagerduty", "account key", None)
        held = hold({"Your e-mail": ["anna@example.com", "Ana@Example.com"]}, services=services)
        assert held.answers["pagerduty.email"] == "ana@example.com"
        told = "nobody in the PagerDuty account has the e-mail 'anna@example.com' | did you mean ana@example.com?"
        assert told in held.asking.told
        with pytest.raises(NotFoundError, match=r"nobody .* has the e-mail 'zoe@x\.org'"):
            hold(given={"pagerduty.email": "zoe@x.org"})

    def test_a_users_key_needs_none(self) -> None:
        assert "pagerduty.email" not in hold().answers

    def test_roles_that_are_not_called_as_usual_are_guessed_from_the_only_policy_that_i_am_on(self) -> None:
        third = Policy("P3", "Payments", (Level(("Somebody",), 10),))
        services = FakeServices(policy_list=[OTHER, third], schedule_list=[Schedule("S9", "Second line", "UTC")])
        held = hold(services=services)
        assert [held.answers[f"roles.{role}"] for role in ("engineer", "backup", "manager")] == [
            "Incidents:1",
            "Second line",
            "Incidents:2",
        ]
        assert sum(question.startswith("Who is the") for question in held.asking.asked) == 3

    def test_only_the_role_that_is_missing_is_asked_for(self) -> None:
        services = FakeServices(schedule_list=SCHEDULES[:1])
        held = hold({"Who is the backup": [["Engineers"]]}, services=services)
        assert [question for question in held.asking.asked if question.startswith("Who")] == [
            "Who is the backup: a policy's level, or a schedule"
        ]
        assert held.answers["roles.backup"] == "Engineers"

    def test_a_role_that_nobody_can_be_asked_for(self) -> None:
        services = FakeServices(policy_list=[OTHER, POLICY], schedule_list=SCHEDULES[:1])
        with pytest.raises(UsageError) as raised:
            hold(services=services, interactive=False)
        assert raised.value.hint == "oncall init --backup …"

    @pytest.mark.parametrize("given", ["Nobody:1", "Security Responder:3", "Security Responder"])
    def test_a_role_that_is_not_there(self, given: str) -> None:
        with pytest.raises(NotFoundError) as raised:
            hold(given={"roles.engineer": given})
        assert "Security Responder" in raised.value.hint

    def test_an_account_without_policies(self) -> None:
        services = FakeServices(policy_list=[], schedule_list=[])
        with pytest.raises(NotFoundError, match="no escalation policy and no schedule"):
            hold(services=services)


class TestWrongAnswers:
    def test_a_rejected_token_is_asked_for_three_times(self) -> None:
        services = FakeServices(rejected={"bad", "worse"})
        replies = {"PagerDuty key": ["bad", "worse", "pd-key"], "GitLab token": ["gl-token"]}
        held = hold(replies, services=services, tokens=NOTHING)
        assert held.typed["pagerduty"][1] == "pd-key"
        assert sum(told.startswith("pagerduty rejects the token | copy it again") for told in held.asking.told) == 2
        replies = {"PagerDuty key": ["bad"] * 4}
        with pytest.raises(AuthError) as raised:
            hold(replies, services=services, tokens=NOTHING)
        assert replies == {"PagerDuty key": ["bad"]}
        assert "--region" in raised.value.hint

    def test_nothing_for_a_rejected_key_chooses_the_region_again(self) -> None:
        replies: dict[str, list[Any]] = {
            "PagerDuty region": [["https://api.pagerduty.com"], ["https://api.eu.pagerduty.com"]],
            "PagerDuty key": ["bad", "", "pd-key"],
            "GitLab token": ["gl-token"],
        }
        held = hold(replies, services=FakeServices(rejected={"bad"}), tokens=NOTHING)
        assert held.typed["pagerduty"] == ("https://api.eu.pagerduty.com", "pd-key")
        assert "Enter alone chooses the region again" in held.asking.text

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("glpat-abcdefghij0123456789", "this looks like a token of GitLab, and was not sent to PagerDuty"),
            ("xoxb-1-2-3", "this looks like a token of Slack, and was not sent to PagerDuty"),
            ("two words", "a token holds no spaces"),
            ("", "no PagerDuty token was given"),
        ],
    )
    def test_what_can_be_no_key_is_sent_nowhere(self, typed: str, said: str) -> None:
        held = hold({"PagerDuty key": [typed, "\ufeff 'pd-key' \n"], "GitLab token": ["gl-token"]}, tokens=NOTHING)
        assert said in held.asking.text
        assert sum(question == "PagerDuty region" for question in held.asking.asked) == 1
        assert [token for _, token in held.services.reached] == ["pd-key", "gl-token"]
        assert not typed or typed not in held.asking.text

    def test_a_fixed_address_keeps_nobody_from_typing_the_token_again(self) -> None:
        replies = {"PagerDuty key": ["two words", "bad", "pd-key"], "GitLab token": ["gl-token"]}
        services = FakeServices(rejected={"bad"})
        held = hold(replies, tokens=NOTHING, given={"pagerduty.url": "pd.example.com"}, services=services)
        assert held.typed["pagerduty"] == ("https://pd.example.com", "pd-key")

    def test_a_token_of_the_environment_is_not_asked_for_again(self) -> None:
        with pytest.raises(AuthError) as raised:
            hold(services=FakeServices(rejected={"pd-key"}))
        assert raised.value.hint == "the client's own hint"
        assert _held(raised.value).asking.asked == ["PagerDuty region"]

    def test_one_of_the_keyring_is(self) -> None:
        tokens = FakeTokens({"gitlab": "gl-token"}, {"pagerduty": "old"})
        held = hold({"PagerDuty key": ["pd-key"]}, services=FakeServices(rejected={"old"}), tokens=tokens)
        assert held.typed == {"pagerduty": ("https://api.pagerduty.com", "pd-key")}

    @pytest.mark.parametrize(
        "error", [RemoteError("no such host", "check it"), ConfigError("would be unencrypted", "https")]
    )
    def test_a_host_that_is_wrong_is_asked_for_again_with_the_same_token(self, error: OncallError) -> None:
        replies = typed() | {"GitLab host": ["wrong.example", "gitlab.example"]}
        held = hold(replies, services=FakeServices(down={"https://wrong.example": error}), tokens=NOTHING)
        assert held.answers["gitlab.url"] == "https://gitlab.example"
        assert held.typed["gitlab"] == ("https://gitlab.example", "gl-token")
        assert sum(question.startswith("GitLab token") for question in held.asking.asked) == 1

    def test_with_a_token_of_the_environment_too(self) -> None:
        services = FakeServices(down={"https://wrong.example": RemoteError("no such host", "check it")})
        held = hold({"GitLab host": ["wrong.example", "gitlab.example"]}, services=services)
        assert held.answers["gitlab.url"] == "https://gitlab.example"

    def test_a_rejected_token_does_not_have_the_host_asked_for_again(self) -> None:
        replies = typed() | {"GitLab token": ["bad", "gl-token"]}
        held = hold(replies, services=FakeServices(rejected={"bad"}), tokens=NOTHING)
        assert sum(question.startswith("GitLab host") for question in held.asking.asked) == 1

    def test_one_that_an_option_names_is_not(self) -> None:
        services = FakeServices(down={"https://wrong.example": RemoteError("no such host", "check it")})
        with pytest.raises(RemoteError):
            hold(given={"gitlab.url": "wrong.example"}, services=services)

    def test_nobody_can_be_asked_for_a_token(self) -> None:
        with pytest.raises(UsageError) as raised:
            hold(tokens=NOTHING, interactive=False)
        assert raised.value.hint == "export ONCALL_PAGERDUTY_TOKEN=…, or oncall init --stdin"

    @pytest.mark.parametrize("question", ["PagerDuty region", "GitLab token", "Slack token", "Are these"])
    def test_whoever_leaves_is_told_that_nothing_was_written(self, question: str) -> None:
        tokens = FakeTokens({"pagerduty": "pd-key"})
        with pytest.raises(Cancelled, match="nothing was written"):
            hold(typed(), tokens=tokens, leaves=question)


class TestGitLab:
    def test_of_several_groups_some_are_picked(self) -> None:
        services = FakeServices(group_list=["acme", "acme/sub", "public"])
        held = hold({"Groups": [["acme", "public"]]}, services=services)
        assert held.answers["gitlab.groups"] == ("acme", "public")

    def test_those_below_another_one_go_without_saying(self) -> None:
        held = hold(services=FakeServices(group_list=["acme", "acme/sub"]))
        assert held.answers["gitlab.groups"] == ("acme",)

    def test_of_several_nobody_can_be_asked_for(self) -> None:
        with pytest.raises(UsageError) as raised:
            hold(services=FakeServices(group_list=["acme", "acme/sub"]), interactive=False)
        assert raised.value.hint == "oncall init --group …"

    def test_projects_where_there_is_no_group(self) -> None:
        held = hold({"Projects whose": [["acme/operations"]]}, services=FakeServices(group_list=[]))
        assert (held.answers["gitlab.projects"], held.services.places) == (("acme/operations",), ["acme/operations"])
        assert "! there is no board in acme/operations: without one there is no Backlog" in held.asking.told

    def test_whoever_is_a_member_of_nothing(self) -> None:
        with pytest.raises(NotFoundError, match="member of no group"):
            hold(services=FakeServices(group_list=[], project_list=[]))

    @pytest.mark.parametrize(
        "given",
        [
            {"gitlab.groups": ("gone",)},
            {"gitlab.projects": ("acme/gone",)},
            {"incidents.projects": ("acme/gone",)},
            {"handoff.project": "acme/gone"},
            {"backlog.board": "gone:On-call"},
            {"backlog.board": "acme:Gone"},
            {"backlog.list": "Gone"},
        ],
    )
    def test_what_an_option_names_is_proved(self, given: dict[str, Any]) -> None:
        with pytest.raises(NotFoundError, match=r"(?i)gone") as raised:
            hold(given=given)
        if "backlog.board" not in given:
            assert " sees acme" in raised.value.hint or "it sees" in raised.value.hint

    def test_without_a_place_there_is_none_to_look_for_a_board_in(self) -> None:
        held = hold(given={"gitlab.groups": ()})
        assert "! there is no board: without one there is no Backlog" in held.asking.told

    def test_a_token_that_can_only_look(self) -> None:
        services = FakeServices()
        facts = TokenFacts("gitlab", "personal access token", ANA, frozenset({"read_api"}), date(2027, 1, 1))
        services.facts["gitlab"] = facts
        told = hold(services=services).asking.told
        assert "✓ GitLab: personal access token of Ana Ferreira, until 2027-01-01" in told
        assert any(line.startswith("! this GitLab token can only look") for line in told)
        services.facts["gitlab"] = replace(facts, scopes=frozenset({"read_user"}))
        with pytest.raises(AuthError, match="neither the scope api nor read_api"):
            hold(services=services)

    def test_of_several_boards_one_is_picked_or_none(self) -> None:
        more = [Board(2, "Other", "acme", "group", ()), Board(1, "On-call", "acme", "group", ("Backlog", "Doing"))]
        services = FakeServices(board_list=more)
        held = hold({"Board": [["acme:On-call"]]}, services=services)
        assert (held.answers["backlog.list"], held.answers["backlog.doing"]) == ("Backlog", "Doing")
        held = hold(services=services)
        assert (held.answers["backlog.board"], "backlog.list" in held.answers) == ("", False)
        assert hold(services=services, interactive=False).answers["backlog.board"] == ""

    def test_a_board_without_the_usual_lists(self) -> None:
        services = FakeServices(board_list=[Board(1, "On-call", "acme", "group", ("To do", "Doing"))])
        held = hold({"List to pick from": [["To do"]]}, services=services)
        assert (held.answers["backlog.list"], held.answers["backlog.doing"]) == ("To do", "Doing")
        with pytest.raises(UsageError) as raised:
            hold(services=services, interactive=False)
        assert raised.value.hint == "oncall init --list …"

    def test_the_hand_over_project_and_what_marks_the_issues_of_pages(self) -> None:
        replies: dict[str, list[Any]] = {
            "Projects with": [["acme/operations"]],
            "Labels": ["incident, page,"],
            "Project for": [["acme/engineering"]],
        }
        answers = hold(replies).answers
        assert answers["incidents.projects"] == ("acme/operations",)
        assert (answers["incidents.labels"], answers["handoff.project"]) == (("Incident", "page"), "acme/engineering")

    def test_a_label_that_is_not_there_is_asked_for_again_or_refused(self) -> None:
        held = hold({"Labels": ["pages, Incident", "pages", "page"]})
        assert held.answers["incidents.labels"] == ("page",)
        assert "there is no label 'pages' in acme | did you mean 'page'?" in held.asking.told
        with pytest.raises(NotFoundError, match="there is no label 'incident' in acme") as raised:
            hold(given={"incidents.labels": ("page", "incident")}, interactive=False)
        assert raised.value.hint == "make it in GitLab first, or leave it out"
        kept = hold(known=DEFAULTS | {"incidents.labels": ("gone",)}, interactive=False)
        assert kept.answers["incidents.labels"] == ("gone",)

    @pytest.mark.parametrize(("key", "flag"), [("backlog.list", "--list"), ("backlog.doing", "--doing")])
    def test_a_list_without_a_board_is_refused(self, key: str, flag: str) -> None:
        for more, boards in (({}, []), ({"backlog.board": ""}, [BOARD])):
            with pytest.raises(NotFoundError, match="no board that could have the list 'To Do'") as raised:
                hold(given={key: "To Do", **more}, services=FakeServices(board_list=boards), interactive=False)
            assert raised.value.hint == f"name it too, --board GROUP:NAME, or leave out {flag}"


class TestSlack:
    def test_channels_are_picked(self) -> None:
        replies: dict[str, list[Any]] = {"Slack token": ["xoxb-1"], "Channel": [["#acks"]], "SecOps": [["#secops"]]}
        held = hold(replies)
        assert (held.answers["slack.channel"], held.answers["slack.announce"]) == ("#acks", True)
        assert held.answers["handoff.slack_channel"] == "#secops"
        assert held.typed == {"slack": ("https://slack.com/api/", "xoxb-1")}

    def test_nowhere_unless_somebody_says_so(self) -> None:
        answers = hold(stdin={"slack": "xoxb-1"}, interactive=False).answers
        assert (answers["slack.announce"], answers["handoff.slack_channel"]) == (False, "")
        assert "slack.channel" not in answers

    def test_what_is_wrong_with_it_keeps_nobody_from_the_rest(self) -> None:
        services = FakeServices(failing={"channels": AuthError("it lacks channels:read", "add it")})
        held = hold(services=services, tokens=FakeTokens({"pagerduty": "p", "gitlab": "g", "slack": "s"}))
        assert any(told.startswith("it lacks channels:read | Slack is left out") for told in held.asking.told)
        with pytest.raises(AuthError):
            hold(services=services, given={"slack.channel": "acks"}, tokens=FakeTokens(services.facts))  # type: ignore[arg-type]

    def test_not_wanted(self) -> None:
        held = hold(given={"slack": False}, tokens=FakeTokens({"pagerduty": "p", "gitlab": "g", "slack": "s"}))
        assert [token for _, token in held.services.reached] == ["p", "g"]


class TestPeople:
    def test_those_of_the_places_are_matched(self) -> None:
        held = hold({"Are these": [True]})
        assert held.services.places == ["acme"]
        assert [one.gitlab for one in held.shown[0].people] == ["ana"]

    @pytest.mark.parametrize("given", [{}, {"people": False}])
    def test_no_is_no(self, given: dict[str, Any]) -> None:
        assert "people" not in hold(given=given).answers

    def test_whoever_could_be_several_is_left_out_and_said(self) -> None:
        services = FakeServices()
        services.people_of["gitlab"] += [Account("gitlab", "12", "ana ferreira", None, "ana2")]
        held = hold(services=services)
        assert "! left out, since they could be several people: Ana Ferreira" in held.asking.told
        assert "Who is who: nobody new was found" in held.asking.told

    def test_a_service_that_does_not_tell_changes_nothing(self) -> None:
        held = hold(services=FakeServices(failing={"gitlab": RemoteError("GitLab is down", "later")}))
        assert "! GitLab is down: who is who stays as it is" in held.asking.told
        assert "people" not in held.answers


class TestAgain:
    WRITTEN = ("gitlab.groups", "backlog.board", "roles.engineer")

    def test_one_thing_is_changed_and_nothing_else_asked_or_proved(self) -> None:
        services = FakeServices(board_list=[replace_name("On-call"), replace_name("Other")])
        given = {"backlog.board": "acme:Other"}
        held = hold(given=given, known=SET_UP, written=self.WRITTEN, changing=True, services=services)
        assert held.asking.asked == []
        assert {**held.answers, "backlog.list": "Backlog", "backlog.doing": "In Progress"} == {
            "backlog.board": "acme:Other",
            "backlog.list": "Backlog",
            "backlog.doing": "In Progress",
        }
        assert [url for url, _ in services.reached] == ["https://gitlab.com"]

    def test_of_a_board_with_other_lists_those_are_asked_for(self) -> None:
        services = FakeServices(board_list=[Board(1, "Other", "acme", "group", ("To do", "Doing"))])
        held = hold(
            {"List to pick from": [["To do"]]},
            given={"backlog.board": "acme:Other"},
            known=SET_UP,
            written=self.WRITTEN,
            changing=True,
            services=services,
        )
        assert (held.answers["backlog.list"], held.answers["backlog.doing"]) == ("To do", "Doing")

    def test_another_token_changes_nothing_else(self) -> None:
        stdin: Any = {"pagerduty": "p2", "gitlab": "g2", "slack": "xoxb-2"}
        held = hold(stdin=stdin, known=SET_UP, written=self.WRITTEN, changing=True, interactive=False)
        assert (held.answers, list(held.typed)) == ({}, ["pagerduty", "gitlab", "slack"])

    def test_a_token_that_is_missing_is_asked_for_all_the_same(self) -> None:
        tokens = FakeTokens({"pagerduty": "pd-key"})
        held = hold(
            {"GitLab token": ["g"]},
            given={"roles.engineer": "Security Responder:1"},
            known=SET_UP,
            written=self.WRITTEN,
            changing=True,
            tokens=tokens,
        )
        assert [question.split(" (")[0] for question in held.asking.asked] == ["GitLab token"]

    def test_each_is_offered_with_its_present_value(self) -> None:
        known = SET_UP | {
            "gitlab.groups": ("acme", "elsewhere"),
            "incidents.labels": ("page",),
            "handoff.project": "acme/operations",
            "pagerduty.url": "https://pd.example.com",
        }
        services = FakeServices(group_list=["acme", "public"])
        services.board_list = [replace_name("Other"), replace_name("On-call")]
        with pytest.raises(NotFoundError, match="elsewhere"):
            hold(known=known, written=self.WRITTEN, services=services)
        known["gitlab.groups"] = ("acme",)
        held = hold(known=known, written=self.WRITTEN, services=services)
        for key in ("pagerduty.url", "gitlab.groups", "incidents.labels", "handoff.project", "backlog.board"):
            assert held.answers[key] == known[key], key
        assert sum(question.startswith("Who is the") for question in held.asking.asked) == 3

    def test_another_host_has_none_of_the_old_groups(self) -> None:
        known = SET_UP | {"gitlab.groups": ("elsewhere",), "backlog.board": "elsewhere:Old"}
        held = hold(given={"gitlab.url": "git.example.com"}, known=known, written=self.WRITTEN, changing=True)
        assert (held.answers["gitlab.groups"], held.answers["backlog.board"]) == (("acme",), "acme:On-call")

    def test_people_alone(self) -> None:
        held = hold(given={"people": True}, known=SET_UP, written=self.WRITTEN, changing=True)
        assert (held.asking.asked, held.answers["people"]) == ([], {"ana@example.com": {"gitlab": "ana"}})


def replace_name(name: str) -> Board:
    return Board(1, name, "acme", "group", ("Backlog", "In Progress"))


def _held(error: OncallError) -> Held:
    held = error.held  # type: ignore[attr-defined]
    assert isinstance(held, Held)
    return held


def test_the_defaults_are_those_of_the_settings() -> None:
    from secops_oncall.config import Config

    for key, value in DEFAULTS.items():
        section, _, name = key.partition(".")
        if name and key != "slack.channel":  # which holds only where acks are announced
            assert getattr(getattr(Config(), section), name) == value
