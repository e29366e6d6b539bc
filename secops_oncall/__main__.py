"""`python -m secops_oncall`, and the `oncall` script."""

import gc
import sys

_MANY = 50_000  # objects between two looks for garbage: what is loaded at the start is none


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    gc.set_threshold(_MANY)
    from secops_oncall.app import App
    from secops_oncall.cli.boundary import run

    sys.exit(run(sys.argv[1:], App()))


if __name__ == "__main__":
    main()
