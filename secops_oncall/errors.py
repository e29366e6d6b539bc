"""Everything that can go wrong, in the two lines that the engineer reads, and its exit code."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process answers to its caller (interface.md, "Exit codes")."""

    OK = 0
    BUG = 1
    USAGE = 2
    CONFIG = 3
    AUTH = 4
    NOT_FOUND = 5
    REMOTE = 6
    PARTIAL = 7
    INCOMPLETE = 8
    CANCELLED = 130


WHEN = {
    ExitCode.OK: "done, already so, or nothing to list",
    ExitCode.BUG: "an error nobody foresaw",
    ExitCode.USAGE: "bad flags, missing input, or a question that nobody could be asked",
    ExitCode.CONFIG: "not set up, or the configuration is wrong",
    ExitCode.AUTH: "a token is missing, rejected, expired, or lacks a scope",
    ExitCode.NOT_FOUND: "a named page, issue, project, policy or schedule is not there",
    ExitCode.REMOTE: "a service is down, slow or rate-limited",
    ExitCode.PARTIAL: "outcomes are mixed, or one is refused, unknown, queued or reopened; an answer lacks a part",
    ExitCode.INCOMPLETE: "the hand-off has errors: handoff lint, handoff post",
    ExitCode.CANCELLED: "Ctrl-C, or No at a prompt",
}


class OncallError(Exception):
    """A failure that the engineer can act on: `message` says what is wrong, `hint` what to type next."""

    exit_code = ExitCode.BUG

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def lose(self, words: str) -> None:
        """Have the hint repeat words that were typed and are kept nowhere, unless it does so already."""
        if words and "not kept: " not in self.hint:
            self.hint += f"; not kept: {words}"


class UsageError(OncallError):
    """The command can't be carried out as it was typed."""

    exit_code = ExitCode.USAGE


class ConfigError(OncallError):
    """Not set up, or set up wrongly."""

    exit_code = ExitCode.CONFIG


class KeyringError(ConfigError):
    """The system has no keyring, or it is locked, refuses, or does not answer.

    `is_there` tells that there is one: what it has it doesn't tell.
    """

    def __init__(self, message: str, hint: str, *, is_there: bool = False) -> None:
        super().__init__(message, hint)
        self.is_there = is_there


class BrokenConfigError(ConfigError):
    """The configuration that counts can't be read, or isn't where it was said to be: nobody knows what it says."""


class AuthError(OncallError):
    """A token is missing, rejected, expired or lacks a scope."""

    exit_code = ExitCode.AUTH


class UntoldTokenError(AuthError):
    """There may be a token: the keyring that would have it doesn't tell."""


class NotFoundError(OncallError):
    """A page, issue, project, policy or schedule that was named is not there."""

    exit_code = ExitCode.NOT_FOUND


class RemoteError(OncallError):
    """A service is down, slow, out of patience, or answers with something that it shouldn't.

    `answered` is the HTTP status where the service said no, and None where a request may or may not
    have arrived: then the fate of a write is unknown until it is looked up. `silent`: nothing came back in time.
    """

    exit_code = ExitCode.REMOTE

    def __init__(self, message: str, hint: str, *, answered: int | None = None, silent: bool = False) -> None:
        super().__init__(message, hint)
        self.answered = answered
        self.silent = silent

    @property
    def in_doubt(self) -> bool:
        """Whether a write that ended so may have been carried out all the same."""
        return self.answered is None or self.answered >= 500


class RejectedError(RemoteError):
    """The service understood the request and refused it (400, 402, 409, 413, 422); `code` is its own word for why."""

    def __init__(self, message: str, hint: str, *, answered: int, code: str = "") -> None:
        super().__init__(message, hint, answered=answered)
        self.code = code


class Cancelled(OncallError):
    """The engineer said no, or pressed Ctrl-C."""

    exit_code = ExitCode.CANCELLED
