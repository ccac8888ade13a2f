"""Small faults, one at a time, as changes of a module's syntax tree.

Kinds: another comparison, another arithmetic or logical operator, a lost sign or `not`, another
constant, a negated condition, a removed statement, two arguments swapped, a keyword left out. What
no test should see is left alone: docstrings, annotations, decorators, `__all__`, texts, and the
words of errors and of the log.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Mutant", "mutants_of"]

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_LEFT_ALONE = {
    "annotation",
    "returns",
    "decorator_list",
    "type_params",
    "ctx",
    "bases",
    "ops",
    "op",
}
_WORDS = {"logger", "warnings"}
_ANY_ORDER = {"min", "max", "minimum", "maximum", "union1d", "isinstance"}
"""Functions whose arguments have no order, or whose swapped arguments are no program."""


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Attributes:
        line: Where it is.
        before: The code there.
        after: What stands there instead.
        source: The whole module with the fault.
    """

    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.before}  ->  {self.after}"


Place = tuple[str | int, ...]
"""Fields and positions on the way from the module to a node."""


def mutants_of(source: str) -> list[Mutant]:
    """Return every mutant of a module, in the order of the places."""
    tree = ast.parse(source)
    found = []
    for place, node in _nodes(tree, ()):
        for change in _changes(node):
            mutated = copy.deepcopy(tree)
            fresh = change(copy.deepcopy(node))
            _put(mutated, place, fresh)
            text = ast.unparse(ast.fix_missing_locations(mutated))
            found.append(Mutant(node.lineno, _short(node), _short(fresh), text + "\n"))
    return found


def _nodes(node: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    """Yield all nodes that may be changed, with their places."""
    if isinstance(node, ast.expr | ast.stmt):
        yield place, node
    if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.JoinedStr) or _is_said(node):
        return
    for name, value in ast.iter_fields(node):
        if name in _LEFT_ALONE:
            continue
        parts = enumerate(value) if isinstance(value, list) else [(None, value)]
        for position, part in parts:
            if isinstance(part, ast.AST):
                yield from _nodes(part, (*place, name, *(() if position is None else (position,))))


def _is_said(node: Any) -> bool:
    """Return whether a statement is a docstring, `__all__`, a warning or a line of the log."""
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    value = node.value if isinstance(node, ast.Expr) else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return isinstance(value.func.value, ast.Name) and value.func.value.id in _WORDS
    return isinstance(value, ast.Constant)


def _put(tree: ast.Module, place: Place, fresh: ast.AST) -> None:
    target: Any = tree
    for step in place[:-1]:
        target = target[step] if isinstance(step, int) else getattr(target, step)
    last = place[-1]
    if isinstance(last, int):
        target[last] = fresh
    else:
        setattr(target, last, fresh)


Change = Callable[[Any], ast.AST]


def _changes(node: Any) -> Iterator[Change]:
    """Yield functions that make a fault of a copy of a node."""
    if isinstance(node, ast.Compare):
        for k, operator in enumerate(node.ops):
            for other in _COMPARISONS[type(operator)]:
                yield lambda n, k=k, other=other: _with(n, ops=_replaced(n.ops, k, other()))
    elif isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp):
        if other := _OPERATORS.get(type(node.op)):
            yield lambda n: _with(n, op=other())
    elif isinstance(node, ast.UnaryOp):
        yield lambda n: n.operand
    elif isinstance(node, ast.Constant):
        yield from (lambda n, v=v: ast.copy_location(ast.Constant(v), n) for v in _values(node))
    elif isinstance(node, ast.Call):
        yield from _call_changes(node)
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield lambda n: _with(n, test=ast.UnaryOp(ast.Not(), n.test))
    if _may_go(node):
        yield lambda n: ast.copy_location(ast.Pass(), n)


def _values(node: ast.Constant) -> tuple[Any, ...]:
    """Return other values of a constant."""
    value = node.value
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value + 1, value - 1
    return (2 * value or 1.0, value / 2) if isinstance(value, float) else ()


def _call_changes(node: ast.Call) -> Iterator[Change]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    for k in range(0 if name in _ANY_ORDER else len(node.args) - 1):
        pair = node.args[k : k + 2]
        if not any(isinstance(part, ast.Starred) for part in pair):
            yield lambda n, k=k: _with(
                n, args=[*n.args[:k], n.args[k + 1], n.args[k], *n.args[k + 2 :]]
            )
    for k, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            yield lambda n, k=k: _with(n, keywords=n.keywords[:k] + n.keywords[k + 1 :])


def _may_go(node: Any) -> bool:
    """Return whether a statement can be removed without a name being missed at once."""
    if isinstance(node, ast.Expr | ast.AugAssign | ast.Raise | ast.Continue | ast.Break):
        return not _is_said(node)
    if not isinstance(node, ast.Assign):
        return False
    target = node.targets[0]
    if isinstance(target, ast.Name):
        return any(isinstance(n, ast.Name) and n.id == target.id for n in ast.walk(node.value))
    return isinstance(target, ast.Attribute | ast.Subscript)


def _with(node: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _replaced(parts: list[Any], k: int, part: Any) -> list[Any]:
    return [*parts[:k], part, *parts[k + 1 :]]


def _short(node: ast.AST) -> str:
    """Return the code of a node on one line, its head alone if it is long."""
    head = copy.copy(node)
    if isinstance(head, ast.If | ast.While):
        head.body, head.orelse = [ast.Pass()], []
    text = " ".join(ast.unparse(ast.fix_missing_locations(head)).split())
    return text if len(text) <= 90 else text[:87] + "..."
