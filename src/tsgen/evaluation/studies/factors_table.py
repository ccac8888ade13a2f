"""The page of a study of factors: makers by splits, factor by factor, and forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tsgen.displays import percent

__all__ = ["factors_page"]

_NOTE = (
    "Asked for combinations of factors that training held out, how well does an oracle (least "
    "squares of the world's formula) read them off the windows made? R²: 1 - squared error / "
    "variance of what was asked; mean over the factors, below 0 counts as 0; median over seeds "
    "[least, greatest]. "
    '"New values" are values of a factor that no training window had. "truth" is the world '
    "itself. Forecasts: change of the squared error on real windows of unseen combinations when "
    "the made windows are added to the training set, with the 95 % interval over test windows "
    "(median of its ends), then the least and greatest of the seeds."
)


def factors_page(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the page of all finished cells."""
    rows = pd.DataFrame([
        {"world": study["arms"][cell["arm"]]["world"], "maker": _maker(study["arms"], cell["arm"]),
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


def _maker(arms: Mapping[str, Mapping[str, Any]], name: str) -> str:
    """Return what an arm's maker is called: with its settings, where the world has several."""
    arm = arms[name]
    alike = [a for a in arms.values() if (a["world"], a["maker"]) == (arm["world"], arm["maker"])]
    settings = arm.get("settings", {})
    if len(alike) == 1 or not settings:
        return str(arm["maker"])
    return f"{arm['maker']} ({', '.join(f'{key} {value}' for key, value in settings.items())})"


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
    value, seeds = rows["value"].median(), (rows["value"].min(), rows["value"].max())
    if "low" not in rows or rows["low"].isna().all():
        beside = f" [{seeds[0]:.2f}, {seeds[1]:.2f}]" if len(rows) > 1 else ""
        return f"{value:.2f}{beside}"
    ends = [percent(end, signed=True) for end in seeds]
    beside = f", seeds {ends[0]} to {ends[1]}" if len(rows) > 1 else ""
    low, high = (100 * rows[end].median() for end in ("low", "high"))
    return f"{percent(value, signed=True)} [{low:+.0f}, {high:+.0f}]{beside}"
