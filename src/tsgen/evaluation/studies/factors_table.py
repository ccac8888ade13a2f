"""The page of a study of factors: makers by splits, factor by factor, and forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

__all__ = ["factors_page"]

_NOTE = (
    "Asked for combinations of factors that training held out, how well does an oracle (least "
    "squares of the world's formula) read them off the windows made? R²: 1 - squared error / "
    "variance of what was asked; mean over the factors, below 0 counts as 0; median over seeds. "
    '"New values" are values of a factor that no training window had. "truth" is the world '
    "itself. Forecasts: change of the squared error on real windows of unseen combinations when "
    "the made windows are added to the training set, with the 95 % interval over test windows "
    "(median of its ends)."
)


def factors_page(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the page of all finished cells."""
    rows = pd.DataFrame([
        {"world": study["arms"][cell["arm"]]["world"], "maker": study["arms"][cell["arm"]]["maker"],
         "split": metric.partition(": ")[0], "measure": metric.partition(": ")[2],
         "cpu_seconds": cell["cpu_seconds"], **numbers}
        for cell in cells for metric, numbers in cell["measures"].items()
    ])  # fmt: skip
    lines = [
        f"# {name}", "", study["question"], "", _NOTE, "",
        f"    python evaluation/run.py evaluation/studies/{name}.toml --data .",
    ]  # fmt: skip
    for world in rows["world"].unique():
        lines += ["", f"## {world}", *_world(rows[rows["world"] == world])]
    return "\n".join(lines) + "\n"


def _world(rows: pd.DataFrame) -> list[str]:
    """Return the tables of one world."""
    means = rows[rows["measure"] == "R2"]
    new = rows[rows["measure"] == "R2 of new values"]
    single = rows[~rows["measure"].isin(["R2", "R2 of new values", "forecast"])]
    by_factor = single.assign(
        split=single["split"] + " " + single["measure"].str.removeprefix("R2 of ")
    )
    return [
        "", *_table(means, "R², mean of the factors"),
        "", *_table(new, "R² of new values"),
        "", *_table(rows[rows["measure"] == "forecast"], "Change of the forecast error"),
        "", *_table(by_factor, "R², factor by factor"),
    ]  # fmt: skip


def _table(rows: pd.DataFrame, title: str) -> list[str]:
    """Return a table of makers by splits."""
    splits = list(rows["split"].unique())
    lines = ["| " + " | ".join([title, *splits]) + " |", "| --- " * (len(splits) + 1) + "|"]
    for maker in rows["maker"].unique():
        mine = rows[rows["maker"] == maker]
        cells = [_cell(mine[mine["split"] == split]) for split in splits]
        lines.append("| " + " | ".join([maker, *cells]) + " |")
    return lines


def _cell(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "-"
    value = rows["value"].median()
    if "low" not in rows or rows["low"].isna().all():
        return f"{value:.2f}"
    return f"{value:+.0%} [{rows['low'].median():+.0%}, {rows['high'].median():+.0%}]"
