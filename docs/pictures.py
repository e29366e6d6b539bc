"""Draw the terminal pictures of the docs: `python docs/pictures.py` writes them beside this file."""

import re
import tempfile
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from secops_oncall.app import App
from secops_oncall.cli.boundary import run
from secops_oncall.streams import Streams

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 14, 7, tzinfo=UTC)
WIDTH = 100
PICTURES = {"status.svg": ["status"], "show.svg": ["show", "4112"], "incidents.svg": ["incident"]}


class Screen(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def draw(command: list[str]) -> str:
    """What a command shows on the sandbox at a fixed moment, as SVG that loads nothing from anywhere."""
    with tempfile.TemporaryDirectory() as folder:
        world = {"ONCALL_STATE_DIR": folder, "ONCALL_SANDBOX": "1", "COLUMNS": str(WIDTH), "FORCE_COLOR": "1"}
        screen = Screen()
        app = App(world, Streams(screen, StringIO(), StringIO(), environ=world), lambda: NOW)
        run(command, app)
        app.close()
    prompt = Text(f"$ oncall {' '.join(command)}\n", "dim")
    # The sandbox's port differs from run to run, and says nothing.
    answer = re.sub(r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:8484", screen.getvalue())
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    console.print(prompt + Text.from_ansi(answer))
    svg = console.export_svg(title="oncall", unique_id=command[0])
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    for name, command in PICTURES.items():
        (HERE / name).write_text(draw(command), "utf-8")
