"""The pages of the studies of help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from .helps_table import by_rule, dataset_table, in_short, ratio_table, rule_table, way_table

__all__ = ["helps_page", "many_ways_page", "rule_page"]

_RULES = (
    "What a rule would have done: take the best candidate of a choice if it is better by so many "
    "standard errors and so much is expected, else none (change 0). Harm: taken, and the interval "
    "of what came lies above 0; worse: taken, and what came is above 0."
)


def helps_page(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the page of all finished cells."""
    table = _cells_table(study, cells)
    return "\n".join(_help_lines(study, table, name)) + "\n"


def _help_lines(study: Mapping[str, Any], table: pd.DataFrame, name: str) -> list[str]:
    auto = table[table["way"] == "auto"]
    lines = [
        f"# {name}", "", study["question"], "", f"**{in_short(table)}**", "",
        f"{study['part'].capitalize()} part; {study['num_series']} series a draw; "
        f"{_forecasters(study)} and {study['draws']} draws of synthetic series; PSA-GAN trained "
        f"for {study['generator_budget']} of processor time{_choice_budget(study)}. Change of the "
        "mean weighted quantile loss against the real series alone, in per cent; lower is better.",
        "", f"    python evaluation/run.py evaluation/studies/{name}.toml --data DIR", "",
        "## Ways", "",
        "Mean over datasets of the mean over draws [95 % interval over datasets]; harm: cells of "
        "which the own 95 % interval (series, windows, draws, seeds) lies above 0.", "",
        *_markdown(_with_rule(table)), "",
        "## Datasets", "", "Mean over draws (cells).", "", *_markdown(dataset_table(table)),
    ]  # fmt: skip
    if len(auto):
        lines += ["", "## Rules", "", _RULES, "", *_markdown(rule_table(auto))]
    return lines


def _choice_budget(study: Mapping[str, Any]) -> str:
    budget = study.get("choice_budget")
    return f" (twice {budget} inside a choice)" if budget else ""


def _forecasters(study: Mapping[str, Any]) -> str:
    if study.get("learner") == "linear":
        return "ridge regressions"
    if study.get("forecaster"):
        return f"the forecaster {study['forecaster']['estimator']}, one training a draw,"
    return f"{study['reference_seeds']} reference forecasters"


def many_ways_page(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the page of cells that hold all ways of a dataset."""
    ways = list(study["ways"])
    flat = [
        {"arm": f"{cell['arm']}/{way['way']}", "cell": number, **way}
        for number, cell in enumerate(cells)
        for way in sorted(cell["ways"], key=lambda way: ways.index(way["way"]))
    ]
    arms = {
        f"{arm}/{way}": {**settings, "way": way}
        for arm, settings in study["arms"].items()
        for way in ways
    }
    table = _cells_table({**study, "arms": arms}, flat)
    lines = _help_lines(study, table, name)
    named = table[table["dataset"].isin(study.get("confirmation", []))]
    if len(named):
        datasets = ", ".join(named["dataset"].unique())
        lines += ["", "## Confirmation", "", f"On {datasets} alone.", ""]
        lines += _markdown(_with_rule(named))
    pairs = ratio_table(table, study.get("against", {}))
    if len(pairs):
        lines += ["", "## One way against another", "", *_markdown(pairs)]
    return "\n".join(lines) + "\n"


def _with_rule(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of ways, and of what choices come to by their rule."""
    auto = table[table["way"] == "auto"]
    return way_table(pd.concat([table, by_rule(auto)]) if len(auto) else table)


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
        *_markdown(dataset_table(table)),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _cells_table(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row for each cell."""
    rows = []
    for cell in cells:
        arm, measures = study["arms"][cell["arm"]], cell["measures"]
        said = {name: measures.get(name, {}).get("value") for name in ("sureness", "expected")}
        change = measures["change"]
        rows.append({
            "dataset": arm["data"], "way": arm["way"], "cell": cell.get("cell"),
            "change": change["value"], "low": change["low"], "high": change["high"], **said,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _markdown(table: pd.DataFrame) -> list[str]:
    rows = [" | ".join(map(str, row)) for row in table.itertuples(index=False)]
    return [
        "| " + " | ".join(map(str, table.columns)) + " |",
        "| --- " * len(table.columns) + "|",
        *(f"| {row} |" for row in rows),
    ]
