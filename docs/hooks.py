"""What a build of the site adds: the part of the changelog on defaults that moved."""

import logging
from pathlib import Path

ROOT = Path(__file__).parent.parent
MARK = "<!-- changelog: defaults -->"


def on_startup(**_: object) -> None:
    """Let a subscript in an example, `facts["step"][:10]`, be no reference to a page."""
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("mkdocs.plugins.mkdocs_autorefs"):
            logging.getLogger(name).addFilter(lambda r: "target '\"" not in r.getMessage())


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the changelog's bullets where a page asks for them."""
    return markdown.replace(MARK, defaults_that_moved()) if MARK in markdown else markdown


def defaults_that_moved() -> str:
    """Return the bullets of the changelog's section on defaults."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    _, _, after = text.partition("defaults that moved")
    return after.partition("\n")[2].partition("\n### ")[0].strip()
