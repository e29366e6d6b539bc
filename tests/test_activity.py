"""The line that says that services are being asked comes when it takes a while, and goes before anything is printed."""

import time

from secops_oncall.activity import PATIENCE, Activity


def test_it_is_drawn_after_a_while_and_taken_away() -> None:
    written: list[str] = []
    busy = True
    activity = Activity(written.append, lambda: busy).start()
    activity.answered()
    time.sleep(PATIENCE / 2)
    assert written == [], "nothing flickers where the answer is quick"
    time.sleep(PATIENCE)
    assert written[-1].startswith("\r\x1b[K  asking… ")
    assert written[-1].endswith(" s, 1 answer")
    busy = False
    activity.clear()
    assert written[-1] == "\r\x1b[K"
    count = len(written)
    activity.clear()
    time.sleep(0.3)
    assert len(written) == count, "and is not drawn again"
