"""The store: documents that a request sees whole or not at all, whoever else writes."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from secops_oncall.sandbox.store import Store

COUNT_TO_50 = """
import sys
from pathlib import Path
from secops_oncall.sandbox.store import Store
store = Store(Path(sys.argv[1]))
for _ in range(50):
    with store.state() as state:
        state.put("seen", state.next("number"), {})
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "folder" / "sandbox.sqlite3")


def test_a_document_is_found_by_its_kind_its_id_and_its_parent(store: Store) -> None:
    with store.state() as state:
        state.put("page", 1, {"title": "one"}, parent="open")
        state.put("page", 2, {"title": "two"}, parent="closed")
        state.put("note", 1, {"title": "another kind"})
    with store.state() as state:
        assert state.get("page", "1") == {"title": "one"}
        assert state.get("page", 3) is None
        assert state.all("page", "open") == [{"title": "one"}]
        assert len(state.all("page")) == 2


def test_writing_it_again_replaces_it_and_moves_it_to_its_new_parent(store: Store) -> None:
    with store.state() as state:
        state.put("page", 1, {"title": "one"}, parent="open")
        state.put("page", 1, {"title": "uno"}, parent="closed")
        assert state.all("page", "open") == []
        assert state.all("page", "closed") == [{"title": "uno"}]


def test_a_range_comes_in_the_order_of_its_ids(store: Store) -> None:
    with store.state() as state:
        for key in ("2026-03", "2026-01", "2026-02", "2027-01"):
            state.put("due", key, {"key": key})
        assert [each["key"] for each in state.between("due", "", "2026~")] == ["2026-01", "2026-02", "2026-03"]
        assert [each["key"] for each in state.between("due", "2026-02", "2028", limit=2)] == ["2026-02", "2026-03"]


def test_what_fails_or_is_discarded_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.state() as state:
        state.put("page", 1, {})
        raise ZeroDivisionError
    with store.state() as state:
        state.put("page", 2, {})
        state.next("number")
        state.discard()
    with store.state() as state:
        assert state.all("page") == []
        assert state.next("number") == 1


def test_a_counter_begins_where_it_is_told_and_clear_begins_it_anew(store: Store) -> None:
    with store.state() as state:
        assert [state.next("issue", 100), state.next("issue", 100), state.next("note")] == [100, 101, 1]
        state.put("page", 1, {})
    store.clear()
    with store.state() as state:
        assert state.all("page") == []
        assert state.next("issue", 100) == 100


def test_threads_and_processes_take_turns(store: Store) -> None:
    others = [subprocess.Popen([sys.executable, "-c", COUNT_TO_50, str(store.path)]) for _ in range(2)]

    def count(_: int) -> None:
        with store.state() as state:
            state.put("seen", state.next("number"), {})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(50)))
    assert [other.wait(20) for other in others] == [0, 0]
    with store.state() as state:
        assert len(state.all("seen")) == 150
        assert state.next("number") == 151


def test_the_version_rises_with_every_request_that_wrote_something(store: Store) -> None:
    def version() -> int:
        with store.state() as state:
            state.all("page")
            return state.version

    seen = [version(), version()]
    with store.state() as state:
        state.put("page", 1, {})
    seen.append(version())
    with Store(store.path).state() as state:
        state.delete("page", 1)
    seen.append(version())
    with store.state() as state:
        state.put("page", 2, {})
        state.discard()
    seen.append(version())
    store.clear()
    seen.append(version())
    assert seen == [0, 0, 1, 2, 2, 3]
