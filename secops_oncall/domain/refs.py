"""How people name things: a page, an issue, a GitLab project."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

_PAGE_ID = re.compile(r"[A-Z][A-Z0-9]{5,25}", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"[0-9]{1,12}")
_PAGE_PATH = re.compile(r"/incidents/([A-Z0-9]+)/?", re.IGNORECASE)
_PROJECT = r"[\w.-]+(?:/[\w.-]+)+"
_ISSUE = re.compile(rf"({_PROJECT})#([0-9]{{1,12}})")
_ISSUE_PATH = re.compile(rf"/({_PROJECT})/-/(?:issues|work_items)/([0-9]{{1,12}})/?")
_ISSUE_OLD_PATH = re.compile(rf"/({_PROJECT})/issues/([0-9]{{1,12}})/?")
_MOVED = re.compile(r"moved to ((?:[\w.-]+/)*[\w.-]+)#([0-9]{1,12})")
_URL = re.compile(r"https?://[^\s<>\"'`)\]]+")
_WEB = re.compile(r"[\w.~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)  # RFC 3986: browsers take a backslash for a slash
_PAGE_WORD = re.compile(r"(?<![A-Z0-9])[PQR](?=[A-Z]*[0-9])[A-Z0-9]{6,25}(?![A-Z0-9])")


@dataclass(frozen=True)
class IssueRef:
    """A GitLab issue as people write it: `group/project#12`."""

    project: str
    iid: int

    def __str__(self) -> str:
        return f"{self.project}#{self.iid}"


def page(text: str) -> str | None:
    """The PagerDuty id (upper case) or number that a PAGE names, None where it is neither (nor a page's URL).

    Ids are strings that begin with a letter (pagerduty.md, 1.1); `GET /incidents/{id}` takes either.
    """
    word = text.strip()
    if "://" in word:
        url = parts(word)
        found = _PAGE_PATH.fullmatch(url.path) if url else None
        return found[1].upper() if found and lies_on(word, "pagerduty.com") else None
    if _PAGE_NUMBER.fullmatch(word):
        return str(int(word))
    return word.upper() if _PAGE_ID.fullmatch(word) else None


def host(text: str) -> str:
    """The host that a URL names, in lower case; nothing where a text is no URL."""
    url = parts(text.strip())
    return (url.hostname or "") if url else ""


def lies_on(url: str, domain: str) -> bool:
    """Whether a URL's host is a domain or one below it; what looks like one elsewhere in a URL proves nothing."""
    return f".{host(url)}".endswith(f".{domain}")


def issue(text: str, gitlab_url: str, projects: tuple[str, ...] = ()) -> IssueRef | None:
    """The issue that an ISSUE names: `group/project#12`, a URL on `gitlab_url`, or `12` where there is one project."""
    word = text.strip()
    if "://" in word:
        return issue_at(word, gitlab_url)
    found = _ISSUE.fullmatch(word)
    if found:
        return IssueRef(found[1], int(found[2]))
    number = word.removeprefix("#")
    if _PAGE_NUMBER.fullmatch(number) and len(projects) == 1:
        return IssueRef(projects[0], int(number))
    return None


def issue_at(url: str, gitlab_url: str) -> IssueRef | None:
    """The issue at a URL, if it lies on the configured GitLab (which may have a path of its own)."""
    found, base = parts(url), urlsplit(gitlab_url)
    root = base.path.rstrip("/")
    if found is None or found.netloc.lower() != base.netloc.lower() or not found.path.startswith(root + "/"):
        return None
    path = unquote(found.path[len(root) :])
    match = _ISSUE_PATH.fullmatch(path) or _ISSUE_OLD_PATH.fullmatch(path)
    return IssueRef(match[1], int(match[2])) if match else None


def issue_url(ref: str, gitlab_url: str) -> str:
    """Where the issue `group/project#12` lies on the configured GitLab."""
    project, _, iid = ref.rpartition("#")
    return f"{gitlab_url.rstrip('/')}/{project}/-/issues/{iid}"


def is_web(url: str) -> bool:
    """Whether a text is a URL of the web and nothing else: http(s), a host, no user name, no character to quote."""
    found = parts(url)
    plain = found is not None and "@" not in found.netloc and _WEB.fullmatch(url) is not None
    return plain and found is not None and found.scheme in ("http", "https") and bool(found.hostname)


def is_safe(url: str, gitlab_url: str) -> bool:
    """Whether a URL may be opened: http(s), without a user name, on PagerDuty's web or on the configured GitLab."""
    found, base = parts(url), urlsplit(gitlab_url)
    if found is None or not is_web(url):
        return False
    if lies_on(url, "pagerduty.com"):
        return True
    return (found.scheme, found.netloc.lower()) == (base.scheme, base.netloc.lower())


def urls(text: str) -> list[str]:
    """Every http(s) URL in a text, in order, without the full stop or comma that ends its sentence."""
    return [found.rstrip(".,;:!?") for found in _URL.findall(text)]


def issues_in(text: str, gitlab_url: str) -> list[IssueRef]:
    """Every issue whose URL on the configured GitLab stands in a text, in order, each once."""
    found = (issue_at(url, gitlab_url) for url in urls(text))
    return list(dict.fromkeys(ref for ref in found if ref))


def pages_in(text: str) -> set[str]:
    """The ids of every page that a text names, by URL or by id."""
    paths = (there.path for url in urls(text) if (there := parts(url)))
    by_url = {found[1].upper() for path in paths if (found := _PAGE_PATH.search(path))}
    return by_url | set(_PAGE_WORD.findall(text))


def parts(url: str) -> SplitResult | None:
    """A URL's parts; None for what only looks like one: remote text may hold anything."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def moved_to(note: str, project: str) -> str | None:
    """Where a system note says that an issue of a project was moved, as `group/project#12`.

    GitLab leaves out the namespace where it stays the same (lib/gitlab/references, `to_reference`).
    """
    found = _MOVED.fullmatch(note.strip())
    if found is None:
        return None
    namespace = "" if "/" in found[1] else project.rpartition("/")[0] + "/"
    return f"{namespace}{found[1]}#{found[2]}"
