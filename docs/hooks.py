"""What a build of the site adds: the part of the changelog on defaults that moved."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
MARK = "<!-- changelog: defaults -->"


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the changelog's bullets where a page asks for them."""
    return markdown.replace(MARK, defaults_that_moved()) if MARK in markdown else markdown


def defaults_that_moved() -> str:
    """Return the bullets of the changelog's section on defaults."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    _, _, after = text.partition("defaults that moved")
    return after.partition("\n")[2].partition("\n### ")[0].strip()
