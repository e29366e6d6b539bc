"""The PagerDuty chapter of `oncall init`: region, key, who the key belongs to, and who holds which role."""

from dataclasses import dataclass

from secops_oncall import threads
from secops_oncall.domain.init import FLAGS, REGIONS, address, found_roles, guessed_roles, role_choices, spelt
from secops_oncall.domain.nearest import nearest
from secops_oncall.domain.people import ROLES, is_email
from secops_oncall.domain.setup import Policy, Schedule, TokenFacts
from secops_oncall.domain.text import quoted
from secops_oncall.domain.tokens import Token
from secops_oncall.errors import NotFoundError, UsageError
from secops_oncall.ports_setup import PagerDutySetup
from secops_oncall.workflows.init_asking import NONE, Interview
from secops_oncall.workflows.init_connecting import Connecting, called

ROLE_KEYS = tuple(f"roles.{role}" for role in ROLES)
KEYS = ("pagerduty.url", "pagerduty.email", *ROLE_KEYS, "people")
_OTHER = "another"


@dataclass(frozen=True)
class Account:
    """What PagerDuty says of a key, and what its account has."""

    setup: PagerDutySetup
    facts: TokenFacts
    policies: list[Policy]
    schedules: list[Schedule]


def ask(connecting: Connecting) -> PagerDutySetup | None:
    """Ask all that PagerDuty needs; None where nothing of it is to be changed."""
    interview = connecting.interview
    if interview.is_idle(*KEYS) and connecting.has("pagerduty", interview.known["pagerduty.url"]):
        return None

    def prove(url: str, token: Token) -> Account:
        return _proved(connecting.services.pagerduty(url, token, interview.known.get("pagerduty.auth") or "token"))

    is_fixed = "pagerduty.url" in interview.given or interview.changing
    _, account = connecting.connected("pagerduty", lambda: _address(interview), is_fixed, prove)
    interview.asking.done(called(account.facts))
    _email(interview, account.setup, account.facts)
    _roles(interview, account)
    return account.setup


def _proved(setup: PagerDutySetup) -> Account:
    """One wave; whatever the key's own answer is comes first."""
    policies, schedules = threads.start(setup.policies), threads.start(setup.schedules)
    facts = setup.token()
    account = Account(setup, facts, policies.result(), schedules.result())
    if not account.policies and not account.schedules:
        raise NotFoundError(
            "the PagerDuty account has no escalation policy and no schedule that this key sees",
            "make one there first, or take the key of somebody who sees yours",
        )
    return account


def _address(interview: Interview) -> str:
    key = "pagerduty.url"
    holds = str(interview.value(key))
    if interview.is_idle(key):
        return holds
    if key in interview.given or not interview.asking.interactive:
        interview.answers[key] = address(interview.given.get(key, holds))
        return str(interview.answers[key])
    choices = [("US  api.pagerduty.com", REGIONS["us"]), ("EU  api.eu.pagerduty.com", REGIONS["eu"])]
    choices += [(holds, holds)] if holds not in REGIONS.values() else []
    picked = interview.asking.pick("PagerDuty region", [*choices, ("another address", _OTHER)], chosen=[holds])[0]
    interview.answers[key] = picked if picked != _OTHER else address(interview.asking.ask("PagerDuty address"))
    return str(interview.answers[key])


def _email(interview: Interview, setup: PagerDutySetup, facts: TokenFacts) -> None:
    """An account-level key is nobody's: acks need to be told whose they are."""
    key = "pagerduty.email"
    if facts.account and key not in interview.given:
        return
    title = "Your e-mail in PagerDuty: this key is nobody's, and an ack needs a name (may be empty)"
    email = interview.text(key, title)
    while email and not interview.is_idle(key):
        try:
            interview.answers[key] = _user(email, setup)
            break
        except (UsageError, NotFoundError) as wrong:
            if key in interview.given or not interview.asking.interactive:
                raise
            interview.asking.error(wrong.message, wrong.hint)
        email = interview.text(key, title)
    if not facts.account and email == NONE:
        interview.asking.warn(f"without an e-mail this key can only look: oncall init {FLAGS[key]} you@example.com")


def _user(email: str, setup: PagerDutySetup) -> str:
    """The e-mail as the account has it; UsageError for what is none, NotFoundError for nobody's."""
    if not is_email(email):
        raise UsageError(f"that is no e-mail: {quoted(email)}", "write it as ana@example.com")
    there = [one.email for one in setup.people() if one.email]
    if found := spelt(email, there):
        return found
    near = nearest(email, there)
    hint = f"did you mean {near}?" if near else "PagerDuty, People, Users has everybody's"
    raise NotFoundError(f"nobody in the PagerDuty account has the e-mail {quoted(email)}", hint)


def _roles(interview: Interview, account: Account) -> None:
    """The three roles: what is there under its name is said, what isn't is asked for."""
    choices = role_choices(account.policies, account.schedules)
    names = {role: interview.known[f"roles.{role}"] for role in ROLES}
    there = found_roles(names, choices)
    me = account.facts.account.name if account.facts.account else None
    guessed = guessed_roles(me, account.policies, account.schedules)
    offers = interview.asking.interactive and any(key in interview.written for key in ROLE_KEYS)
    for role in ROLES:
        key = f"roles.{role}"
        if key not in interview.given and role in there and not offers:
            interview.keep(key, names[role])
        else:
            title = f"Who is the {role}: a policy's level, or a schedule"
            interview.one(key, title, choices, guess=guessed.get(role), what="policy's level or schedule")
    told = ", ".join(f"{role} {interview.value(f'roles.{role}')}" for role in ROLES)
    interview.asking.done(f"roles: {told}")
