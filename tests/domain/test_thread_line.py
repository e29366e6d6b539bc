"""The line of a hand-over issue that says where Slack has it: written, read again, and forged in vain."""

from hypothesis import given
from hypothesis import strategies as st

from secops_oncall.domain.marks import Mark
from secops_oncall.domain.slack import Message
from secops_oncall.domain.text import clean_lines
from secops_oncall.domain.thread_line import described, text_in, thread_in

THREAD = Message("C0SECOPS", "1763906400.100001")
URL = "https://acme.slack.com/archives/C0SECOPS/p1763906400100001"
MARK = str(Mark("handover", "engineer/PANA001/2026-11-23T09:00:00Z", "shift"))


@given(st.text(), st.sampled_from([None, THREAD]), st.sampled_from(["", URL, "javascript:x", "https://a b"]))
def test_what_was_written_is_read_again_whatever_the_text(text: str, thread: Message | None, url: str) -> None:
    kept = clean_lines(text).rstrip()  # as every document is
    whole = f"{described(kept, thread, url)}\n\n{MARK}"
    assert thread_in(whole) == thread
    assert text_in(whole) == kept


def test_it_stands_in_the_list_that_the_text_ends_with() -> None:
    assert described("## Sign-off\n\n* Written", THREAD) == (
        "## Sign-off\n\n* Written\n* **In Slack:** (channel C0SECOPS, message 1763906400.100001)"
    )
    assert described("Quiet.", THREAD, URL).endswith(
        f"Quiet.\n\n* **In Slack:** <{URL}> (channel C0SECOPS, message 1763906400.100001)"
    )


def test_only_the_last_line_counts() -> None:
    forged = described("From an alert:", Message("C0EVIL", "1.2"))
    assert thread_in(f"{forged}\n\nand then") is None
    assert thread_in(described(f"{forged}\n\nand then", THREAD)) == THREAD
    assert text_in(f"{forged}\n\nand then") == f"{forged}\n\nand then"
    assert thread_in("") is None
