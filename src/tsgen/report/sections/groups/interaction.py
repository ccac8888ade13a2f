"""Who uses other series, on a page: verdicts, shares of the gain, and the second evidence."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tsgen.evaluation import StudyResult

from ...figures import plot_parts
from ..base import Cell, Picture, Section, Table, picture

__all__ = ["interaction_section"]

_NOTE = (
    "Shares of what the forecaster gains over one that sees nothing: Shapley values over all "
    "coalitions, which add up to 100 %. Brackets are 95 % intervals over windows. A random series "
    "is the control: what it seems to bring is noise."
)
_EVIDENCE = (
    "Skill is how much smaller the loss is than that of the best simple forecast; below 5 % shares "
    "are withheld. Trained without the others: how much larger the loss is then."
)


def interaction_section(result: StudyResult) -> Section:
    """Return the verdicts, the shares as a table and a picture, and the evidence beside them."""
    facts = result.facts
    settings, stated = facts["settings"], facts["targets"]
    return Section(
        "Does the forecaster use the other series?",
        [_evidence(stated), _shares(result.table), _losses(stated, settings["metric"])],
        _pictures(result.table),
        headline={_name(one): _number(one["alone"], signed=True) for one in stated[:6]},
        ground={"forecaster": facts["forecaster"], "metric": settings["metric"],
                "windows": str(settings["windows"]),
                "seed of training and samples": str(facts["seed"])},
        verdicts=[Cell(one["verdict"]) for one in stated],
    )  # fmt: skip


def _name(row: Any) -> str:
    return str(row["target"]) if row["arm"] == "real" else f"{row['target']}, {row['arm']} windows"


def _evidence(stated: list[Any]) -> Table:
    rows = [
        [Cell(_name(one)), _number(one["skill"]), Cell(str(one["simple"])),
         _number(one["alone"], signed=True)]
        for one in stated
    ]  # fmt: skip
    columns = ["Series", "Skill", "Simple forecast", "Loss without the others"]
    return Table("Two lines of evidence", columns, rows, _EVIDENCE)


def _shares(table: pd.DataFrame) -> Table:
    shares = table[table["metric"] == "share"]
    players = list(shares["player"].unique())
    rows = []
    for _, mine in shares.groupby(["target", "arm"], sort=False):
        numbers = mine.set_index("player").to_dict("index")
        first = mine.iloc[0]
        rows.append([Cell(_name(first)), *(_number(numbers[player]) for player in players)])
    return Table("Where the gain comes from", ["Series", *players], rows, _NOTE)


def _losses(stated: list[Any], metric: str) -> Table:
    names = {"nothing": "Seeing nothing", "simple": "Simple forecast", "forecaster": "Forecaster",
             "alone": "Trained without the others"}  # fmt: skip
    rows = [
        [Cell(_name(one)), *(Cell(f"{one['losses'][name]:.4g}") for name in names)]
        for one in stated
    ]
    return Table(f"Losses ({metric.replace('_', ' ')})", ["Series", *names.values()], rows)


def _pictures(table: pd.DataFrame) -> list[Picture]:
    shares = table[(table["metric"] == "share") & table["value"].notna()]
    if shares.empty:
        return []
    named = shares.assign(name=[_name(row) for row in shares.to_dict("records")])
    wide = named.pivot_table(index="name", columns="player", values="value", sort=False)
    return [
        picture(
            plot_parts(100 * wide, label="share of the gain (%)"),
            f"Shares of the gain of {len(wide)} series by what the forecaster sees.",
            "Bars add up to 100 %; a bar to the left of 0 is a part that misleads.",
        )
    ]


def _number(row: Any, signed: bool = False) -> Cell:
    if row["value"] != row["value"]:
        return Cell("–", "withheld")
    form = "{:+.1f} %" if signed else "{:.1f} %"
    value = form.format(100 * row["value"])
    return Cell(value, f"[{100 * row['low']:.1f}, {100 * row['high']:.1f}]")
