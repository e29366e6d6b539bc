"""What the interview of `oncall init` is driven with: services that tell of themselves, and somebody who answers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from secops_oncall.domain.init_people import Matches
from secops_oncall.domain.issues import Board, IssueQuery
from secops_oncall.domain.setup import Account, Level, Policy, Project, Schedule, Service, TokenFacts
from secops_oncall.domain.slack import Channel
from secops_oncall.domain.tokens import Token
from secops_oncall.errors import AuthError, Cancelled, KeyringError, NotFoundError, OncallError
from secops_oncall.workflows.init import interview
from secops_oncall.workflows.init_asking import Interview
from secops_oncall.workflows.init_connecting import TYPED, Connecting

ANA = Account("pagerduty", "PANA001", "Ana Ferreira", "ana@example.com")
POLICY = Policy("P1", "Security Responder", (Level(("Engineers",), 15), Level(("Managers",), 15)))
SCHEDULES = [
    Schedule("S1", "Engineers", "UTC", ("Security Responder",)),
    Schedule("S2", "Security Responder Backup", "UTC"),
]
BOARD = Board(1, "On-call", "acme", "group", ("Backlog", "In Progress", "Done"))
DEFAULTS: dict[str, Any] = {
    "pagerduty.url": "https://api.pagerduty.com",
    "pagerduty.email": None,
    "pagerduty.auth": "token",
    "roles.engineer": "Security Responder:1",
    "roles.backup": "Security Responder Backup",
    "roles.manager": "Security Responder:2",
    "gitlab.url": "https://gitlab.com",
    "gitlab.groups": (),
    "gitlab.projects": (),
    "incidents.projects": (),
    "incidents.labels": (),
    "backlog.board": None,
    "backlog.list": "Backlog",
    "backlog.doing": "In Progress",
    "handoff.project": None,
    "handoff.slack_channel": None,
    "slack.url": "https://slack.com/api/",
    "slack.channel": None,
    "people": {},
}
SET_UP = DEFAULTS | {"gitlab.groups": ("acme",), "backlog.board": "acme:On-call"}


@dataclass
class FakeServices:
    """The three services, and every address and token that they were reached with.

    `rejected` are the tokens that are wrong, `down` the addresses that don't answer, with their errors.
    """

    facts: dict[Service, TokenFacts] = field(
        default_factory=lambda: {
            "pagerduty": TokenFacts("pagerduty", "user key", ANA),
            "gitlab": TokenFacts("gitlab", "personal access token", ANA, frozenset({"api"})),
            "slack": TokenFacts("slack", "bot token", ANA),
        }
    )
    policy_list: list[Policy] = field(default_factory=lambda: [POLICY])
    schedule_list: list[Schedule] = field(default_factory=lambda: list(SCHEDULES))
    group_list: list[str] = field(default_factory=lambda: ["acme"])
    project_list: list[str] = field(default_factory=lambda: ["acme/engineering", "acme/operations"])
    board_list: list[Board] = field(default_factory=lambda: [BOARD])
    labels_of: dict[str, list[str]] = field(
        default_factory=lambda: {"acme": ["oncall", "page"], "acme/operations": ["oncall", "Incident", "page"]}
    )
    channel_list: list[Channel] = field(
        default_factory=lambda: [Channel("C1", "acks", False, True, False), Channel("C2", "secops", True, False, False)]
    )
    people_of: dict[Service, list[Account]] = field(
        default_factory=lambda: {
            "pagerduty": [ANA],
            "gitlab": [Account("gitlab", "11", "Ana Ferreira", None, "ana")],
            "slack": [Account("slack", "U1", "Ana Ferreira", "ana@example.com", "U1")],
        }
    )
    rejected: set[str] = field(default_factory=set)
    down: dict[str, OncallError] = field(default_factory=dict)
    failing: dict[str, OncallError] = field(default_factory=dict)
    reached: list[tuple[str, str]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)  # of which people were asked

    def pagerduty(self, url: str, token: Token, auth: Literal["token", "bearer"] = "token") -> "FakeSetup":
        return self._setup("pagerduty", url, token)

    def gitlab(self, url: str, token: Token) -> "FakeSetup":
        return self._setup("gitlab", url, token)

    def slack(self, url: str, token: Token) -> "FakeSetup":
        return self._setup("slack", url, token)

    def _setup(self, service: Service, url: str, token: Token) -> "FakeSetup":
        self.reached.append((url, token.value))
        return FakeSetup(self, service, url, token.value)


@dataclass
class FakeSetup:
    """One of them, as `ports_setup` has it."""

    all: FakeServices
    service: Service
    url: str
    secret: str

    def token(self) -> TokenFacts:
        if self.url in self.all.down:
            raise self.all.down[self.url]
        if self.secret in self.all.rejected:
            raise AuthError(f"{self.service} rejects the token", "the client's own hint")
        return self.all.facts[self.service]

    def version(self) -> str:
        return "18.0"

    def policies(self) -> list[Policy]:
        return self.all.policy_list

    def schedules(self) -> list[Schedule]:
        return self.all.schedule_list

    def groups(self) -> list[str]:
        return self.all.group_list

    def projects(self) -> list[str]:
        return self.all.project_list

    def boards(self, place: str) -> list[Board]:
        if place not in ("acme", "acme/engineering", "acme/operations", "public"):
            raise NotFoundError(f"there is no {place} for this token", "check its name")
        return [board for board in self.all.board_list if board.place == place]

    def labels(self, place: IssueQuery) -> list[str]:
        return self.all.labels_of.get(place.place, [])

    def project(self, path: str) -> Project:
        return Project(path, issues=True, archived=False)

    def channels(self) -> list[Channel]:
        if "channels" in self.all.failing:
            raise self.all.failing["channels"]
        return self.all.channel_list

    def people(self, places: Sequence[IssueQuery] = ()) -> list[Account]:
        if self.service in self.all.failing:
            raise self.all.failing[self.service]
        self.all.places += [place.place for place in places]
        return self.all.people_of[self.service]


@dataclass
class FakeTokens:
    """Tokens by service: what the environment has, and the keyring for any address."""

    environment: Mapping[str, str] = field(default_factory=dict)
    keyring: Mapping[str, str] = field(default_factory=dict)

    def found(self, service: Service, url: str) -> Token | None:
        if service in self.environment:
            return Token(self.environment[service], self.variable(service))
        return Token(self.keyring[service], "the keyring") if service in self.keyring else None

    def typed(self, text: str) -> Token:
        return Token(text, TYPED)

    def variable(self, service: Service) -> str:
        return f"ONCALL_{service.upper()}_TOKEN"


@dataclass
class FakeAsking:
    """Somebody who answers by what a question begins with: texts in turn, the values to pick, yes or no.

    What isn't answered is left as it stands: Enter. `leaves` is the question at which they press Ctrl-C.
    """

    replies: dict[str, list[Any]] = field(default_factory=dict)
    interactive: bool = True
    leaves: str = "-"
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    offered: dict[str, list[str]] = field(default_factory=dict)

    def ask(self, question: str, *, default: str = "", secret: bool = False) -> str:
        return str(self._reply(question, default))

    def pick(
        self,
        title: str,
        choices: Sequence[tuple[str, str]],
        *,
        many: bool = False,
        chosen: Collection[str] = (),
        alone: str | None = None,
    ) -> list[str]:
        values = [value for _, value in choices]
        self.offered[title] = values
        stands = [value for value in values if value in chosen]
        picked: list[str] = self._reply(title, stands if many else stands[:1] or values[:1])
        assert set(picked) <= set(values)
        return picked

    def confirm(self, question: str) -> bool:
        return bool(self._reply(question, False))

    def _reply(self, question: str, otherwise: Any) -> Any:
        assert self.interactive
        self.asked.append(question)
        if question.startswith(self.leaves):
            raise Cancelled("cancelled", "nothing more was sent")
        for begin, answers in self.replies.items():
            if question.startswith(begin) and answers:
                return answers.pop(0)
        return otherwise

    def say(self, text: str) -> None:
        self.told.append(text)

    def done(self, text: str) -> None:
        self.told.append(f"✓ {text}")

    def warn(self, text: str) -> None:
        self.told.append(f"! {text}")

    def error(self, message: str, hint: str) -> None:
        self.told.append(f"{message} | {hint}")

    @property
    def text(self) -> str:
        return "\n".join(self.told)


TOKENS = {"pagerduty": "pd-key", "gitlab": "gl-token"}


@dataclass
class Held:
    """An interview that was held: what was answered, what was typed, who was shown."""

    answers: dict[str, Any]
    typed: dict[Service, tuple[str, str]]
    asking: FakeAsking
    services: FakeServices
    shown: list[Matches]


def hold(
    replies: dict[str, list[Any]] | None = None,
    *,
    services: FakeServices | None = None,
    tokens: FakeTokens | None = None,
    known: Mapping[str, Any] = DEFAULTS,
    written: Collection[str] = (),
    given: Mapping[str, Any] | None = None,
    stdin: Mapping[Service, str] | None = None,
    changing: bool = False,
    interactive: bool = True,
    leaves: str = "-",
) -> Held:
    """Hold an interview; without tokens given both of the needed ones are in the environment."""
    asking = FakeAsking(replies or {}, interactive, leaves)
    services = services or FakeServices()
    tokens = FakeTokens(TOKENS) if tokens is None else tokens
    about = Interview(asking, given or {}, known, written, changing)
    connecting = Connecting(about, services, tokens, stdin or {})
    held = Held(about.answers, connecting.typed, asking, services, [])
    show: Callable[[Matches], None] = held.shown.append
    try:
        interview(connecting, show)
    except OncallError as error:
        error.held = held  # type: ignore[attr-defined]
        raise
    return held


@dataclass
class FakeKeyring:
    """A keyring in memory; `refusing` are the services that it refuses."""

    kept: dict[tuple[str, str, str], str] = field(default_factory=dict)
    refusing: Collection[str] = ()
    interrupted: str = ""

    name = "a keyring"

    def get(self, service: Service, profile: str, host: str) -> str | None:
        return self.kept.get((service, profile, host))

    def put(self, service: Service, profile: str, host: str, token: str) -> None:
        if service in self.refusing:
            raise KeyringError("the keyring is locked", "unlock it")
        if service == self.interrupted:
            self.interrupted = ""
            raise KeyboardInterrupt
        self.kept[service, profile, host] = token

    def remove(self, service: Service, profile: str, host: str) -> bool:
        return self.kept.pop((service, profile, host), None) is not None
