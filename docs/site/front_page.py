"""The README as the site's front page: its links, which begin at the top of the repository, begin at docs/ there."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

README = Path(__file__).parents[2] / "README.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the front page to the files of the site."""
    files.append(File.generated(config, "index.md", content=front_page(README.read_text("utf-8"))))
    return files


def front_page(readme: str) -> str:
    """The README's text with its links to `docs/` leading to the pages beside it."""
    return re.sub(r"\]\(docs/", "](", readme)
