"""The line that says that services are being asked comes when it takes a while, and goes before anything is printed."""

import re
import threading
import time

from secops_oncall.activity import PATIENCE, Activity
from secops_oncall.threads import each, parts


def test_it_is_drawn_after_a_while_and_taken_away() -> None:
    written: list[str] = []
    busy = True
    activity = Activity(written.append, lambda: busy, lambda: 80).start()
    activity.answered()
    time.sleep(PATIENCE / 2)
    assert written == [], "nothing flickers where the answer is quick"
    time.sleep(PATIENCE)
    assert re.match(r"\r\x1b\[K[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] asking… ", written[-1])
    assert written[-1].endswith(" s, 1 answer")
    busy = False
    activity.clear()
    assert written[-1] == "\r\x1b[K"
    count = len(written)
    activity.clear()
    time.sleep(0.3)
    assert len(written) == count, "and is not drawn again"


def test_work_of_many_parts_gets_a_bar_that_fits_the_terminal() -> None:
    written: list[str] = []
    room, may_end = 80, threading.Event()
    working = threading.Thread(target=each, args=(lambda n: n < 3 or may_end.wait(5), range(8)))
    working.start()
    Activity(written.append, lambda: not may_end.is_set(), lambda: room).start()
    time.sleep(PATIENCE + 0.4)
    assert written[-1].endswith(" s  ━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌ 3 of 8")
    room = 12
    time.sleep(0.3)
    assert len(written[-1]) == len("\r\x1b[K") + 11, "a longer one would break, and leave a part behind"
    may_end.set()
    working.join(5)
    assert parts() == (0, 0)
