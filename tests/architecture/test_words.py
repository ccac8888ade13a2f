"""Names are those of things: what was done with a thing, or that there is one, is no name of it."""

import ast
import re
from pathlib import Path

import pytest

import tsgen

ROOT = Path(tsgen.__file__).parent
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))

REFUSED = {
    "told": "the prediction, the answer",
    "tell": "print, warn or report",
    "dress": "with its units, its calendar",
    "dressed": "in units, on a calendar",
    "spelt": "as text",
    "known": "observed, trained, given, or what is known",
    "found": "what was looked for",
    "some": "active, observed: those that have what",
    "chance": "probability; or uniforms, where it is a draw",
}
"""Words that give way, and what usually takes their place."""


def names_in(tree):
    """Yield (line, name) of every function, class, argument and variable that is bound."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.lineno, node.name


def words_of(name):
    """Split snake_case and CamelCase into words."""
    return re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower())


def refused(source):
    """Yield a sentence for every name with a refused word."""
    for line, name in names_in(ast.parse(source)):
        for word in REFUSED.keys() & set(words_of(name)):
            yield f"{line}: {name} (say {REFUSED[word]})"


def test_names_say_what_a_thing_is():
    sentences = [
        f"{path}:{sentence}"
        for path in MODULES
        for sentence in refused((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert not sentences


def test_so_do_names_of_files_and_folders():
    parts = {part for path in MODULES for part in path.removesuffix(".py").split("/")}
    assert not [part for part in sorted(parts) if REFUSED.keys() & set(words_of(part))]


def test_shares_are_written_one_way():
    """By `displays.percent`, "36.2 %"; "gain_at_10%" is the name of a measure."""
    form = re.compile(r":[+,.\d]*%}")
    written = [path for path in MODULES if form.search((ROOT / path).read_text(encoding="utf-8"))]
    assert written == ["evaluation/audience/measures.py"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("found = 1", ["found"]),
        ("def f(known): ...", ["known"]),
        ("def _tell_of_it(): ...", ["_tell_of_it"]),
        ("class ChanceMap: ...", ["ChanceMap"]),
        ("self.some = 2", ["some"]),
        ("for told in x: ...", ["told"]),
        ("if (found := x): ...", ["found"]),
        ("import x as found", ["found"]),
        ("foundation = unknown = handsome = 1", []),
        ("print(found, f(known=3), x.some)", []),  # use is not binding
    ],
)
def test_what_is_bound_is_seen(source, names):
    assert [sentence.split(" ")[1] for sentence in refused(source)] == names
