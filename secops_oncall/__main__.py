"""`python -m secops_oncall`, and the `oncall` script."""

import sys


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    from secops_oncall.app import App
    from secops_oncall.cli.boundary import run

    sys.exit(run(sys.argv[1:], App()))


if __name__ == "__main__":
    main()
