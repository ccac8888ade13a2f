"""A study of audiences: who is found, beside simple rules; whether numbers mean what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tsgen.arrays import AnyArray
from tsgen.displays import percent
from tsgen.evaluation import StudyResult, audience_measure_title

from ..figures import plot_gain, plot_lift
from .base import Cell, Picture, Section, Table, picture
from .calibration import calibration_pictures, calibration_sentences, calibration_tables
from .drill_down import item_picture, item_table

__all__ = ["audience_section"]

Row = Mapping[str, Any]
_MODEL = "model"
_HEADLINE = {
    "user_rec_precision": "Audience precision",
    "lift_at_1%": "Lift at 1 %",
    "gain_at_10%": "Gain at 10 %",
    "auc": "AUC",
    "user_rec_precision_new_pairs": "Audience precision, new pairs",
    "user_rec_precision_seen_pairs": "Audience precision, seen pairs",
    "item_rec_precision": "Recommendation precision",
}
_SHARES = ("precision", "recall", "gain", "coverage", "hit_rate")
_MEANINGS = {
    "user_rec_precision": "Share of the users listed for an item who engaged with it.",
    "user_rec_recall": "Share of those who engaged with an item who were listed; mean over items.",
    "gain": "Share of all who engaged, found in this part of the users, best first.",
    "lift": "The same, over what random lists find.",
    "auc": "Chance that a user who engaged with an item is ranked above one who did not.",
    "item_rec_precision": "Share of the items listed for a user that the user engaged with.",
    "item_rec_recall": "Share of a user's items that were listed; mean over users.",
    "user_rec_precision_new_pairs": "Audience precision among users who never had the item before.",
    "item_rec_precision_new_pairs": "Precision of lists without what the user had before.",
    "user_rec_precision_seen_pairs": "Audience precision among users who had the item before.",
    "item_rec_precision_seen_pairs": "Precision of lists of what the user had before.",
    "user_rec_precision_with_targets": "Mean over items that anybody engaged with (as in ranx).",
    "user_rec_recall_with_targets": "Mean over items that anybody engaged with (as in ranx).",
    "user_rec_hit_rate": "Share of these items with at least one of their users listed.",
    "user_rec_ndcg": "Normalised discounted cumulative gain, mean over these items.",
    "user_rec_map": "Mean average precision over these items.",
    "item_rec_precision_with_targets": "Mean over users who engaged with anything (as in ranx).",
    "item_rec_recall_with_targets": "Mean over users who engaged with anything (as in ranx).",
    "item_rec_hit_rate": "Share of these users with at least one of their items listed.",
    "item_rec_ndcg": "Normalised discounted cumulative gain, mean over these users.",
    "item_rec_map": "Mean average precision over these users.",
    "count_ratio": "All events expected, over all that came.",
    "count_log_score": "Mean log-likelihood of users' numbers of events (Poisson).",
    "chance_log_score": "Mean log-likelihood of pairs' chances of at least one event.",
    "brier_score": "Mean squared difference of a pair's chance and what happened.",
    "user_rec_user_coverage": "Share of the users who are in any audience.",
    "user_rec_user_perplexity": "Effective number of users in audiences.",
    "item_rec_item_coverage": "Share of the items that are recommended to anyone.",
    "item_rec_item_perplexity": "Effective number of items recommended.",
}
_BETTER = {"lower": "lower is better", "higher": "higher is better", "one": "1 is best"}


def audience_section(result: StudyResult) -> Section:
    """Return the tables and pictures of a study of audiences."""
    test = result.facts["test"]
    arrays = result.arrays
    model = _rows_of(result, _MODEL)
    counts = [f"{name} {text}" for name, text in _ground(result).items()]
    return Section(
        "Does the model find the users who will act?",
        [
            _arms(result, f"Test: {', '.join(counts)}."),
            _measures(model),
            *item_table(result),
            *calibration_tables(result),
            *_choices(result.facts),
        ],
        [
            *_pictures(arrays, str(test["horizon"])),
            *calibration_pictures(result),
            *item_picture(result),
        ],
        headline={label: _value(model[name]) for name, label in _HEADLINE.items() if name in model},
        verdicts=[*_people(result), *calibration_sentences(result)],
        ground=_ground(result) | {"data": str(result.facts["data"].get("fingerprint"))},
    )


def _people(result: StudyResult) -> list[Cell]:
    """Return how many people of a list act, beside as many picked by the best simple rule."""
    row = _rows_of(result, _MODEL)["user_rec_precision"]
    rule = row.get("reference")
    if not isinstance(rule, str):
        return []
    size, horizon = result.facts["settings"]["num_users"], result.facts["test"]["horizon"]
    mine, other = size * row["value"], size * (row["value"] - row["difference"])
    text = (
        f"Of {size:,} users listed for an item, {mine:,.3g} act within {horizon} on average; of as "
        f"many listed by the best simple rule ({rule}) {other:,.3g}."
    )
    return [Cell(text, tone=_verdict(row).tone)]


def _choices(facts: Mapping[str, Any]) -> list[Table]:
    """Return what parts were chosen by past horizons, a table a part; none of older results."""
    choices = facts.get("model", {}).get("choices", {})
    return [
        Table(
            f"How the {part} was chosen",
            ["", "weight", "score"],
            [
                [
                    Cell(name),
                    Cell("–" if name == "stack" else f"{choice['weights'][name]:.2f}"),
                    Cell(f"{score:.4f}"),
                ]
                for name, score in choice.get("scores", {}).items()
            ],
            f"Mean log-likelihood in {choice['windows']} past horizons; higher is better.",
        )
        for part, choice in choices.items()
    ]


def _ground(result: StudyResult) -> dict[str, str]:
    test, settings = result.facts["test"], result.facts["settings"]
    return {
        "data": f"{result.facts['data']['num_events']:,} events",
        "from": str(test["begins"]),
        "to": str(test["ends"]),
        "users": f"{test['candidate_users']:,}",
        "items": f"{test['candidate_items']:,}",
        "users listed": f"{settings['num_users']:,}",
        "items listed": f"{settings['num_items']:,}",
    }


def _rows_of(result: StudyResult, arm: str) -> dict[str, Row]:
    """Return the rows of an arm by metric."""
    rows = result.table[result.table["arm"] == arm].to_dict("records")
    return {str(row["metric"]): {str(k): v for k, v in row.items()} for row in rows}


def _arms(result: StudyResult, note: str) -> Table:
    """Return the model and the simple rules, one a row."""
    names = [name for name in _HEADLINE if name in set(result.table["metric"])]
    rules: Mapping[str, str] = result.facts["rules"]
    rows = []
    for arm in result.table["arm"].unique():
        measured = _rows_of(result, arm)
        verdict = _beside_rules(measured) if arm == _MODEL else Cell("")
        rows.append([Cell(arm, rules.get(arm, "")), verdict, *(_value(measured[n]) for n in names)])
    note += f" Brackets are intervals: {result.facts.get('intervals', '95 %, over users.')}"
    return Table("Who is found", ["", "Verdict", *(_HEADLINE[name] for name in names)], rows, note)


def _beside_rules(model: Mapping[str, Row]) -> Cell:
    """Return the verdict on audience precision, with the rule that it is held against."""
    row = model["user_rec_precision"]
    if not isinstance(row.get("reference"), str):
        return Cell("–")
    return _verdict(row)._replace(detail=f"beside {row['reference']}")


def _measures(model: Mapping[str, Row]) -> Table:
    """Return every measure of the model, against the best simple rule."""
    rows = []
    for metric, row in model.items():
        meaning = _MEANINGS.get(metric, _MEANINGS.get(metric.partition("_at_")[0], ""))
        rows.append([
            Cell(audience_measure_title(metric), f"{meaning} ({_BETTER[row['better']]})"),
            *_against(row),
        ])  # fmt: skip
    columns = ["Metric", "Verdict", "Model", "Best simple rule", "Difference"]
    note = "The best simple rule is chosen anew for each measure, by these very numbers."
    return Table("All measures", columns, rows, note)


def _against(row: Row) -> list[Cell]:
    """Return the verdict, the model's value, the best simple rule's and the difference."""
    if not isinstance(row["reference"], str):
        return [Cell("–"), _value(row), Cell("–"), Cell("–")]
    best = Cell(_number(row, row["value"] - row["difference"]), row["reference"])
    interval = _interval(row, row["difference_low"], row["difference_high"], "+")
    return [_verdict(row), _value(row), best, Cell(_gap(row), interval)]


def _verdict(row: Row) -> Cell:
    if row["better"] == "one":
        return Cell("✓ 1 is within", tone="good") if row["low"] <= 1 <= row["high"] else Cell(
            "✗ 1 is not within", tone="bad"
        )  # fmt: skip
    sign = -1 if row["better"] == "lower" else 1
    ends = sorted([sign * row["difference_low"], sign * row["difference_high"]])
    if ends[0] > 0:
        return Cell("✓ better", tone="good")
    return Cell("✗ worse", tone="bad") if ends[1] < 0 else Cell("no clear difference")


def _value(row: Row) -> Cell:
    has_interval = not np.isnan(row["low"])
    return Cell(
        _number(row, row["value"]), _interval(row, row["low"], row["high"]) if has_interval else ""
    )


def _number(row: Row, value: float, sign: str = "") -> str:
    """Return a number of a row; shares are percentages."""
    scale = _scale(row)
    return f"{scale * value:{sign}.3g}{' %' if scale > 1 else ''}"


def _gap(row: Row) -> str:
    """Return a difference; of percentages it is in points, which are no percentage of anything."""
    scale = _scale(row)
    return f"{scale * row['difference']:+.3g}{' points' if scale > 1 else ''}"


def _interval(row: Row, low: float, high: float, sign: str = "") -> str:
    scale = _scale(row)
    return f"[{scale * low:{sign}.3g}, {scale * high:{sign}.3g}]"


def _scale(row: Row) -> float:
    return 100.0 if any(word in row["metric"] for word in _SHARES) else 1.0


def _pictures(arrays: Mapping[str, AnyArray], horizon: str) -> list[Picture]:
    curves = {
        name.removeprefix("gain."): curve
        for name, curve in arrays.items()
        if name.startswith("gain.")
    }
    tenth = int(np.abs(arrays["depths"] - 0.1).argmin())
    shares = ", ".join(f"{name} {percent(curve[tenth])}" for name, curve in curves.items())
    return [
        picture(
            plot_gain(curves, arrays["depths"]),
            f"Gain curves. In the best tenth of the users: {shares} of those who acted.",
            f"How many of those who act in {horizon} an audience of each size would reach; the "
            "straight line is a random audience.",
        ),
        picture(
            plot_lift(curves, arrays["depths"], listed=arrays.get("listed")),
            "Lift over audience size: how many times more users act than in a random audience.",
            "The smaller the audience, the more a good ranking is worth.",
        ),
    ]
