"""The sentence names the group that is furthest, and whose choice it is."""

import pandas as pd

from tsgen.responsible.bias.answer import bias_answer

FACTS = {"choice": "It is yours to say."}


def row(group, metric, value, note=""):
    return {"facet": "f", "group": group, "metric": metric, "value": value, "low": value - 0.1,
            "high": value + 0.1, "note": note}  # fmt: skip


def test_the_furthest_group_is_named_with_its_parts():
    rows = [row("x", "DI", 0.9), row("y", "DI", 0.4), row("y", "DPPL", 0.2)]
    rows += [row("y", f"DPPL from {p}", v) for p, v in
             (("activity", 0.15), ("relevance", 0.04), ("own past", 0.01))]  # fmt: skip
    said = bias_answer(pd.DataFrame([*rows, row("z", "DI", float("nan"), "too few to say")]), FACTS)
    assert "Users of 'y' are taken 0.40 [0.30, 0.50] times as often as the others: of" in said
    assert "of the gap of +20 points, +15 by activity, +4 by relevance, +1 by own" in said
    assert "1 numbers are too few" in said
    assert said.endswith("It is yours to say.")


def test_too_few_say_nothing():
    said = bias_answer(pd.DataFrame([row("z", "DI", float("nan"), "too few to say")]), FACTS)
    assert said.startswith("Too few users are listed")


def test_shares_are_said_and_what_may_be_chance():
    groups = [{"facet": "f", "group": g, "users": 1200, "share_taken": 0.0625} for g in "xyzuvw"]
    said = bias_answer(pd.DataFrame([row("x", "DI", 0.95)]), FACTS | {"groups": groups})
    assert "0.95 [0.85, 1.05] times as often as the others, which may be by chance." in said
    assert "Taken are 6.2 % of 1,200 'x', 6.2 % of 1,200 'y'," in said
    assert "'u' and 2 more groups." in said
