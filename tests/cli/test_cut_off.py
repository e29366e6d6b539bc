"""Ctrl-C at the moment at which a picker opens: two lines, and no traceback of what was half made."""

import os
import sys
from pathlib import Path

import pexpect

PROGRAM = """
import asyncio.selector_events as events, sys, threading
from secops_oncall.__main__ import main
made = events.BaseSelectorEventLoop._make_self_pipe
def cut(self):
    if threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt
    made(self)
events.BaseSelectorEventLoop._make_self_pipe = cut
sys.argv = ["oncall", "ack"]
main()
"""


def test_what_was_half_made_is_not_told_of(tmp_path: Path) -> None:
    world = {**os.environ, "TERM": "xterm", "ONCALL_SANDBOX": "1", "ONCALL_STATE_DIR": str(tmp_path)}
    world["PYTHONWARNINGS"] = "d"
    running = pexpect.spawn(sys.executable, ["-c", PROGRAM], env=world, encoding="utf-8", timeout=30)
    running.expect(pexpect.EOF)
    running.close()
    told = str(running.before)
    assert "oncall: cancelled\r\n  hint: nothing more was sent\r\n" in told
    assert (running.exitstatus, "Traceback" in told, "never awaited" in told) == (130, False, False)
