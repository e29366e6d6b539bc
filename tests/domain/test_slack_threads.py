"""The threads that texts link."""

import pytest

from secops_oncall.domain.slack import Message
from secops_oncall.domain.slack_threads import threads

BASE = "https://acme.slack.com/archives"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"We talk in {BASE}/C0SECOPS/p1760000000000100.", [Message("C0SECOPS", "1760000000.000100")]),
        (
            f"{BASE}/C0SECOPS/p1760000009000200?thread_ts=1760000000.000100&cid=C0SECOPS",
            [Message("C0SECOPS", "1760000000.000100")],
        ),
        (f"{BASE}/C0SECOPS/p1760000000000100?thread_ts=nonsense", [Message("C0SECOPS", "1760000000.000100")]),
        (f"{BASE}/C0SECOPS", []),
        (f"{BASE}/C0SECOPS/p17", []),
        ("https://slack.com.evil.example/archives/C0SECOPS/p1760000000000100", []),
        ("https://[slack.com/archives/C0SECOPS/p1760000000000100", []),
    ],
)
def test_a_thread_by_the_url_of_a_message(text: str, found: list[Message]) -> None:
    assert threads([text]) == found


def test_several_in_order_and_each_once() -> None:
    one, two = f"{BASE}/C0SECOPS/p1760000000000100", f"{BASE}/C0OTHER/p1760000001000100"
    assert [each.channel for each in threads([f"{two} {one}", one])] == ["C0OTHER", "C0SECOPS"]
