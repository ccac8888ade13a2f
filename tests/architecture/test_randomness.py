"""Tests do not share a stream of random numbers: what each draws would depend on their order."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]
GENERATORS = {"default_rng", "RandomState", "Random", "Generator"}


def streams(tree: ast.Module) -> set[str]:
    """Return the names of generators that a module makes for all of its functions."""
    return {
        target.id
        for made in tree.body
        if isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
        for target in made.targets
        if isinstance(target, ast.Name)
        and ast.unparse(made.value.func).split(".")[-1] in GENERATORS
    }


def shared(source: str) -> list[str]:
    """Return the functions of a module that draw from a stream of the module."""
    tree = ast.parse(source)
    names = streams(tree)
    return [
        function.name
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and names & free_names(function)
    ]


def free_names(function: ast.FunctionDef) -> set[str]:
    """Return the names that a function reads and does not set itself."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return {node.id for node in names} - own - {arg.arg for arg in function.args.args}


def test_a_stream_that_functions_share_is_seen():
    made = "draw = np.random.default_rng(1)\nX = draw.random()\n"
    assert shared(made + "def test_a():\n    assert draw.random() < 1\n") == ["test_a"]
    assert shared(made + "def test_a():\n    assert X < 1\n") == []


def test_no_test_shares_one():
    found = {
        path.relative_to(TESTS): shared(path.read_text("utf-8")) for path in TESTS.rglob("*.py")
    }
    assert {path: names for path, names in found.items() if names} == {}
