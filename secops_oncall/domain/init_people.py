"""Who is the same person in PagerDuty, GitLab and Slack, as far as e-mails, names and user names tell."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from secops_oncall.domain.setup import Account

Other = Literal["gitlab", "slack"]
Handles = Mapping[str, Mapping[str, str]]  # the `people` table: e-mail -> {gitlab, slack}
_Key = Callable[[Account], str]


@dataclass(frozen=True)
class Match:
    """One person of the `people` table: their e-mail and name in PagerDuty, and what mentions them elsewhere.

    `news` are the services whose handle the table didn't have yet.
    """

    email: str
    name: str
    gitlab: str | None = None
    slack: str | None = None
    news: tuple[Other, ...] = ()


@dataclass(frozen=True)
class Matches:
    """Everybody of whom something new was found, and the names of those who could be several people."""

    people: tuple[Match, ...] = ()
    unclear: tuple[str, ...] = ()


@dataclass
class _Pairs:
    """E-mails in PagerDuty (lower case) with their account elsewhere, and those that fit several."""

    found: dict[str, Account] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)


def matches(
    pagerduty: Iterable[Account], gitlab: Sequence[Account], slack: Sequence[Account], known: Handles
) -> Matches:
    """Who of PagerDuty is who elsewhere: by e-mail, then by name, then by a user name like the e-mail's local part.

    Only one-to-one counts: whoever fits several, or is fitted by several, is left out, and told. What the table knows
    already (`known`) stays. Somebody whom GitLab doesn't know is left out: the table is of those who do the work.
    """
    table = {email.casefold(): handles for email, handles in known.items()}
    people = sorted(
        (one for one in pagerduty if one.email), key=lambda one: (fold(one.name), one.name, one.email, one.id)
    )
    in_gitlab, in_slack = _pairs(people, gitlab, "gitlab", table), _pairs(people, slack, "slack", table)
    made = [_match(one, in_gitlab, in_slack, table.get(_email(one), {})) for one in _each_once(people)]
    new = sorted((one for one in made if one.news and one.gitlab), key=lambda one: (fold(one.name), one.email))
    unclear = {fold(one.name): one.name for one in people if _email(one) in in_gitlab.unclear | in_slack.unclear}
    return Matches(tuple(new), tuple(sorted(unclear.values(), key=fold)))


def entries(people: Iterable[Match]) -> dict[str, dict[str, str]]:
    """The people as the `people` table has them: e-mail -> {gitlab, slack}, with what is known of each."""
    told = {one.email: {"gitlab": one.gitlab, "slack": one.slack} for one in people}
    return {email: {name: handle for name, handle in each.items() if handle} for email, each in told.items()}


def fold(name: str) -> str:
    """A name without case, accents and double spaces: what two services may spell apart."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in bare if not unicodedata.combining(letter)).casefold().split())


def _match(one: Account, gitlab: _Pairs, slack: _Pairs, known: Mapping[str, str]) -> Match:
    found = {"gitlab": gitlab.found.get(_email(one)), "slack": slack.found.get(_email(one))}
    handles = {name: known.get(name) or (other.handle if other else None) for name, other in found.items()}
    services: tuple[Other, ...] = ("gitlab", "slack")
    news = tuple(name for name in services if handles[name] and not known.get(name))
    return Match(one.email or "", one.name, handles["gitlab"], handles["slack"], news)


def _pairs(people: Sequence[Account], others: Sequence[Account], service: Other, table: Handles) -> _Pairs:
    """One service's accounts by the e-mail of whose they are; what an earlier round settled no later one looks at."""
    pairs = _Pairs()
    taken = {handles[service] for handles in table.values() if handles.get(service)}
    left = [one for one in people if not table.get(_email(one), {}).get(service)]
    free = [one for one in others if one.handle and one.handle not in taken]
    rounds: tuple[tuple[_Key, _Key], ...] = (
        (_email, _email),
        (lambda one: fold(one.name), lambda one: fold(one.name)),
        (_local, _user if service == "gitlab" else _local),
    )
    for mine, theirs in rounds:
        settled = _round(left, free, mine, theirs, pairs)
        left = [one for one in left if _email(one) not in pairs.found and _email(one) not in pairs.unclear]
        free = [one for one in free if one.handle not in settled]
    return pairs


def _round(left: Sequence[Account], free: Sequence[Account], mine: _Key, theirs: _Key, pairs: _Pairs) -> set[str]:
    """Settle those who have the same key, and answer the handles that are settled with them."""
    here, there = _by(mine, left), _by(theirs, free)
    settled: set[str] = set()
    for key in here.keys() & there.keys():
        settled |= {one.handle or "" for one in there[key]}
        if len(here[key]) == len(there[key]) == 1:
            pairs.found[_email(here[key][0])] = there[key][0]
        else:
            pairs.unclear |= {_email(one) for one in here[key]}
    return settled


def _by(key: _Key, accounts: Iterable[Account]) -> dict[str, list[Account]]:
    grouped: dict[str, list[Account]] = defaultdict(list)
    for one in accounts:
        if key(one):
            grouped[key(one)].append(one)
    return grouped


def _each_once(people: Iterable[Account]) -> Iterable[Account]:
    return {_email(one): one for one in people}.values()


def _email(one: Account) -> str:
    return (one.email or "").casefold()


def _local(one: Account) -> str:
    """What stands before the `@`, without what separates its parts; nothing of one letter, which tells nobody apart."""
    return _bare(_email(one).partition("@")[0].partition("+")[0])


def _user(one: Account) -> str:
    return _bare((one.handle or "").casefold())


def _bare(name: str) -> str:
    bare = re.sub(r"[._-]", "", name)
    return bare if len(bare) > 1 else ""
