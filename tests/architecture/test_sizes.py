"""How large files, functions and folders may get."""

import ast
import statistics
from collections import Counter
from pathlib import Path

import tsgen

ROOT = Path(tsgen.__file__).parent
FILES = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}
LINES, FOLDER, FUNCTION = 350, 16, 8
"""Lines of a file, files of a folder, and lines of half of all functions, at most."""

LARGER: dict[str, int] = {}
"""What is larger yet: it may shrink only, and leaves this table once it is within the limits."""


def sizes():
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in FILES.items()}
    folders = Counter(name.rpartition("/")[0] for name in FILES)
    return lines, folders


def test_no_file_and_no_folder_is_too_large_to_look_through():
    for found, limit in zip(sizes(), (LINES, FOLDER), strict=True):
        over = {name: size for name, size in found.items() if size > LARGER.get(name, limit)}
        assert not over, f"split by responsibility: {over}"


def test_what_was_larger_and_is_not_any_more_is_held_to_the_limits():
    lines, folders = sizes()
    within = [name for name, limit in ((n, LINES if n in lines else FOLDER) for n in LARGER)
              if (lines | folders).get(name, 0) <= limit]  # fmt: skip
    assert not within, f"take {within} off LARGER"


def test_most_functions_are_read_at_a_glance():
    lengths = []
    for path in FILES.values():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                start = node.body[1 if ast.get_docstring(node) and len(node.body) > 1 else 0]
                lengths.append(node.body[-1].end_lineno - start.lineno + 1)
    assert statistics.median(lengths) < FUNCTION
