"""`oncall demo`: a one-minute tour that types the commands of a shift and shows what they answer."""

import shlex
import time
from dataclasses import dataclass
from io import StringIO

import typer

from secops_oncall.app import App
from secops_oncall.cli.options import app_of
from secops_oncall.errors import ExitCode
from secops_oncall.streams import Streams

app = typer.Typer()
KEYSTROKE, READING = 0.02, 3.5  # seconds; only where somebody looks


@dataclass(frozen=True)
class Step:
    """One thing to do in a shift, and the command that does it."""

    why: str
    command: str
    most: int | None = None  # lines of the answer that the tour shows


STEPS = (
    Step("You hold the pager. Where do things stand?", "status"),
    Step("A canary token was opened. Take it: whoever acks first owns the page.", "ack 4117"),
    Step("One screen with all that is known of it.", "show"),
    Step("Write down what you see; the note knows the page in focus.", 'note "one source address, it is our scanner"'),
    Step("Who else is there, should you need them?", "who"),
    Step("The alarm is off; the work goes on in its issue.", "resolve 4117"),
    Step("The other duties: issues to review, and the Backlog.", "issues --label oncall --limit 5"),
    Step("Picking an item means owning it to completion.", "backlog --limit 3"),
    Step("The shift ends. The hand-off writes itself as far as facts go; judgement is yours.", "handoff", 30),
)


@app.command(rich_help_panel="Try it")
def demo(context: typer.Context) -> int:
    """Take a one-minute tour on the sandbox: no account, no token, no network.

    \b
    $ oncall demo
    $ oncall demo --no-color
    """
    home = app_of(context)
    folder = home.practice.demo_folder
    environ = {**home.environ, "ONCALL_STATE_DIR": str(folder), "ONCALL_SANDBOX": "1"}
    App(environ, home.streams, home.now).practice.reset()
    for step in STEPS:
        visitor = App(environ, home.streams, home.now)
        code = _play(step, visitor)
        visitor.close()
        if code:
            return code
    home.streams.say("\nNow yours: `oncall --sandbox status` begins a practice shift of your own.")
    return ExitCode.OK


def _play(step: Step, home: App) -> int:
    """Type a command and run it as this program would; of a long answer the tour shows the beginning."""
    from secops_oncall.cli.boundary import run

    screen, whole = home.streams, StringIO()
    _type(screen, f"\n# {step.why}\n$ oncall {step.command}\n")
    if step.most:
        home.streams = Streams(whole, environ=home.environ)
    code = run([*shlex.split(step.command), "--no-pager"], home)  # the tour goes on by itself
    lines = whole.getvalue().splitlines()
    for line in lines[: step.most]:
        screen.answer(line)
    if step.most and len(lines) > step.most:
        screen.answer(f"… and {len(lines) - step.most} more lines")
    screen.flush()
    if screen.is_terminal:
        time.sleep(READING)
    return code


def _type(streams: Streams, text: str) -> None:
    for letter in text:
        streams.stdout.write(letter)
        if streams.is_terminal:
            streams.flush()
            time.sleep(KEYSTROKE)
    streams.flush()  # what the command says on standard error comes behind it in a log, too
