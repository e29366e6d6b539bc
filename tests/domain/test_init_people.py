"""Who is who in the three services: one to one, or not at all."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from secops_oncall.domain.init_people import Match, entries, fold, matches
from secops_oncall.domain.setup import Account


def pd(name: str, email: str | None) -> Account:
    return Account("pagerduty", f"P{name}{email}", name, email)


def gl(handle: str, name: str = "", email: str | None = None) -> Account:
    return Account("gitlab", handle, name or handle, email, handle)


def sl(handle: str, name: str, email: str | None = None) -> Account:
    return Account("slack", handle, name, email, handle)


ANA = pd("Ana Ferreira", "ana@example.com")


@pytest.mark.parametrize(
    "other",
    [
        gl("af", "A. F.", "ANA@example.com"),
        gl("af", "ana  FERREIRA"),
        gl("af", "Aná Ferreirã"),
        gl("ana", "Somebody"),
        gl("A-n.a", "Somebody"),
    ],
    ids=["e-mail", "case", "accents", "user name", "separators"],
)
def test_the_same_person_is_found(other: Account) -> None:
    found = matches([ANA], [other], [], {})
    assert found.people == (Match("ana@example.com", "Ana Ferreira", other.handle, None, ("gitlab",)),)
    assert found.unclear == ()


def test_an_e_mail_beats_a_name_and_a_name_a_user_name() -> None:
    ben = pd("Ben Okafor", "ben@example.com")
    found = matches([ANA, ben], [gl("ben", "Ana Ferreira"), gl("x", "Q", "ben@example.com")], [], {})
    assert {one.email: one.gitlab for one in found.people} == {"ana@example.com": "ben", "ben@example.com": "x"}


@pytest.mark.parametrize(
    ("people", "others"),
    [
        ([ANA], [gl("ana", "Ana Ferreira"), gl("ana2", "Ana Ferreira")]),
        ([ANA, pd("Ana Ferreira", "ana2@example.com")], [gl("ana", "Ana Ferreira")]),
        ([ANA], [gl("ana"), gl("a.na")]),
    ],
    ids=["two accounts", "two people", "two user names"],
)
def test_who_fits_several_is_left_out_and_told(people: list[Account], others: list[Account]) -> None:
    found = matches(people, others, [], {})
    assert (found.people, found.unclear) == ((), ("Ana Ferreira",))


def test_slack_is_matched_by_its_e_mails_local_part_and_needs_gitlab_beside_it() -> None:
    slack = [sl("U1", "af", "ana@corp.example"), sl("U2", "Ben Okafor")]
    found = matches([ANA, pd("Ben Okafor", "ben@example.com")], [gl("ana")], slack, {})
    assert entries(found.people) == {"ana@example.com": {"gitlab": "ana", "slack": "U1"}}


def test_what_the_table_knows_stays_and_is_nobody_elses() -> None:
    known = {"Ana@example.com": {"gitlab": "boss"}, "eva@example.com": {"gitlab": "ben"}}
    ben = pd("Ben Okafor", "ben@example.com")
    found = matches([ANA, ben], [gl("ana"), gl("ben")], [sl("U1", "Ana Ferreira")], known)
    assert found.people == (Match("ana@example.com", "Ana Ferreira", "boss", "U1", ("slack",)),)
    assert matches([ANA], [gl("ana")], [], {"ana@example.com": {"gitlab": "ana"}}).people == ()


def test_nobody_without_an_e_mail_or_a_handle() -> None:
    assert matches([pd("Ana Ferreira", None)], [gl("ana", "Ana Ferreira")], [], {}).people == ()
    assert matches([ANA], [Account("gitlab", "1", "Ana Ferreira")], [], {}).people == ()


WORDS = some.sampled_from(["ana", "Ana", "ána", "ben", "a", "", "chen wei", "Chen  Wei"])
EMAILS = some.sampled_from([None, "ana@x.example", "ben@x.example", "ANA@x.example", "chen.wei@x.example", "@"])
HANDLES = some.sampled_from(["ana", "ben", "chenwei", "chen-wei", "a", "u1", "u2"])
PEOPLE = some.lists(some.builds(pd, WORDS, EMAILS), max_size=6)
OTHERS = some.lists(some.builds(gl, HANDLES, WORDS, EMAILS), max_size=6, unique_by=lambda one: one.handle)


@given(PEOPLE, OTHERS, OTHERS, some.randoms())
def test_no_handle_is_two_peoples_and_order_is_nothing(
    people: list[Account], gitlab: list[Account], slack: list[Account], random: object
) -> None:
    found = matches(people, gitlab, slack, {})
    for service in ("gitlab", "slack"):
        handles = [getattr(one, service) for one in found.people if getattr(one, service)]
        assert len(handles) == len(set(handles))
    assert len({one.email.casefold() for one in found.people}) == len(found.people)
    again = matches(_mixed(people, random), _mixed(gitlab, random), _mixed(slack, random), {})
    assert [(one.email.casefold(), one.gitlab, one.slack) for one in again.people] == [
        (one.email.casefold(), one.gitlab, one.slack) for one in found.people
    ]


@given(PEOPLE, OTHERS)
def test_what_was_found_is_nothing_new_the_next_time(people: list[Account], gitlab: list[Account]) -> None:
    found = matches(people, gitlab, [], {})
    again = matches(people, gitlab, [], entries(found.people))
    assert not {one.email for one in found.people} & {one.email for one in again.people}


@given(some.text(max_size=20))
def test_folding_twice_changes_nothing(name: str) -> None:
    assert fold(fold(name)) == fold(name)


def _mixed(accounts: Sequence[Account], random: object) -> list[Account]:
    mixed = list(accounts)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    return mixed
