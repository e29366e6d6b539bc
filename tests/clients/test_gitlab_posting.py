"""What a hand-off asks of GitLab: a note's new text, a hand-over issue made and changed, and who somebody is."""

from dataclasses import replace

import pytest

from secops_oncall.cache import Cache
from secops_oncall.clients.gitlab import GitLabClient
from secops_oncall.clients.network import Network
from secops_oncall.domain.issues import GitLabUser, IssueEdit, NewIssue
from secops_oncall.domain.marks import Mark, issue_key
from secops_oncall.errors import AuthError, NotFoundError, OncallError, RemoteError
from secops_oncall.sandbox import cast
from secops_oncall.sandbox.control import Fault, add_fault
from secops_oncall.sandbox.gitlab_records import TIER
from secops_oncall.sandbox.server import Sandbox
from tests.clients.conftest import Reply, Service, asked, gitlab_at, gitlab_with

REF = "acme-security/operations#103"
SHIFT = "engineer/PANA001/2026-11-23T09:00:00Z"
MARK = Mark("handoff", SHIFT, issue_key(7))
NEW = NewIssue("acme-security/operations", "On-Call Handover 2026-11-23", "Hello.", confidential=True)
HANDOVER = Mark("handover", SHIFT, "shift")


def test_a_note_of_mine_gets_another_text_and_keeps_its_mark(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    note = gitlab.add_note(REF, "first", [str(MARK)], internal=True)
    sandbox.log.seen.clear()
    changed = gitlab.update_note(REF, note.id, "second\n\n* third", str(MARK))
    assert changed == replace(note, text="second\n\n* third")
    assert (changed.internal, changed.mark) == (True, MARK)
    assert gitlab.notes(REF)[-1] == changed
    assert asked(sandbox, "PUT")[0].endswith(f"/notes/{note.id}")


def test_nobody_changes_a_note_that_is_not_theirs(
    gitlab: GitLabClient, sandbox: Sandbox, network: Network, cache: Cache
) -> None:
    theirs = gitlab_with(sandbox, network, cache, "ben").add_note(REF, "first", [str(MARK)], internal=False)
    with pytest.raises(AuthError, match="may not do this"):
        gitlab.update_note(REF, theirs.id, "second", str(MARK))
    with pytest.raises(NotFoundError):
        gitlab.update_note(REF, 999_999, "second", str(MARK))


def test_a_note_s_new_text_is_sent_once(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    note = gitlab.add_note(REF, "first", [str(MARK)], internal=True)
    for fault, answered in (
        (Fault("PUT", "/notes/", 503), 503),
        (Fault("PUT", "/notes/", drop=True, after=True), None),
    ):
        add_fault(sandbox.store, fault)
        before = len(asked(sandbox, "PUT"))
        with pytest.raises(RemoteError) as caught:
            gitlab.update_note(REF, note.id, "second", str(MARK))
        assert (caught.value.answered, len(asked(sandbox, "PUT")) - before) == (answered, 1)
    assert gitlab.notes(REF)[-1].text == "second"


@pytest.mark.parametrize(("premium", "kept"), [(True, ("chen", "ana")), (False, ("chen",))])
def test_an_issue_is_made_for_two_as_far_as_the_server_allows(
    gitlab: GitLabClient, sandbox: Sandbox, premium: bool, kept: tuple[str, ...]
) -> None:
    if premium:
        with sandbox.store.state() as state:
            state.put(TIER, "premium", {})
    ids = tuple(cast.PEOPLE[name].number for name in ("chen", "ana"))
    made = gitlab.create(replace(NEW, assignees=ids), str(HANDOVER))
    assert (made.confidential, made.mark, made.assignees) == (True, HANDOVER, kept)
    assert gitlab.created(NEW.project, str(HANDOVER)) == gitlab.issue(made.ref)


def test_a_description_is_replaced_with_its_mark_and_nothing_else_is(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    made = gitlab.create(NEW, str(HANDOVER))
    changed = gitlab.edit(made, IssueEdit(description=f"Other words.\n\n{HANDOVER}"))
    assert (changed.description, changed.mark, changed.title) == ("Other words.", HANDOVER, made.title)
    assert (changed.confidential, changed.assignees) == (True, made.assignees)
    assert gitlab.created(NEW.project, str(HANDOVER)) == changed


def test_a_hand_over_issue_of_somebody_else_is_none_of_mine(
    gitlab: GitLabClient, sandbox: Sandbox, network: Network, cache: Cache
) -> None:
    gitlab_with(sandbox, network, cache, "ben").create(NEW, str(HANDOVER))
    assert gitlab.created(NEW.project, str(HANDOVER)) is None


def test_a_user_is_known_by_their_name_in_any_case_and_asked_for_once(gitlab: GitLabClient, sandbox: Sandbox) -> None:
    chen = cast.PEOPLE["chen"]
    for name in ("chen", "Chen", "chen"):
        assert gitlab.user(name) == GitLabUser(chen.number, "chen", chen.name)
    assert len([path for path in asked(sandbox, "GET") if path.endswith("/users")]) == 1


def test_a_stranger_is_nobody_and_asked_for_again(service: Service, network: Network, cache: Cache) -> None:
    gitlab = gitlab_at(service, network, cache)
    service.replies = [Reply(body=[]), Reply(body=[{"id": 9, "username": "new-here", "name": "New Here"}])]
    assert gitlab.user("new-here") is None
    assert gitlab.user("new-here") == GitLabUser(9, "new-here", "New Here")


def test_who_is_like_a_user_is_another(service: Service, network: Network, cache: Cache) -> None:
    service.replies = [Reply(body=[{"id": 9, "username": "chen2", "name": "Chen Two"}])]
    assert gitlab_at(service, network, cache).user("chen") is None


@pytest.mark.parametrize(("status", "kind"), [(403, AuthError), (404, NotFoundError), (500, RemoteError)])
def test_a_user_who_can_t_be_asked_for_is_an_error(
    service: Service, network: Network, cache: Cache, status: int, kind: type[OncallError]
) -> None:
    service.replies = [Reply(status=status, body={"message": f"{status} no"})]
    with pytest.raises(kind):
        gitlab_at(service, network, cache).user("chen")
