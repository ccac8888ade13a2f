"""The page of the study of totals: all cells together, and each log and horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.displays import percent

__all__ = ["totals_page", "totals_summary"]

_NEAR = 0.3
_RATIOS = {
    "events": ("expected_events", "came_events"),
    "events of known items": ("expected_known_events", "came_known_events"),
    "buyers: sum of probabilities": ("expected_pairs", "came_pairs"),
    "as in the last horizon (events)": ("last_horizon", "came_events"),
    "mean of past horizons (events)": ("mean_horizon", "came_events"),
}


def totals_summary(windows: pd.DataFrame) -> pd.DataFrame:
    """Return, for each kind of total, the median |expected / came - 1| and the share within 30 %.

    Args:
        windows: One row a log, cut-off and horizon, with the columns of `totals`.
    """
    rows = []
    for name, (expected, came) in _RATIOS.items():
        there = windows[windows[expected].notna() & (windows[came] > 0)]
        error = (there[expected] / there[came] - 1).abs()
        rows.append({
            "total": name,
            "cells": len(there),
            "median error": float(error.median()),
            "within 30 %": float((error <= _NEAR).mean()),
            "median ratio": float((there[expected] / there[came]).median()),
        })  # fmt: skip
    return pd.DataFrame(rows)


def totals_page(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the page of all finished cells."""
    windows = pd.DataFrame([{"arm": cell["arm"], **w} for cell in cells for w in cell["windows"]])
    windows["log"] = windows["arm"].map(lambda arm: study["arms"][arm]["data"])
    own = windows["log"].isin(study.get("development", []))
    lines = [
        f"# {name}", "", study["question"], "", f"**{_in_short(windows)}**", "",
        f"    python evaluation/run.py evaluation/studies/{name}.toml --data DIR",
    ]  # fmt: skip
    for title, part in (
        ("All logs", windows), ("Logs other than those of development", windows[~own])
    ):  # fmt: skip
        lines += ["", f"## {title}", "", *_overall(part), "", *_table(totals_summary(part))]
    lines += ["", "## Each log, horizon and length of history", "", *_each(windows)]
    return "\n".join(lines) + "\n"


def _in_short(windows: pd.DataFrame) -> str:
    """Return what came of the events that were expected, beside the simple rule."""
    table = totals_summary(windows).set_index("total")
    model, rule = (
        table.loc[name].to_dict() for name in ("events", "as in the last horizon (events)")
    )
    if not model["cells"]:
        return "No cell has a total that came."
    beside = ""
    if rule["cells"]:
        near, error = rule["within 30 %"], rule["median error"]
        beside = (
            f"; taken from the last horizon it would have been {percent(near)}, and "
            f"{percent(error)}"
        )
    within, missed = model["within 30 %"], model["median error"]
    return (
        f"What was expected came within 30 % in {percent(within)} of {int(model['cells'])} cells, "
        f"with a median error of {percent(missed)}{beside}."
    )


def _overall(windows: pd.DataFrame) -> list[str]:
    refused = windows["refused"].notna() if "refused" in windows else windows["log"].isna()
    served = windows[~refused]
    held = (served["low"] <= served["came_events"]) & (served["came_events"] <= served["high"])
    errors = pd.DataFrame({
        column: (served[column] / served["came_events"] - 1).abs()
        for column in ("expected_events", "last_horizon", "mean_horizon")
    })  # fmt: skip
    best = errors[["last_horizon", "mean_horizon"]].min(axis=1)
    worse = (errors["expected_events"] > best + 0.05)[best.notna()].mean()
    return [
        f"{len(windows)} cells of {windows['log'].nunique()} logs, {int(refused.sum())} refused; "
        f"the 90 % interval of the events held {percent(held.mean())}; more than five points worse "
        f"than the better of the two rules, chosen afterwards, in {percent(worse)}."
    ]


def _table(table: pd.DataFrame) -> list[str]:
    names = list(table.columns)
    rows = [" | ".join(_text(value) for value in row) for row in table.itertuples(index=False)]
    return [
        "| " + " | ".join(names) + " |",
        "| --- " * len(names) + "|",
        *(f"| {row} |" for row in rows),
    ]


def _text(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) and np.isfinite(value) else str(value)


def _each(windows: pd.DataFrame) -> list[str]:
    table = windows[["arm", "history", "users", "came_events"]].copy()
    for name, (expected, came) in _RATIOS.items():
        table[name] = (windows[expected] / windows[came]).astype(float)
    return _table(table)
