"""Every module with logic has a test file of its own name, in the tree that mirrors the sources."""

import ast
from pathlib import Path

import pytest

import tsgen

ROOT = Path(tsgen.__file__).parent
TESTS = Path(__file__).parents[1]
FACES = {"__init__.py", "__main__.py"}
"""They only hand on what other modules define; `test_exports.py` and the commands test them."""


def does_something(function):
    """Whether a body is more than a docstring, `...`, `pass` or an error that it is not there."""
    for statement in function.body:
        if isinstance(statement, ast.Pass):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.Raise) and "NotImplementedError" in ast.unparse(statement):
            continue
        return True
    return False


def has_logic(source):
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return any(isinstance(n, functions) and does_something(n) for n in ast.walk(ast.parse(source)))


def namesake(path):
    folder = path.parent if path.parent.name else Path("foundation")
    return TESTS / folder / f"test_{path.name}"


WITH_LOGIC = [
    path.relative_to(ROOT)
    for path in sorted(ROOT.rglob("*.py"))
    if path.name not in FACES and has_logic(path.read_text(encoding="utf-8"))
]


def holds_tests(tests):
    return tests.is_file() and "def test_" in tests.read_text(encoding="utf-8")


def test_every_module_with_logic_has_a_test_file_of_its_own_name():
    absent = [namesake(path) for path in WITH_LOGIC if not holds_tests(namesake(path))]
    assert not absent, f"write {', '.join(str(p.relative_to(TESTS.parent)) for p in absent)}"


@pytest.mark.parametrize(
    ("source", "logic"),
    [
        ("X = 3", False),
        ("class Point:\n    x: int\n", False),
        ("class P(Protocol):\n    def f(self):\n        'Say.'\n        ...\n", False),
        ("class B:\n    def f(self):\n        raise NotImplementedError\n", False),
        ("def f():\n    'Say.'\n    return 1\n", True),
        ("class B:\n    def f(self):\n        self.x = 1\n", True),
    ],
)
def test_what_only_declares_needs_no_test(source, logic):
    assert has_logic(source) == logic
