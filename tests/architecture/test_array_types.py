"""An array of one kind has one type everywhere: those of `tsgen.arrays`."""

import ast
from pathlib import Path

import pytest

import tsgen
from tsgen import arrays

ROOT = Path(tsgen.__file__).parent
HOME = ROOT / "arrays.py"
NAMES = {
    ast.unparse(node.value.slice): node.targets[0].id
    for node in ast.parse(HOME.read_text(encoding="utf-8")).body
    if isinstance(node, ast.Assign) and "NDArray" in ast.unparse(node.value)
}
"""The kind of numbers -> the name of its type."""


def written_again(source):
    """Yield the types that have a name in `tsgen.arrays`, and types that are named once more."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("NDArray"):
            if name := NAMES.get(ast.unparse(node.slice)):
                yield f"{node.lineno}: {ast.unparse(node)} is {name}"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) == "np.ndarray":
            parents = [n for n in ast.walk(tree) if isinstance(n, ast.arg | ast.FunctionDef)]
            typed = [n.annotation if isinstance(n, ast.arg) else n.returns for n in parents]
            if any(part is node for t in typed if t is not None for part in ast.walk(t)):
                yield f"{node.lineno}: np.ndarray does not say of what"


def test_every_kind_of_numbers_has_one_type():
    lines = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(ROOT.rglob("*.py"))
        if path != HOME
        for line in written_again(path.read_text(encoding="utf-8"))
    ]
    assert not lines


def test_the_types_are_exported():
    assert set(NAMES.values()) <= set(arrays.__all__)
    assert NAMES["np.float64"] == "Array"


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("Mine = npt.NDArray[np.float64]", 1),
        ("def f(x: NDArray[np.bool_]) -> None: ...", 1),
        ("def f(x: np.ndarray) -> dict[str, np.ndarray]: ...", 2),
        ("Spectra = npt.NDArray[np.complex128]", 0),
        ("isinstance(x, np.ndarray)", 0),
    ],
)
def test_what_is_written_again_is_seen(source, count):
    assert len(list(written_again(source))) == count
