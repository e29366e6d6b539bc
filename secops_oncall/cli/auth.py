"""`oncall auth`: the tokens of the three services, kept in the system's keyring, looked at, or forgotten."""

from typing import Annotated

import typer

from secops_oncall.app import App
from secops_oncall.cli.asking import confirmer
from secops_oncall.cli.grammar import NounGroup
from secops_oncall.cli.options import (
    Json,
    ListOutput,
    OneOutput,
    Yes,
    app_of,
    list_format,
    one_format,
)
from secops_oncall.domain.auth import TokenStatus, worst
from secops_oncall.domain.setup import ACCOUNT_KEY, NAMES, Service
from secops_oncall.domain.tokens import KEYRING, Token, made_at, tail
from secops_oncall.errors import ExitCode, UsageError
from secops_oncall.views.auth import print_login, print_logout, print_status
from secops_oncall.workflows import auth as workflow
from secops_oncall.workflows.auth import Sought, Teller

app = typer.Typer(
    name="auth",
    cls=NounGroup,
    rich_help_panel="Set up",
    help="""The tokens of PagerDuty, GitLab and Slack.

    \b
    $ oncall auth status
    $ oncall auth login gitlab
    """,
)
ServiceArgument = Annotated[Service, typer.Argument(metavar="SERVICE", help="pagerduty, gitlab or slack.")]
AnyService = Annotated[
    Service | None,
    typer.Argument(metavar="SERVICE", help="pagerduty, gitlab or slack; all three without.", show_default=False),
]


@app.command()
def login(
    context: typer.Context,
    service: ServiceArgument,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the token from standard input.")] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="It is this service's, whatever it looks like.")] = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> None:
    """Keep a token in the system's keyring, once its service has taken it.

    It is asked for hidden, or read with --stdin; it belongs to one profile and the host that the settings name.
    One that looks like another service's is not sent, unless --yes is given.

    \b
    $ oncall auth login gitlab
    $ oncall auth login pagerduty --stdin < key.txt
    """
    home, form = _real(app_of(context)), one_format(output, as_json)
    where = _where(home, service)
    token = _given(home, service, stdin, sure=yes)
    held = TokenStatus(service, home.host(service), KEYRING, tail(token.value))
    kept = workflow.login(held, _teller(home, service, token), lambda: home.keep_token(service, token))
    print_login(home.streams, kept, where, form)
    if kept.kind == ACCOUNT_KEY and not home.config_as_it_is.pagerduty.email:
        home.streams.warn(
            "an account key is nobody's: oncall config set pagerduty.email YOURS, or nothing can be acked"
        )
    _say_what_wins(home, service)


@app.command()
def logout(
    context: typer.Context,
    service: AnyService = None,
    yes: Yes = False,
    output: OneOutput = None,
    as_json: Json = False,
) -> None:
    """Forget a token that the keyring has for this profile; without SERVICE every one, after a question.

    \b
    $ oncall auth logout gitlab
    $ oncall auth logout --yes
    """
    home, form = _real(app_of(context)), one_format(output, as_json)
    kept = [service] if service else [each for each in NAMES if home.kept_token(each)]
    if not service and kept:
        names = ", ".join(NAMES[each] for each in kept)
        confirmer(home, yes)(f"Forget the tokens of {names} (profile {home.config_as_it_is.profile})?")
    outcomes = workflow.logout([(each, home.host(each)) for each in kept], home.forget_token)
    print_logout(home.streams, outcomes, form)
    if not kept:
        home.streams.say("The keyring has no token of this profile.")
    for each in kept:
        _say_what_wins(home, each)


@app.command()
def status(context: typer.Context, service: AnyService = None, output: ListOutput = None, as_json: Json = False) -> int:
    """Tell of each token where it lies, whose it is, what it may do until when, and whether its service takes it.

    \b
    $ oncall auth status
    $ oncall auth status gitlab --json
    """
    home = app_of(context)
    form = list_format(output, as_json, home)
    asked: list[Service] = [service] if service else list(NAMES)
    found = workflow.status([_sought(home, each, is_named=service is not None) for each in asked])
    print_status(home.streams, found, form)
    return worst(found, (ExitCode.AUTH, ExitCode.CONFIG))


def _real(home: App) -> App:
    if home.in_sandbox:
        raise UsageError("the sandbox needs no token, and keeps none", "leave out --sandbox, or unset ONCALL_SANDBOX")
    return home


def _where(home: App, service: Service) -> str:
    """Where a token will be kept; a keyring that can't keep it says so before anybody has typed one."""
    home.kept_token(service)
    return f"{KEYRING} ({home.keyring.name}) for {home.host(service)}, profile {home.config_as_it_is.profile}"


def _given(home: App, service: Service, stdin: bool, *, sure: bool) -> Token:
    """The token as it is typed or piped, checked, and hidden from then on."""
    name, streams = NAMES[service], home.streams
    if stdin:
        text, source = streams.read(workflow.LONGEST), "standard input"
    elif streams.interactive:
        streams.say(f"One is made at {made_at(service, getattr(home.config_as_it_is, service).url)}")
        text, source = streams.ask(f"{name} token for {home.host(service)}:", secret=True), "the prompt"
    else:
        raise UsageError(f"there is no terminal to ask for the {name} token on", f"oncall auth login {service} --stdin")
    return home.given(workflow.checked(service, text, sure=sure), source)


def _teller(home: App, service: Service, token: Token) -> Teller:
    """The service at the configured address, with a token."""
    config = home.config_as_it_is
    if service == "pagerduty":
        return home.setting_up.pagerduty(config.pagerduty.url, token, config.pagerduty.auth)
    if service == "gitlab":
        return home.setting_up.gitlab(config.gitlab.url, token)
    return home.setting_up.slack(config.slack.url, token)


def _sought(home: App, service: Service, *, is_named: bool) -> Sought:
    return Sought(
        service,
        home.host(service),
        is_named or home.config_as_it_is.uses(service),
        lambda: home.token(service),
        lambda token: _teller(home, service, token),
    )


def _say_what_wins(home: App, service: Service) -> None:
    """A variable beats the keyring: whoever doesn't know that wonders for a long time."""
    if name := home.variable(service):
        home.streams.warn(f"{name} is set, and wins over the keyring: unset {name}")
