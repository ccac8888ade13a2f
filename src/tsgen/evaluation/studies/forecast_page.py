"""The readable page of a forecasting study."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tsgen.results import StudyResult

__all__ = ["forecast_page"]


def forecast_page(result: StudyResult, name: str) -> str:
    """Return the readable tables of a study."""
    facts, table = result.facts, result.table
    costs = ", ".join(f"{arm} {seconds:.0f}" for arm, seconds in facts["cpu_seconds"].items())
    lines = [
        f"# {name}",
        "",
        facts["question"],
        "",
        f"**{result.answer}**",
        "",
        f"Data: {facts['settings']['data']}. {table['protocol'].iloc[0]}. Each line holds an arm "
        "against another on the same windows with the same seeds; mean over seeds ± standard "
        "deviation; differences in per cent with 95 % intervals over seeds, and over series. "
        "Lower is better. Lines other than primary ones are exploratory.",
        "",
        f"Processor seconds: {costs}. Failed cells: {facts['cells']['failed']}.",
        "",
        f"    python evaluation/run.py evaluation/studies/{name}.toml --data DIR",
        "",
        "| role | regime | forecaster | arm | against | metric | arm | other | difference "
        "| over series | seeds |",
        "| --- " * 11 + "|",
    ]
    rows = table[table["arm"] != table["reference"]]
    return "\n".join([*lines, *(_row(row) for row in rows.to_dict("records"))]) + "\n"


def _row(row: dict[Any, Any]) -> str:
    scale = 100 / row["floor"] if row["floor"] else float("nan")
    cells = [
        row["role"],
        row["regime"],
        row["forecaster"],
        row["arm"],
        row["reference"],
        row["metric"],
        _mean(row, "value", "spread"),
        _mean(row, "floor", "floor_spread"),
        f"{scale * row['difference']:+.1f} % {_interval(row, scale, '')}".rstrip(),
        _interval(row, scale, "_series"),
        str(row["num_seeds"]),
    ]
    return f"| {' | '.join(cells)} |"


def _mean(row: dict[Any, Any], name: str, spread: str) -> str:
    return f"{row[name]:.4g}" + ("" if pd.isna(row[spread]) else f" ± {row[spread]:.2g}")


def _interval(row: dict[Any, Any], scale: float, over: str) -> str:
    low, high = (row[f"difference_{end}{over}"] for end in ("low", "high"))
    return "" if pd.isna(low) else f"[{scale * low:+.1f}, {scale * high:+.1f}]"
