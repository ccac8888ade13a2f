"""One campaign at past origins on a page: the sentence first, tables for the engineer below."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.displays import people, percent
from tsgen.evaluation import StudyResult

from ..figures import plot_list
from .base import Cell, Section, Table, picture
from .calibration import calibration_pictures, calibration_sentences, calibration_tables

__all__ = ["campaign_section"]

_MODEL = "model"


def campaign_section(result: StudyResult) -> Section:
    """Return what a campaign's list would have held, beside other ways to pick."""
    facts, table = result.facts, result.table
    size, origins = facts["settings"]["size"], facts["origins"]
    arms = list(dict.fromkeys(table["arm"]))
    rows = []
    for arm in arms:
        of_arm = table[table["arm"] == arm].set_index("metric")
        buyers: Any = of_arm.loc["buyers"]
        events: Any = of_arm.loc["engagements"]
        rows.append([
            Cell(arm, facts["rules"].get(arm, "")),
            _lead(buyers, arm),
            _amount(buyers["value"], buyers["low"], buyers["high"]),
            Cell(percent(buyers['value'] / size, 2)),
            _amount(events["value"], events["low"], events["high"]),
        ])  # fmt: skip
    columns = ["Picked by", "The model's lead", "Buyers", "Precision", "Engagements"]
    note = (
        f"Mean of {len(origins)} origins, {size:,} customers listed at each. Precision: buyers "
        "over customers listed. Intervals are of 95 % for other customers like these: they are "
        "drawn anew, and the lists selected anew among the drawn."
    )
    expected = table[table["arm"] == _MODEL].set_index("metric")["value"]
    foreseen = [
        [Cell("Buyers"), Cell(f"{expected['expected_buyers']:,.1f}"), rows[0][2]],
        [Cell("Engagements"), Cell(f"{expected['expected_engagements']:,.1f}"), rows[0][4]],
    ]
    windows = [
        [Cell(w["begins"][:16]), Cell(f"{w['may_be_listed']:,}"), Cell(f"{w['events']:,}")]
        for w in origins
    ]
    curve = np.asarray(result.arrays["curve"])
    steps = [[Cell(f"{row[0]:,.0f}"), *(Cell(f"{n:,.1f}") for n in row[1:])] for row in curve]
    until = facts["pays_until"] if facts["pays_until"] < facts["curve_until"] else None
    return Section(
        "What would this campaign's list have held?",
        [
            Table("Who would have bought", columns, rows, note),
            Table("Expected and came", ["", "Expected", "Came"], foreseen),
            Table("How far the list pays", ["Customers", "Expected buyers", "Buyers", "At random"],
                  steps),
            *calibration_tables(result, chances="Customers at origins"),
            Table("Origins", ["From", "May be listed", "Events of all"], windows),
        ],
        [
            picture(
                plot_list(curve, size=size, until=until),
                f"Buyers over the size of the list: {people(facts['half']['buyers'])} "
                f"of {people(facts['half']['of'])} are in the first {facts['half']['size']:,}.",
                "Where the line of buyers is no steeper than the dotted one, more customers hold "
                "no more than as many at random.",
            ),
            *calibration_pictures(result),
        ],
        verdicts=[_people(table, size), *calibration_sentences(result)],
        headline={"Buyers": rows[0][2], "Expected": Cell(people(expected["expected_buyers"]))},
        ground={"size": f"{size:,}", "data": str(facts["data"]["fingerprint"])},
    )  # fmt: skip


def _amount(value: float, low: float, high: float) -> Cell:
    return Cell(f"{value:,.1f}", f"[{low:,.1f}, {high:,.1f}]")


def _lead(row: Any, arm: str) -> Cell:
    if arm == _MODEL:
        return Cell("")
    ends = f"[{row['difference_low']:+,.1f}, {row['difference_high']:+,.1f}]"
    return Cell(f"{row['difference']:+,.1f}", ends, _tone(row))


def _tone(row: Any) -> str:
    return "good" if row["difference_low"] > 0 else "bad" if row["difference_high"] < 0 else ""


def _people(table: pd.DataFrame, size: int) -> Cell:
    """Return what a list of this size brings in people, beside the best simple rule."""
    buyers = table[table["metric"] == "buyers"].set_index("arm")
    expected = float(table.loc[table["metric"] == "expected_buyers", "value"].iloc[0])
    rules = buyers.drop(index=_MODEL)
    name = str(rules["value"].idxmax())
    best: Any = rules.loc[name]
    mine: Any = buyers.loc[_MODEL]
    gap = best["difference"]
    more = f"{abs(gap):,.0f} {'more' if gap >= 0 else 'fewer'} than"
    if not round(abs(gap)):
        more = "as many as"
    text = f"In the past, lists of {size:,} were expected to hold {people(expected)} buyers and "
    text += f"held {people(mine['value'])}, {more} the best simple rule ({name}) found."
    return Cell(text, tone=_tone(best))
