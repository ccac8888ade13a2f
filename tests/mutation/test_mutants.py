"""The faults that a mutation run puts into a module, and its score."""

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def module(name):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found


mutants, run = module("mutants"), module("run")


def changes(source):
    return {(found.before, found.after) for found in mutants.mutants_of(source)}


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        ("z = x < y", {("x < y", "x <= y"), ("x < y", "x >= y")}),
        ("z = x is y", {("x is y", "x is not y")}),
        ("z = x + y", {("x + y", "x - y")}),
        ("z = x and y", {("x and y", "x or y")}),
        ("z = -x", {("-x", "x")}),
        ("True", set()),  # as a statement it is no code
        ("x = True", {("True", "False")}),
        ("x = 3", {("3", "4"), ("3", "2")}),
        ("x = 0.5", {("0.5", "1.0"), ("0.5", "0.25")}),
        ("f(x, y)", {("f(x, y)", "f(y, x)"), ("f(x, y)", "pass")}),
        ("y = f(x, k=z)", {("f(x, k=z)", "f(x)")}),
        ("y = max(x, z)", set()),  # the order does not matter
        ("x += y", {("x += y", "x -= y"), ("x += y", "pass")}),
        ("x = x.more", {("x = x.more", "pass")}),
        ("x.y = z", {("x.y = z", "pass")}),
        ("if x:\n    y", {("if x: pass", "if not x: pass"), ("y", "pass")}),
        ("raise E(f'{a + b}')", {("raise E(f'{a + b}')", "pass")}),  # words are not judged
        ("def f(x: int = 3) -> 'a': ...", {("3", "4"), ("3", "2")}),
        ("'A docstring.'", set()),
        ("__all__ = ['a', 'b' + 'c']", set()),
        ("logger.info('so many: %d', n + 1)", set()),
        ("@frozen(order=True)\nclass C(B): ...", set()),
    ],
)
def test_each_kind_of_code_has_its_faults(code, faults):
    assert changes(code) == faults


def test_every_mutant_is_a_program_and_differs_in_one_place():
    source = (run.SOURCES / "psagan" / "learning" / "growth.py").read_text(encoding="utf-8")
    whole = ast.unparse(ast.parse(source)).splitlines()
    found = mutants.mutants_of(source)
    assert len(found) > 15
    for mutant in found:
        compile(mutant.source, "mutant", "exec")
        lines = mutant.source.splitlines()
        differing = sum(a != b for a, b in zip(whole, lines, strict=False))
        assert differing == 1 or len(lines) != len(whole)
        assert str(mutant).startswith(f"line {mutant.line}: ")


def test_the_interval_is_wilsons():
    """From the score test: |p - share| <= z sqrt(p (1 - p) / n) at both ends."""
    for seen, count in ((0, 12), (7, 12), (12, 12), (51, 60)):
        low, high = run.wilson(seen, count)
        share = seen / count
        for end in (low, high):
            reach = 1.96 * (end * (1 - end) / count) ** 0.5
            assert abs(end - share) == pytest.approx(reach, abs=1e-9)
        assert -1e-9 <= low <= share <= high <= 1 + 1e-9


def test_the_namesake_of_a_file_stands_in_the_same_tree():
    tests = HERE.parent
    assert (
        run.namesake("metrics/resampling/weighted_measures.py")
        == tests / "metrics" / "resampling" / "test_weighted_measures.py"
    )
    assert run.namesake("persistence.py") == tests / "foundation" / "test_persistence.py"
    for file in run.TARGETS:
        assert (run.SOURCES / file).is_file()
        assert run.namesake(file).is_file()


def test_faults_are_drawn_by_the_name_of_the_file_and_the_seed():
    faults = mutants.mutants_of("\n".join(f"x{k} = {k} + y" for k in range(20)))
    first, again, other = (run.drawn("a.py", faults, 6, seed, None) for seed in (1, 1, 2))
    assert [number for number, _ in first] == [1, 2, 3, 4, 5, 6]
    assert first == again != other
    assert run.drawn("a.py", faults, 6, 1, [5, 2]) == [first[4], first[1]]
    assert len({str(fault) for _, fault in run.drawn("a.py", faults, 999, 1, None)}) == len(faults)


def test_faults_that_a_run_printed_are_found_by_their_text_where_lines_have_moved():
    faults = mutants.mutants_of("a = b\n\nx = f(y) + 1\n\n\nz = f(y) + 1\n")
    lines = [
        "a.py: its tests take 3.0 s of the processor",
        "  7: a.py line 5: f(y) + 1  ->  f(y) - 1",
        "  8: a.py line 9: g(y)  ->  pass",
        "  9: b.py line 3: f(y) + 1  ->  f(y) - 1",
    ]
    found, gone = run.printed("a.py", faults, lines)
    assert [(number, fault.line, fault.after) for number, fault in found] == [(7, 6, "f(y) - 1")]
    assert gone == 1
