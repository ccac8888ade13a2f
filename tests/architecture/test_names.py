"""A public name means one thing: no two modules export different objects under it."""

import importlib
from collections import defaultdict
from pathlib import Path

import pytest

import tsgen

ROOT = Path(tsgen.__file__).parent
MODULES = sorted(
    ".".join(("tsgen", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if path.name != "__main__.py"
)

VERBS = {"allocate", "audience", "augment", "distil", "evaluate_allocation", "evaluate_audience",
         "evaluate_factors", "evaluate_forecast", "evaluate_share", "evaluate_uplift"}  # fmt: skip
"""A command carries the name of what it runs: `tsgen allocate` calls `tsgen.allocate`."""

VALUES = str | int | float | tuple
"""Constants with equal values mean the same wherever they stand."""


def same(one, other):
    if one is other:
        return True
    return type(one) is type(other) and isinstance(one, VALUES) and one == other


def exports():
    """Yield (name, module, object) of everything in an `__all__`, commands left out."""
    for module in MODULES:
        loaded = importlib.import_module(module)
        for name in getattr(loaded, "__all__", ()):
            if not (module.startswith("tsgen.cli.") and name in VERBS):
                yield name, module, getattr(loaded, name)


def meanings(exported):
    """Return the names with more than one meaning, and the modules of each of their meanings."""
    by_name = defaultdict(list)
    for name, module, thing in exported:
        for meaning, modules in by_name[name]:
            if same(meaning, thing):
                modules.append(module)
                break
        else:
            by_name[name].append((thing, [module]))
    return {name: [m for _, m in each] for name, each in by_name.items() if len(each) > 1}


def test_no_public_name_has_two_meanings():
    twice = meanings(exports())
    assert not twice, f"name each by what it is: {twice}"


def test_every_verb_that_may_share_a_name_still_does():
    commands, others = set(), set()
    for module in MODULES:
        names = set(getattr(importlib.import_module(module), "__all__", ())) & VERBS
        (commands if module.startswith("tsgen.cli.") else others).update(names)
    assert commands & others == VERBS, "take the rest off VERBS"


@pytest.mark.parametrize(
    ("one", "other", "twice"),
    [(len, len, False), (len, max, True), ((0.1, 0.2), (0.1, 0.2), False), (1, 2, True),
     (1, True, True), ([], [], True)],
)  # fmt: skip
def test_two_meanings_are_two_objects_or_two_values(one, other, twice):
    assert bool(meanings([("name", "a", one), ("name", "b", other)])) == twice
