"""What a plan of campaigns would have brought in past windows, beside other ways to choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.allocation import Plan
from tsgen.data import as_interactions
from tsgen.errors import SettingsError
from tsgen.progress import track
from tsgen.results import StudyResult, library_versions
from tsgen.rng import resolve_seed

from .answer import allocation_answer
from .curves import ValueCurve, value_curve
from .pooling import mean_campaigns, mean_diversity, pooled_table, window_rows
from .windows import JudgedWindow, Judgement, backtest_starts

__all__ = ["evaluate_allocation"]


def evaluate_allocation(
    events: Any,
    model: Any,
    campaigns: Any,
    *,
    at: Any = None,
    origins: int = 1,
    exclude: Any = None,
    users: pd.DataFrame | None = None,
    margin: float = 1.0,
    draws: int = 500,
    seed: int | None = None,
    options: Any = None,
    command: str | None = None,
    **settings: Any,
) -> StudyResult:
    """Judge an allocation by the events of the horizon after a time, or after several.

    An estimator is trained on the events before each window; a model is asked as it is. The same
    plan is filled in other ways: by one campaign after another, by simple rules of the same past,
    at random, and in hindsight. Nobody was really contacted: an engagement counts where it came
    anyway, so the study says who acts, not what a contact changes. Intervals are of 95 %: of one
    window by drawing users with replacement with the lists as they are, of several Student's over
    the windows, whose means are given.

    Args:
        events: `Interactions` or a table, as for `evaluate_audience`.
        model: An estimator, or a model.
        campaigns: See `tsgen.allocate`.
        at: When the last window begins (an estimator; None is one horizon before the end), or the
            first (a model; None is its cut-off).
        origins: Windows, one horizon apart.
        exclude: Ids of users whom no campaign may contact.
        users: Attributes, one row a user, for campaigns with a facet; what their demands really
            cost is said beside the arm "without demands".
        margin: Part of the value that is earned: profit is margin times value, less cost.
        draws: Draws of the bootstrap.
        seed: Same seed, same numbers; None draws one, which is recorded.
        options: `TrainingOptions` of an estimator.
        command: What was typed, to be kept with the result.
        **settings: Settings of the plan.

    Returns:
        A result of the kind "allocation". Its table has a row for each `arm` and metric, with `low`
        and `high`; rows of other arms have the `difference` of the model to them, with
        `difference_low` and `difference_high`. `facts["windows"]` has what came in each window.

    Raises:
        SettingsError: The plan cannot be met, or the model has learnt from the test window.
        DataError: There is nothing to test on, nobody to contact, or no room for the windows.
    """
    if not 0 < margin <= 1 or draws < 2:
        raise SettingsError(
            f"margin={margin}, draws={draws} is not possible: 0 < margin <= 1 < draws."
        )
    seed = resolve_seed(seed)
    log = as_interactions(events)
    starts = backtest_starts(log, model, at, origins)
    plan = Plan.of(campaigns, **settings)
    judgement = Judgement(log, plan, exclude, margin, draws, seed, options, users)
    windows = [judgement.of_window(model, start) for start in track(starts, "past windows")]
    table = pooled_table([window.table for window in windows])
    facts, arrays = _facts(windows, judgement), {}
    ranked = [window.contacts for window in windows if window.contacts is not None]
    if len(ranked) == len(windows):
        curve = value_curve(ranked, draws=draws, seed=seed)
        facts["best_size"] = _best_size(curve)
        facts["diversity"] = mean_diversity(windows).replace({np.nan: None}).to_dict("records")
        columns = (curve.sizes, curve.expected, curve.realised, curve.cost)
        arrays = {"curve": np.column_stack(columns)}
    if command is not None:
        facts["command"] = command
    return StudyResult(table, allocation_answer(table, facts), facts, arrays)


def _facts(windows: Sequence[JudgedWindow], judgement: Judgement) -> dict[str, Any]:
    last, log = windows[-1], judgement.log
    return {
        "study": "allocation",
        "test": last.test | {"begins": windows[0].test["begins"]},
        "windows": window_rows(windows),
        "plan": judgement.plan.to_json(),
        "counts": last.counts,
        "gap": max(window.gap for window in windows),
        "settings": {"margin": judgement.margin, "bootstrap_draws": judgement.draws},
        "model": last.model,
        "rules": {name: text for window in windows for name, text in window.rules.items()},
        "campaigns": mean_campaigns(windows),
        "data": {"num_events": len(log), "fingerprint": log.fingerprint()},
        "seed": judgement.seed,
        "versions": library_versions(),
    }


def _best_size(curve: ValueCurve) -> dict[str, int]:
    return {
        "contacts": curve.best,
        "low": curve.low,
        "high": curve.high,
        "foreseen": curve.foreseen,
        "most": int(curve.sizes[-1]),
    }
