"""Write the tutorials as notebooks without outputs: `python docs/notebooks.py`."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
PLACE = ROOT / "examples" / "notebooks"


def notebook(text: str) -> str:
    """Return a tutorial as a notebook: code blocks are cells, the rest is text between them."""
    parts = re.split(r"```python\n(.*?)```\n?", text, flags=re.DOTALL)
    cells = [
        _cell(place, part.strip(), "code" if place % 2 else "markdown")
        for place, part in enumerate(parts)
        if part.strip()
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _cell(place: int, text: str, kind: str) -> dict[str, object]:
    text = re.sub(r"\[([^]]*)\]\([^)]*\.md\)", r"\1", text)  # links within the site lead nowhere
    cell = {"cell_type": kind, "id": f"cell-{place}", "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell | {"source": text.splitlines(keepends=True)}


if __name__ == "__main__":
    PLACE.mkdir(parents=True, exist_ok=True)
    for path in TUTORIALS:
        text = notebook(path.read_text(encoding="utf-8"))
        (PLACE / f"{path.stem}.ipynb").write_text(text, encoding="utf-8")
