"""Campaigns on a page: what to send to whom, what it would have brought, and what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tsgen.displays import amount
from tsgen.evaluation import StudyResult

from ..figures import plot_diversity, plot_effects, plot_value_curve
from .base import Cell, Picture, Section, Table, picture

__all__ = ["allocation_section", "backtest_section", "uplift_section"]

Row = Mapping[Any, Any]

_ARM_METRICS = {
    "contacts": "Contacts",
    "engagements": "Engagements",
    "value": "Value",
    "cost": "Cost",
    "profit": "Profit",
    "precision": "Contacts with an engagement",
}


def allocation_section(result: StudyResult) -> Section:
    """Return what an allocation sends to whom, what it costs and should bring."""
    facts, campaigns = result.facts, result.facts["summary"]
    rows = [
        [
            Cell(row["campaign"], _limits(row)),
            Cell(f"{row['users']:,}", row["overlap"] and f"{row['overlap']:,} also elsewhere"),
            Cell(amount(row["expected_engagements"])),
            Cell(amount(row["expected_value"])),
            Cell(amount(row["cost"])),
            Cell(f"{row['held_out']:,}"),
            Cell(_ten_more(row["contact_price"])),
        ]
        for row in campaigns
    ]
    columns = ["Campaign", "Users", "Expected engagements", "Expected value", "Cost", "Held out",
               "Ten more contacts would bring"]  # fmt: skip
    note = (
        "Expected by the model in its horizon; held out are users who would be contacted if they "
        "were not kept to compare with."
    )
    left = [[Cell(name), Cell(f"{number:,}")] for name, number in facts["counts"].items()]
    return Section(
        "Who gets which offer?",
        [
            Table("What is sent, and what it should bring", columns, rows, note),
            Table("Who may be contacted", ["", "Users"], left),
            *_group_tables(facts.get("groups", [])),
            Table("How sure that is", ["", ""], _sureness(facts)),
        ],
        headline={
            "Value expected": Cell(amount(facts["value"])),
            "Contacts": Cell(f"{sum(row['users'] for row in campaigns):,}"),
            "Cost": Cell(amount(sum(row["cost"] for row in campaigns))),
        },
        ground={name: str(facts[name]) for name in ("cutoff", "horizon", "objective")},
    )


def _group_tables(groups: list[Row]) -> list[Table]:
    """Return the groups of campaigns that demand something of them; none without."""
    rows = [
        [
            Cell(str(row["group"]), str(row["campaign"])),
            Cell(f"{row['users']:,}"),
            Cell(f"{row['before']:,}", f"{100 * row['share_before']:.1f} % of them"),
            Cell(f"{row['after']:,}", f"{100 * row['share_after']:.1f} % of them"),
        ]
        for row in groups
    ]
    columns = ["Group", "Users who may be contacted", "Contacts without demands", "With them"]
    note = "What it costs that a ratio or a share holds is said in the answer."
    return [Table("Demands about groups", columns, rows, note)] if rows else []


def _limits(row: Row) -> str:
    limits = row.get("limited_by", row["binding"])  # earlier versions had names of settings only
    return limits and f"limited by {limits}"


def _sureness(facts: Row) -> list[list[Cell]]:
    gap = facts["gap"]
    optimum = "not known" if gap is None else f"at most {100 * gap:.2g} %" if gap else "none"
    return [
        [Cell("Distance to the best allocation of these expectations"), Cell(optimum)],
        [Cell("Solver"), Cell(str(facts["solver"]))],
        [Cell("Model"), Cell(str(facts["model"]))],
        [
            Cell("What such plans brought before"),
            Cell("not judged here: tsgen evaluate allocation does"),
        ],
    ]


def _ten_more(price: float | None) -> str:
    return "–" if price is None or np.isnan(price) else amount(10 * price)


def backtest_section(result: StudyResult) -> Section:
    """Return what a plan would have brought in past windows, beside other ways to choose."""
    arms = {str(arm): _by_metric(part) for arm, part in result.table.groupby("arm", sort=False)}
    test = result.facts["test"]
    windows = result.facts.get("windows", [])
    tables = [_arm_table(arms, result.facts["rules"], len(windows))]
    if len(windows) > 1:
        tables.append(_window_table(windows))
    tables.append(_campaign_table(result.facts["campaigns"]))
    value = arms["model"]["value"]
    return Section(
        "What would the campaigns have brought?",
        tables,
        _backtest_pictures(result),
        headline={
            "Value that came": Cell(amount(value["value"]), _interval(value, "low", "high")),
            "In hindsight at most": Cell(amount(arms["hindsight"]["value"]["value"])),
        },
        ground={"from": test["begins"], "to": test["ends"], "users": str(test["candidate_users"])},
        verdicts=[_beside_others(arms)],
    )


def _beside_others(arms: Mapping[str, Mapping[str, Row]]) -> Cell:
    """Return what the plan brought, beside the best other way that knew as little."""
    values = {name: facts["value"] for name, facts in arms.items()}
    mine = values["model"]
    best = max(
        (n for n in values if n not in {"model", "hindsight"}), key=lambda n: values[n]["value"]
    )
    lead = _lead(values[best])
    text = f"The plan brought {amount(mine['value'])} a window, {lead.text} {lead.detail} beside "
    return Cell(f"{text}{best}, the best other way.", tone=lead.tone)


def _by_metric(part: pd.DataFrame) -> dict[str, Row]:
    return {str(row["metric"]): row for row in part.to_dict("records")}


def _arm_table(
    arms: Mapping[str, Mapping[str, Row]], rules: Mapping[str, str], windows: int
) -> Table:
    rows = []
    for arm, facts in arms.items():
        lead = _lead(facts["value"]) if arm != "model" else Cell("")
        amounts = [_amount(facts[metric]) for metric in _ARM_METRICS]
        rows.append([Cell(arm, rules.get(arm, "")), lead, *amounts])
    columns = ["", "The model brings more value by", *_ARM_METRICS.values()]
    over = (
        f"Means of {windows} windows; brackets are 95 % intervals over them: what to expect of "
        "another window."
        if windows > 1
        else "Brackets are 95 % intervals over users, the lists as they are."
    )
    note = (
        f"All within the same limits. {over} Nobody was really contacted: engagements that came "
        "anyway count."
    )
    return Table("Beside other ways to choose", columns, rows, note)


def _amount(row: Row) -> Cell:
    if row["metric"] == "precision":
        ends = f"[{100 * row['low']:.3g}, {100 * row['high']:.3g}]"
        return Cell(f"{100 * row['value']:.3g} %", ends)
    detail = "" if row["metric"] in {"contacts", "cost"} else _interval(row, "low", "high")
    return Cell(amount(row["value"]), detail)


def _lead(row: Row) -> Cell:
    tone = "good" if row["difference_low"] > 0 else "bad" if row["difference_high"] < 0 else ""
    ends = _interval(row, "difference_low", "difference_high")
    sign = "+" if row["difference"] >= 0 else ""
    return Cell(f"{sign}{amount(row['difference'])}", ends, tone)


def _window_table(windows: list[Row]) -> Table:
    """Return what each window brought, the plan beside three other ways."""
    ways = ["one after another", "random", "hindsight"]
    rows = [
        [
            Cell(str(row["begins"])[:10], f"to {str(row['ends'])[:10]}"),
            Cell(amount(row["values"]["model"])),
            *(_beside(row, way) for way in ways),
        ]
        for row in windows
    ]
    columns = ["Window", "Value of the plan", *(way.capitalize() for way in ways)]
    note = "In brackets, what the plan brought more than that way, 95 % over users."
    return Table("Window by window", columns, rows, note)


def _beside(row: Row, way: str) -> Cell:
    gap, low, high = row["leads"][way]
    tone = "good" if low > 0 else "bad" if high < 0 else ""
    detail = f"plan {gap:+.4g} [{amount(low)}, {amount(high)}]"
    return Cell(amount(row["values"][way]), detail, tone)


def _campaign_table(campaigns: list[Row]) -> Table:
    rows = [
        [
            Cell(str(row["campaign"])),
            Cell(f"{row['contacts']:,.0f}"),
            Cell(amount(row["expected_engagements"])),
            Cell(amount(row["engagements"])),
            Cell(amount(row["expected_value"])),
            Cell(amount(row["value"])),
            Cell(amount(row["cost"])),
        ]
        for row in campaigns
    ]
    columns = ["Campaign", "Contacts", "Engagements expected", "came", "Value expected", "came",
               "Cost"]  # fmt: skip
    return Table("What was expected and what came", columns, rows)


def _backtest_pictures(result: StudyResult) -> list[Picture]:
    if "curve" not in result.arrays:
        return []
    size = result.facts["best_size"]
    best = (size["contacts"], size["low"], size["high"])
    pictures = [
        picture(
            plot_value_curve(result.arrays["curve"], best=best),
            f"Value over contacts. Greatest profit at {best[0]} contacts [{best[1]} to {best[2]}]; "
            f"the model would have chosen {size['foreseen']}.",
            "Each user's best campaigns, most valuable contact first, without the campaigns' own "
            "limits: where value stops to rise faster than cost, the list is long enough.",
        )
    ]
    points = pd.DataFrame(result.facts["diversity"])
    if points["precision"].notna().any():
        pictures.append(
            picture(
                plot_diversity(points),
                "Relevance against diversity: share of contacts with an engagement, against the "
                "effective numbers of campaigns shown and of users reached.",
                "Along a curve the same users or campaigns are shared out more evenly, at the "
                "price of contacts that find nobody interested.",
            )
        )
    return pictures


def uplift_section(result: StudyResult) -> Section:
    """Return what campaigns changed, against users held out."""
    table = result.table
    whole = table[table["group"] == "all"]
    rows = [_effect_row(part) for _, part in whole.groupby(["campaign", "metric"], sort=False)]
    columns = ["Campaign", "Verdict", "Contacted", "Held out", "Plain difference", "Adjusted",
               "Could be seen from"]  # fmt: skip
    note = (
        "Totals over the contacted, with 95 % intervals. Adjusted: without what the model expected "
        "of each user anyway (CUPED). Could be seen from: the least effect a user that such groups "
        "show four times in five."
    )
    tables = [Table("What the contacts changed", columns, rows, note)]
    adjusted = whole[
        (whole["metric"] == "incremental_engagements") & (whole["method"] == "adjusted")
    ]
    headline = {
        str(row["campaign"]): Cell(f"{row['value']:+.4g}", _interval(row, "low", "high"))
        for row in adjusted.to_dict("records")
    }
    test = result.facts["test"]
    ground = {"from": str(test["begins"]), "to": str(test["ends"])}
    question = "What did the campaigns change?"
    verdicts = [_change(row) for row in adjusted.to_dict("records")]
    return Section(
        question,
        tables,
        _decile_pictures(table),
        headline=headline,
        ground=ground,
        verdicts=verdicts,
    )


def _change(row: Row) -> Cell:
    """Return what one campaign changed, in engagements."""
    tone = "good" if row["low"] > 0 else "bad" if row["high"] < 0 else ""
    seen = "" if tone else "; that none came of it is possible, too"
    ends = _interval(row, "low", "high")
    text = f"{row['campaign']}: {row['value']:+,.4g} engagements {ends} of {row['contacted']:,} "
    return Cell(f"{text}contacted{seen}.", tone=tone)


def _effect_row(part: pd.DataFrame) -> list[Cell]:
    by = {str(row["method"]): row for row in part.to_dict("records")}
    plain, adjusted = by["difference"], by["adjusted"]
    verdict = Cell("no effect can be seen")
    if adjusted["low"] > 0:
        verdict = Cell("✓ more", tone="good")
    elif adjusted["high"] < 0:
        verdict = Cell("✗ less", tone="bad")
    return [
        Cell(str(plain["campaign"]), str(plain["metric"]).replace("incremental_", "")),
        verdict,
        Cell(f"{plain['contacted']:,}", f"{plain['contacted_mean']:.4g} each"),
        Cell(f"{plain['held_out']:,}", f"{plain['held_out_mean']:.4g} each"),
        Cell(f"{plain['value']:+.4g}", _interval(plain, "low", "high")),
        Cell(f"{adjusted['value']:+.4g}", _interval(adjusted, "low", "high")),
        Cell(f"{adjusted['detectable']:.3g} a user"),
    ]


def _decile_pictures(table: pd.DataFrame) -> list[Picture]:
    pictures = []
    groups = table[(table["group"] != "all") & (table["metric"] == "incremental_engagements")]
    for name, part in groups.groupby("campaign", sort=False):
        complete = part.dropna(subset=["per_user_low"])
        if len(complete) < 2:
            continue
        labels = [f"group {group}" for group in complete["group"]]
        labels[0] += " (most expected)"
        ends = complete[["per_user", "per_user_low", "per_user_high"]].to_numpy(float)
        pictures.append(
            picture(
                plot_effects(labels, ends, name="engagements more, a user contacted"),
                f"Effect of campaign {name} by what was expected of the users.",
                f"{name}: if the effect does not fall from top to bottom, those likely to act are "
                "not those who are changed: a ranking by propensity is no ranking by uplift.",
            )
        )
    return pictures


def _interval(row: Row, low: str, high: str) -> str:
    return f"[{amount(row[low])}, {amount(row[high])}]"
