"""What a version changed, for its release: `python docs/site/changes.py v0.1.0` prints its part of the change log."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def changes(tag: str, version: str, log: str) -> str:
    """The part of a change log about the version that a tag names; SystemExit where one of the three isn't ready."""
    if tag != f"v{version}":
        raise SystemExit(
            f"the tag is {tag}, the version {version}: tag v{version}, or change secops_oncall/__init__.py"
        )
    found = re.search(rf"^## {re.escape(version)} - (\S+)\n+(.*?)(?=^## |\Z)", log, re.MULTILINE | re.DOTALL)
    if not found or not re.fullmatch(r"\d{4}-\d\d-\d\d", found[1]):
        raise SystemExit(f"docs/changelog.md has no day for {version}: ## {version} - YEAR-MONTH-DAY")
    return found[2]


if __name__ == "__main__":
    (version,) = re.findall(r'__version__ = "(.+?)"', (ROOT / "secops_oncall" / "__init__.py").read_text("utf-8"))
    sys.stdout.write(changes(sys.argv[1], version, (ROOT / "docs" / "changelog.md").read_text("utf-8")))
