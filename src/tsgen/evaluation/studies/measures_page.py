"""The page of a study with many measures and few arms: a row a measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

__all__ = ["measures_page"]


def measures_page(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the page of all finished cells."""
    rows = pd.DataFrame([
        {"arm": cell["arm"], "metric": metric, **numbers}
        for cell in cells
        for metric, numbers in cell["measures"].items()
    ])  # fmt: skip
    arms = [arm for arm in study["arms"] if arm in set(rows["arm"])]
    metrics = list(dict.fromkeys([*study.get("metrics", ()), *rows["metric"]]))
    over = study.get("interval_over", "users")
    lines = [
        f"# {name}",
        "",
        study["question"],
        "",
        f"Median over seeds [95 % interval over {over}, median of its ends].",
        "",
        f"    python evaluation/run.py evaluation/studies/{name}.toml --data DIR",
        "",
        "| measure | " + " | ".join(arms) + " |",
        "| --- " * (1 + len(arms)) + "|",
    ]
    for metric in metrics:
        numbers = " | ".join(_number(rows, arm, metric) for arm in arms)
        lines.append(f"| {metric.replace('|', ' or ')} | {numbers} |")
    lines.append("| CPU s | " + " | ".join(_seconds(cells, arm) for arm in arms) + " |")
    return "\n".join(lines) + "\n"


def _number(rows: pd.DataFrame, arm: str, metric: str) -> str:
    mine = rows[(rows["arm"] == arm) & (rows["metric"] == metric)]
    if mine.empty:
        return "-"
    ends = [mine[end].dropna() for end in ("low", "high") if end in mine]
    value = f"{mine['value'].median():.3g}"
    if not all(map(len, ends)) or not ends:
        return value
    return f"{value} [{ends[0].median():.2g}, {ends[1].median():.2g}]"


def _seconds(cells: Sequence[Mapping[str, Any]], arm: str) -> str:
    spent = [cell["cpu_seconds"] for cell in cells if cell["arm"] == arm]
    return f"{min(spent):.0f}" if len(spent) == 1 else f"{min(spent):.0f}-{max(spent):.0f}"
