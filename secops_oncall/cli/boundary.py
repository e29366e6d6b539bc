"""The one place where everything that can go wrong becomes two lines and an exit code."""

import traceback
from collections.abc import Sequence
from functools import cache
from typing import Any

import typer
from typer.main import get_command

from secops_oncall.app import App
from secops_oncall.cli.banner import end
from secops_oncall.errors import ExitCode, OncallError

LONG = 240  # characters of a usage error
_CUT = ExitCode.CANCELLED


def run(arguments: Sequence[str], app: App) -> int:
    """Run one command line, hand on what it wrote, and answer the exit code; nothing is raised, not even by Ctrl-C."""
    code = _told(arguments, app)
    try:
        _behind(app, code)
    except (OncallError, OSError, KeyboardInterrupt):
        pass  # the answer or its error is told, and what comes behind it is no reason to complain
    except Exception as error:  # noqa: BLE001 - as in `_told`
        return _bug(error, app)
    return code


def _behind(app: App, code: int) -> None:
    """What comes behind an answer or its error: the banner, and then what completion and an outage would need.

    In a pipe nothing is asked for an outage: whoever reads it waits until this process has ended.
    """
    if code != _CUT:
        end(app)
    app.streams.flush()
    if "offers" in vars(app):
        app.offers.keep()
    if code in (ExitCode.OK, ExitCode.PARTIAL) and "pagerduty" in vars(app):
        _keep_roster(app)


def _keep_roster(app: App) -> None:
    from secops_oncall.workflows.roster import keep_daily

    allowed = app.config.cache.contacts
    if app.streams.is_terminal or not allowed:
        keep_daily(app.pagerduty, app.config.role_names, app.now(), allowed=allowed)


def _told(arguments: Sequence[str], app: App) -> int:
    try:
        code = _run(arguments, app)
        app.streams.flush()  # only now a full disk shows
        return code
    except OncallError as error:
        return _said(app, error.message, error.hint, error.exit_code)
    except typer.TyperException as error:
        return _said(app, *_usage(error), ExitCode.USAGE)
    except (typer.Abort, KeyboardInterrupt, EOFError):
        if app.has_written:
            return _said(app, "cancelled while a change was on its way", "oncall pages, to see if it was made", _CUT)
        return _said(app, "cancelled", "nothing more was sent", _CUT)
    except SystemExit:  # Typer's and Rich's answer to a reader who left early
        return ExitCode.OK
    except OSError as error:
        return _system(error, app)
    except Exception as error:  # noqa: BLE001 - the boundary: what nobody foresaw still gets two lines
        return _bug(error, app)


def _run(arguments: Sequence[str], app: App) -> int:
    answer = _root().main(list(arguments), prog_name="oncall", standalone_mode=False, obj=app)
    if answer == ExitCode.CANCELLED:  # Typer turns Ctrl-C into this code by itself
        raise KeyboardInterrupt
    return int(answer or ExitCode.OK)


@cache
def _root() -> Any:
    """The commands, which are made once: the tour runs nine of them in one process."""
    from secops_oncall.cli.root import app

    return get_command(app)


def _said(app: App, message: str, hint: str, code: ExitCode) -> int:
    """An error's two lines, and its exit code."""
    app.streams.error(message, hint)
    return code


def _system(error: OSError, app: App) -> int:
    """What the operating system refused, which is no bug: the code is that of a journal which can't be written.

    A write whose outcomes stand on standard error is not to be run again.
    """
    reason = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
    again = "make room or give the right to it, and run it again"
    hint = "what was done stands above: make room, and don't run it again" if app.streams.reported else again
    return _said(app, f"the system says: {reason}", hint, ExitCode.CONFIG)


def _usage(error: typer.TyperException) -> tuple[str, str]:
    """Typer's own usage error as two lines; what was typed is repeated cleaned and short."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context else "oncall"
    if context and hasattr(error, "possibilities"):
        from secops_oncall.cli.meant import no_such_option

        return no_such_option(str(getattr(error, "option_name", "")), context)
    message = error.format_message().replace("Value error, ", "").rstrip(".")
    if len(message) > LONG:  # what was typed stands in its middle, the choices at its end
        message = f"{message[: LONG // 2]}…{message[-LONG // 2 :]}"
    return message, f"{path} --help"


def _bug(error: Exception, app: App) -> int:
    """An error that nobody foresaw: two lines, and the traceback only under --verbose."""
    if app.options.verbose:
        app.streams.say("".join(traceback.format_exception(error)))
    app.streams.error(
        f"a bug in oncall: {type(error).__name__}: {error}", "run it again with --verbose, and report what it prints"
    )
    return ExitCode.BUG
