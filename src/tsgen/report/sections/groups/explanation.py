"""Why a model lists people, or forecasts a number, on a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.evaluation import StudyResult

from ...figures import plot_beeswarm, plot_importance, plot_parts
from ..base import Cell, Picture, Section, Table, picture

__all__ = ["explanation_section"]

_TINY = 1e-3
_SHOWN = 50
_STEPS = 24
_SCORES = (
    "Shapley values: what the events of a group, or the attributes, add to a user's expected "
    "events, over all orders in which they may become known. They add up to what is expected."
)
_FORECAST = (
    "Shapley values of what the forecaster sees, in units of the series; what is absent is at the "
    "baseline. They add up to the forecast less the one of the baseline."
)


def explanation_section(result: StudyResult) -> Section:
    """Return the importance of each player, pictures, and sentences or steps."""
    facts = result.facts
    forecast = facts.get("of") == "forecast"
    importance = _importance(result.table, _FORECAST if forecast else _SCORES)
    if forecast:
        return Section(
            "Why does the model forecast these numbers?",
            [importance, _steps(result)],
            _forecast_pictures(result),
            ground={"order": str(facts["order"]), "baseline": str(facts["baseline"]),
                    "of": str(facts["statistic"])},
            verdicts=[Cell(facts["random"])] if facts["random"] else [],
        )  # fmt: skip
    return Section(
        "Why does the model list these people?",
        [importance, _sentences(facts.get("users", []))],
        _score_pictures(result),
        ground={"items": ", ".join(facts["items"]), "horizon": str(facts["horizon"])},
    )


def _importance(table: pd.DataFrame, note: str) -> Table:
    wide = table.pivot_table(index="player", columns="metric", values="value", sort=False)
    wide = wide.sort_values("mean absolute", ascending=False, kind="stable")
    rows = [
        [Cell(str(player)), Cell(_plain(row["mean absolute"])), Cell(_plain(row["mean"], "+"))]
        for player, row in wide.iterrows()
    ]
    return Table(
        "What moves most", ["What", "Moves by, on average", "Up or down, on average"], rows, note
    )


def _sentences(users: list[dict[str, Any]]) -> Table:
    rows = [[Cell(one["user"]), Cell(f"{one['score']:.3g}"), Cell(one["why"], tone="plain")]
            for one in users[:_SHOWN]]  # fmt: skip
    return Table("User by user", ["User", "Expected events", "Why"], rows)


def _steps(result: StudyResult) -> Table:
    values, players = result.arrays["values"], result.facts["players"]
    rows = [
        [Cell(str(step)), Cell(f"{result.arrays['forecast'][step - 1]:.4g}"),
         Cell(f"{result.arrays['base'][step - 1]:.4g}"), *(Cell(_plain(v, "+")) for v in row)]
        for step, row in enumerate(values, 1)
    ]  # fmt: skip
    return Table("Step by step", ["Step", "Forecast", "At the baseline", *players], rows)


def _score_pictures(result: StudyResult) -> list[Picture]:
    values, players = result.arrays["values"], result.facts["players"]
    if not len(values):
        return []
    label = "expected events"
    return [
        picture(
            plot_importance(values, players, label=f"mean absolute value, {label}"),
            f"Mean absolute values of {len(players)} groups as bars.",
            "How much each group moves users' expected events, whichever way.",
        ),
        picture(
            plot_beeswarm(values, players, amounts=result.arrays.get("amounts"), label=label),
            f"Values of {len(values)} users, a dot each, for {len(players)} groups.",
            "To the right: the group raises what is expected. Dots are coloured by how many events "
            "the user has in the group.",
        ),
    ]


def _forecast_pictures(result: StudyResult) -> list[Picture]:
    values, players = result.arrays["values"], list(result.facts["players"])
    every = max(-(-len(values) // _STEPS), 1)
    largest = np.argsort(-np.abs(values).mean(axis=0), kind="stable")[:6]
    index = [f"step {step}" for step in range(1, len(values) + 1, every)]
    parts = pd.DataFrame(values[::every][:, largest], index, [players[k] for k in largest])
    return [
        picture(
            plot_importance(values, players, label="mean absolute value, units of the series"),
            f"Mean absolute values of {len(players)} players as bars.",
            "How much each part of the input moves the forecast, whichever way.",
        ),
        picture(
            plot_parts(parts, label="forecast less the one of the baseline"),
            f"Values of the {len(largest)} players that move most, step by step.",
            "To the right: the part raises the forecast of the step.",
        ),
    ]


def _plain(value: float, sign: str = "") -> str:
    """Return a number of four digits, without an exponent if it is next to none."""
    if 0 < abs(value) < _TINY:
        return np.format_float_positional(value, 1, fractional=False, sign=bool(sign), trim="-")
    return f"{value:{sign}.4g}"
