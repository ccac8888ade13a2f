"""The page of the studies of help: every way beside the others, and every rule that decides."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.metrics import mean_interval

__all__ = ["helps_page", "rule_page", "rule_table", "way_table"]

_RULES = (
    "What a rule would have done: take the best candidate of a choice if it is better by so many "
    "standard errors and so much is expected, else none (change 0). Harm: taken, and the interval "
    "of what came lies above 0; worse: taken, and what came is above 0."
)
_SURENESS = (-math.inf, 0.0, 1.0, 1.5, 2.0, 2.5, 3.0)
_EXPECTED = (0.0, 1.0, 2.0)


def helps_page(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the page of all finished cells."""
    table = _cells_table(study, cells)
    auto = table[table["way"] == "auto"]
    lines = [
        f"# {name}", "", study["question"], "",
        f"{study['part'].capitalize()} part; {study['num_series']} series a draw; "
        f"{study['reference_seeds']} reference forecasters and {study['draws']} draws of synthetic "
        f"series; PSA-GAN trained for {study['generator_budget']} of processor time. Change of the "
        "mean weighted quantile loss against the real series alone, in per cent; lower is better.",
        "", f"    python evaluation/run.py evaluation/studies/{name}.toml --data DIR", "",
        "## Ways", "",
        "Mean over datasets of the mean over draws [95 % interval over datasets]; harm: cells of "
        "which the own 95 % interval (series, windows, draws, seeds) lies above 0.", "",
        *_markdown(way_table(table)), "",
        "## Datasets", "", "Mean over draws (cells).", "", *_markdown(_by_dataset(table)),
    ]  # fmt: skip
    if len(auto):
        lines += ["", "## Rules", "", _RULES, "", *_markdown(rule_table(auto))]
    return "\n".join(lines) + "\n"


def rule_page(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the page of many choices of a linear forecaster."""
    whole = {**study, "arms": {k: {**arm, "way": "auto"} for k, arm in study["arms"].items()}}
    choices = [{"arm": cell["arm"], **choice} for cell in cells for choice in cell["choices"]]
    table = _cells_table(whole, choices)
    lines = [
        f"# {name}", "", study["question"], "",
        f"{study['part'].capitalize()} part; {study['num_series']} series a draw, "
        f"{study['draws']} draws of synthetic series; the best of {len(study['candidates'])} "
        "operations at three shares. Change of the mean weighted quantile loss of a ridge "
        "regression against the real series alone, in per cent; lower is better. Brackets: 95 % "
        "intervals over datasets.",
        "", f"    python evaluation/run.py evaluation/studies/{name}.toml --data DIR", "",
        _RULES, "", *_markdown(rule_table(table)), "",
        "Change of the best of each choice, whatever the rule: mean over draws (choices).", "",
        *_markdown(_by_dataset(table)),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


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


def _cells_table(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row for each cell."""
    rows = []
    for cell in cells:
        arm, measures = study["arms"][cell["arm"]], cell["measures"]
        said = {name: measures.get(name, {}).get("value") for name in ("sureness", "expected")}
        change = {key: measures["change"][key] for key in ("low", "high")}
        rows.append({
            "dataset": arm["data"], "way": arm["way"], "change": measures["change"]["value"],
            **change, **said,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _by_dataset(table: pd.DataFrame) -> pd.DataFrame:
    means = table.groupby(["dataset", "way"], sort=False)["change"].agg(["mean", "size"])
    text = means.apply(lambda row: f"{row['mean']:+.1f} ({row['size']:.0f})", axis=1)
    wide = text.unstack("way").fillna("-")
    order = list(table["way"].drop_duplicates())
    return wide.loc[list(table["dataset"].drop_duplicates()), order].reset_index()


def _interval(mean: float, low: float, high: float) -> str:
    text = f"{mean:+.1f}"
    return text if math.isnan(low) else f"{text} [{low:+.1f}, {high:+.1f}]"


def _markdown(table: pd.DataFrame) -> list[str]:
    rows = [" | ".join(map(str, row)) for row in table.itertuples(index=False)]
    return [
        "| " + " | ".join(map(str, table.columns)) + " |",
        "| --- " * len(table.columns) + "|",
        *(f"| {row} |" for row in rows),
    ]
