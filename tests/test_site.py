"""The site is built strictly, asks no other server for anything, and its pages are those of the repository."""

import re
from collections import Counter
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from secops_oncall import __version__

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
PARTS = {"heading_open": "h", "list_item_open": "li", "table_open": "table", "fence": "pre", "image": "img"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site; a warning of MkDocs ends it: a dead link or anchor, a page that the list lacks."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    folder = tmp_path_factory.mktemp("site")
    build(load_config(str(ROOT / "docs" / "site" / "mkdocs.yml"), site_dir=str(folder), strict=True))
    return folder


def test_every_page_is_there(site: Path) -> None:
    """The README is the front page, and nothing but pages and pictures comes along."""
    assert {page.stem for page in site.glob("*.html")} == {"404", "index", *(page.stem for page in PAGES)}
    assert {file.suffix for file in site.glob("*.*")} == {".html", ".svg", ".xml", ".gz"}


def test_no_page_asks_another_server(site: Path) -> None:
    for page in site.glob("*.html"):
        loaded = re.findall(
            r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=\"?((?:https?:)?//[^\" >]+)", page.read_text()
        )
        assert not loaded, page.name


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_a_page_shows_there_what_it_shows_in_the_repository(page: Path, site: Path) -> None:
    """GitLab and the site read Markdown by different rules: a list without a blank line above is none for the site."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8"))
    flat = [inner for token in tokens for inner in (token, *(token.children or ()))]
    expected = Counter(PARTS[token.type] for token in flat if token.type in PARTS)
    built = (site / ("index.html" if page.name == "README.md" else f"{page.stem}.html")).read_text("utf-8")
    article = re.search(r"<article.*?</article>", built, re.DOTALL)
    assert article
    text = re.sub(r"<footer.*|<aside.*?</aside>", "", article[0], flags=re.DOTALL)
    found = Counter(tag.rstrip("123456") for tag in re.findall(r"<(h[1-6]|li|table|pre|img)\b", text))
    assert found == expected


def test_the_newest_change_is_this_version() -> None:
    """Its day is in place of `unreleased` when the version is tagged; the release job wants that."""
    versions = re.findall(
        r"^## (\S+) - (unreleased|\d{4}-\d\d-\d\d)$", (ROOT / "docs/changelog.md").read_text(), re.MULTILINE
    )
    assert versions[0][0] == __version__
    assert "unreleased" not in [day for _, day in versions[1:]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    for named in re.findall(r"`([\w.]+/[\w./]+\.py)`", page.read_text("utf-8")):
        assert any((ROOT / room / named).exists() for room in ("", "secops_oncall")), named
