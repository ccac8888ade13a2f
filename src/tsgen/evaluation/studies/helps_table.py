"""The tables of the studies of help: every way beside the others, and every rule that decides."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tsgen.curation import DecisionRule
from tsgen.metrics import mean_interval

__all__ = ["by_rule", "dataset_table", "in_short", "ratio_table", "rule_table", "way_table"]

_SURENESS = (-math.inf, 0.0, 1.0, 1.5, 2.0, 2.5, 3.0)
_EXPECTED = (0.0, 1.0, 2.0)


def way_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each way: its mean over datasets, the interval, and how often it harms.

    Args:
        table: One row a cell: dataset, way, change, low, high.
    """
    rows = []
    for way, part in table.groupby("way", sort=False):
        mean, low, high = _over_datasets(part, part["change"])
        rows.append({
            "way": way, "datasets": part["dataset"].nunique(), "cells": len(part),
            "change": _interval(mean, low, high), "harm": f"{100 * (part['low'] > 0).mean():.0f} %",
            "worst cell": f"{part['change'].max():+.1f}",
        })  # fmt: skip
    return pd.DataFrame(rows)


def in_short(table: pd.DataFrame) -> str:
    """Return which way lowers the loss most, and which help or harm for certain.

    Args:
        table: One row a cell: dataset, way, change.
    """
    changes = {
        str(way): _over_datasets(part, part["change"])
        for way, part in table.groupby("way", sort=False)
    }
    best = min(changes, key=lambda way: changes[way][0])
    helps = [way for way, (_, _, high) in changes.items() if high < 0]
    harms = [way for way, (_, low, _) in changes.items() if low > 0]
    number = table["dataset"].nunique()
    ways = f"Of {len(changes)} way{'' if len(changes) == 1 else 's'}"
    verdict = "changed the loss most for the better,"
    if round(changes[best][0], 1) >= 0:
        verdict = "came nearest to a gain, and none gained: it changed the loss"
    return (
        f"{ways} {best} {verdict} by "
        f"{_interval(*changes[best])} per cent on average over {number} "
        f"dataset{'' if number == 1 else 's'}. Better for certain (the interval lies below 0): "
        f"{', '.join(helps) or 'none'}. Worse for certain: {', '.join(harms) or 'none'}. Each "
        "interval stands for itself; of twenty, one misses by chance."
    )


def by_rule(auto: pd.DataFrame) -> pd.DataFrame:
    """Return what the default rule makes of choices: what it does not take changes nothing.

    Args:
        auto: One row a choice: dataset, change, low, high, sureness, expected.
    """
    rule = DecisionRule()
    taken = (auto["sureness"] >= rule.sureness) & (auto["expected"] <= -100 * rule.least_expected)
    changes = {key: auto[key].where(taken, 0.0) for key in ("change", "low", "high")}
    return auto.assign(**changes, way="auto, by its rule")


def ratio_table(table: pd.DataFrame, against: Mapping[str, str]) -> pd.DataFrame:
    """Return one row for each pair: the ratio of the losses of two ways in the same cells.

    Args:
        table: One row a way and cell: dataset, cell, way, change.
        against: Way -> the one it is divided by; pairs of which one is lacking are left out.
    """
    losses = table.set_index(["dataset", "cell", "way"])["change"].unstack("way") / 100 + 1
    rows = []
    for way, other in against.items():
        if not {way, other} <= set(losses.columns):
            continue
        both = (losses[way] / losses[other]).dropna().reset_index(name="ratio")
        mean, low, high = _over_datasets(both, 100 * (both["ratio"] - 1))
        change = _interval(mean, low, high)
        number = both["dataset"].nunique()
        rows.append({"way": way, "against": other, "datasets": number, "change": change})
    return pd.DataFrame(rows)


def rule_table(auto: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each rule: how often it takes, what it gains, how often it harms.

    Args:
        auto: One row a choice: dataset, change, low, high, sureness, expected.
    """
    return pd.DataFrame([_rule_row(auto, s, e) for s, e in _rules()])


def _rules() -> Iterator[tuple[float, float]]:
    for sureness in _SURENESS:
        for expected in _EXPECTED if sureness > 0 else (0.0,):
            yield sureness, expected


def _rule_row(auto: pd.DataFrame, sureness: float, expected: float) -> dict[str, Any]:
    able = (auto["expected"] <= -expected) | (sureness == -math.inf)
    taken = (auto["sureness"] >= sureness) & able
    mean, low, high = _over_datasets(auto, auto["change"].where(taken, 0.0))
    return {
        "standard errors": "any" if sureness == -math.inf else f"{sureness:g}",
        "expected": f"{expected:g} %",
        "taken": f"{int(taken.sum())} of {len(auto)}",
        "change": _interval(mean, low, high),
        "change where taken": f"{auto['change'][taken].mean():+.1f}" if taken.any() else "-",
        "harm": f"{100 * (taken & (auto['low'] > 0)).mean():.0f} %",
        "worse": f"{100 * (taken & (auto['change'] > 0)).mean():.0f} %",
    }


def _over_datasets(table: pd.DataFrame, change: pd.Series) -> tuple[float, float, float]:
    """Return mean and 95 % interval (Student's t over datasets) of the mean log ratio, per cent."""
    logs = (
        pd.Series(np.log1p(change.astype(float) / 100), change.index)
        .groupby(table["dataset"])
        .mean()
    )
    low, high = mean_interval(np.asarray(logs, np.float64))
    return 100 * math.expm1(logs.mean()), 100 * math.expm1(low), 100 * math.expm1(high)


def dataset_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each dataset: the mean change of each way over draws (cells).

    Args:
        table: One row a cell: dataset, way, change.
    """
    means = table.groupby(["dataset", "way"], sort=False)["change"].agg(["mean", "size"])
    text = means.apply(lambda row: f"{row['mean']:+.1f} ({row['size']:.0f})", axis=1)
    wide = text.unstack("way").fillna("-")
    order = list(table["way"].drop_duplicates())
    return wide.loc[list(table["dataset"].drop_duplicates()), order].reset_index()


def _interval(mean: float, low: float, high: float) -> str:
    text = f"{mean:+.1f}"
    return text if math.isnan(low) else f"{text} [{low:+.1f}, {high:+.1f}]"
