"""`python -m secops_oncall`, and the `oncall` script."""

import gc
import os
import sys

_MANY = 50_000  # objects between two looks for garbage: what is loaded at the start is none


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    gc.set_threshold(_MANY)
    sys.unraisablehook = _unheard
    if "_ONCALL_COMPLETE" in os.environ:
        _complete()
    hint = "nothing was sent"
    try:
        from secops_oncall.app import App
        from secops_oncall.cli.boundary import run

        app, hint = App(), "oncall pages, to see what was made"
        code = run(sys.argv[1:], app)
    except KeyboardInterrupt:  # while it is loaded, or the second one, while the first is told
        sys.stderr.write(f"oncall: cancelled\n  hint: {hint}\n")
        code = 130
    sys.exit(code)


def _unheard(unraisable: "sys.UnraisableHookArgs") -> None:
    """Nothing is said of what nobody can catch: half of a loop that Ctrl-C cut off is swept up behind the answer."""


def _complete() -> None:
    """Answer a shell that asks how a command line may go on, and leave; what goes wrong is nothing to offer."""
    from contextlib import suppress
    from datetime import UTC, datetime

    told: tuple[str, int] | None = "", 1
    with suppress(Exception):
        from secops_oncall.completion import answer

        told = answer(os.environ, lambda: datetime.now(UTC))
    if told:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stdout.write(told[0] + "\n" if told[0] else "")
        sys.exit(told[1])


if __name__ == "__main__":
    main()
