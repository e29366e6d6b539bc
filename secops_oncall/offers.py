"""What the last lists named, kept for completion: open pages, issues of the Backlog, people."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from secops_oncall.cache import Cache
from secops_oncall.domain.completing import Offer
from secops_oncall.domain.text import shorten

if TYPE_CHECKING:
    from secops_oncall.domain.issues import Issue
    from secops_oncall.domain.pages import Page
    from secops_oncall.domain.people import OnDuty

# By what help calls them: the lists that they are found in, and how long each is worth anything.
LISTS: dict[str, dict[str, timedelta]] = {
    "PAGE": {"pages": timedelta(hours=12)},
    "ISSUE": {"backlog": timedelta(days=1), "mine": timedelta(days=7)},
    "USER": {"people": timedelta(days=7)},
}
MOST = 200  # of each: nobody looks through more
LONGEST = 80  # characters of a title


class Offers:
    """What this command has listed; kept once it has answered, for `whose` token alone (its digest)."""

    def __init__(self, cache: Cache, whose: str) -> None:
        self._cache, self._whose = cache, whose
        self._found: dict[str, list[Offer]] = {}

    def pages(self, pages: "Iterable[Page]") -> None:
        """Every open page, in place of those that were open before."""
        self._found["pages"] = [Offer(str(page.number), page.title) for page in pages]

    def issues(self, name: str, issues: "Iterable[Issue]") -> None:
        """The issues of a list, `backlog` or `mine`; the title of a confidential one stays where it is."""
        self._found[name] = [Offer(each.ref, "" if each.confidential else each.title) for each in issues]

    def people(self, people: "Iterable[OnDuty]") -> None:
        """People by their e-mail."""
        self._found["people"] = [Offer(each.email, each.name or "") for each in people if each.email]

    def keep(self) -> None:
        """Keep what was found, each list in place of the last one."""
        for name, offers in self._found.items():
            rows = [[each.value, shorten(each.about, LONGEST)] for each in offers[:MOST]]
            self._cache.put(f"offers {name} {self._whose}", rows)


def kept(cache: Cache, whose: str, kind: str) -> list[Offer]:
    """What was kept for a token and a kind of value, such as PAGE, and is young enough to be worth anything."""

    def read(rows: list[list[str]]) -> list[Offer]:
        return [Offer(str(value), str(about)) for value, about in rows]

    lists = LISTS.get(kind, {})
    found = [cache.get(f"offers {name} {whose}", lasting, read=read) or [] for name, lasting in lists.items()]
    return [offer for some in found for offer in some]
