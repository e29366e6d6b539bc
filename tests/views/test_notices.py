from secops_oncall.domain import notices
from secops_oncall.domain.handles import Handles
from secops_oncall.domain.notices import About
from secops_oncall.domain.outcomes import Outcome, Result
from secops_oncall.views.notices import add_told, say_notice
from secops_oncall.views.outcomes import Answer
from tests.views.samples import ANA, HOSTILE, LEAK_ISSUE, Consoles

NOTICE = notices.update(About(LEAK_ISSUE, ANA, ANA, Handles()), HOSTILE)


def test_a_notice_is_shown_as_it_would_go_out_and_drives_no_terminal() -> None:
    consoles = Consoles(width=160)
    say_notice(consoles.streams, NOTICE, NOTICE.mrkdwn(whole=False))
    assert "--- note on acme/operations#101\n" in consoles.err
    assert "--- message in Slack\n*Incident* " in consoles.err
    assert "\x1b" not in consoles.err and consoles.out == ""
    consoles = Consoles()
    say_notice(consoles.streams, NOTICE, None)
    assert "Slack" not in consoles.err


def test_each_place_has_its_own_word() -> None:
    consoles = Consoles()
    note = Outcome("1", Result.DONE, ref="g/p#1", place="gitlab-note", message="internal")
    message = Outcome("#secops", Result.DONE, ref="g/p#1", place="slack", message="in #secops")
    with Answer(consoles.streams, "text") as answer:
        add_told(answer, [note, message])
    assert consoles.out_lines == ["✓ noted g/p#1: internal", "✓ posted g/p#1: in #secops"]
