"""One past window: what a plan would have brought in it, beside other ways to choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from tsgen.allocation import CampaignModel, Plan, pose
from tsgen.arrays import Integers
from tsgen.contracts import AudienceEstimator, AudienceModel
from tsgen.data import Interactions
from tsgen.data.events import read_span, to_stamps
from tsgen.errors import DataError, SettingsError

from ..audience import REFERENCES, open_window, references, train_before, window_start
from .arms import ARMS, MODEL, assign_all
from .curves import RankedContacts, diversity_curve, drawable, rank_contacts
from .measures import arm_table, by_campaign
from .outcome import Outcome

__all__ = ["JudgedWindow", "Judgement", "backtest_starts"]


@dataclass(frozen=True, eq=False)
class JudgedWindow:
    """What a plan would have brought in one window.

    Attributes:
        table: A row for each arm and metric, see `arm_table`.
        test: Facts of the window.
        counts: How many users are out, and why.
        gap: How far the model's assignment may be below the best of its expectations.
        model: Facts of the model.
        rules: Name of each arm -> what it is.
        campaigns: What was expected and what came, by campaign.
        contacts: For the curve of values; None where there are too many pairs.
        diversity: The relevance-diversity curve; None likewise.
    """

    table: pd.DataFrame
    test: dict[str, Any]
    counts: dict[str, int]
    gap: float
    model: dict[str, Any]
    rules: dict[str, str]
    campaigns: list[dict[str, Any]]
    contacts: RankedContacts | None
    diversity: pd.DataFrame | None


@dataclass(frozen=True, eq=False)
class Judgement:
    """What stays the same in all windows of a backtest.

    Attributes:
        log: All events.
        plan: The campaigns.
        exclude: Ids of users whom no campaign may contact.
        margin: Part of the value that is earned.
        draws: Draws of the bootstrap.
        seed: Of all draws.
        options: `TrainingOptions` of an estimator.
        users: Attributes for campaigns with a facet, or None.
    """

    log: Interactions
    plan: Plan
    exclude: Any
    margin: float
    draws: int
    seed: int
    options: Any
    users: pd.DataFrame | None = None

    def of_window(self, model: Any, start: int) -> JudgedWindow:
        """Judge the window that begins at `start`; an estimator is trained on what is before.

        Raises:
            SettingsError: The plan cannot be met, or the model has learnt from the window.
            DataError: There is nothing to test on, or nobody to contact.
        """
        log, plan = self.log, self.plan
        fitted: AudienceModel = model
        if hasattr(model, "train"):
            judged = cast("AudienceEstimator", model)
            fitted = train_before(judged, log, start, self.options, self.seed)
        stamp = to_stamps(np.array([start]), "UTC")[0]
        window = open_window(log, fitted, stamp)
        past = window.past if len(window.past) else None
        moment: dict[str, Any] = {"at": stamp, "events": past}
        if start == log.read_time(fitted.cutoff):
            moment = {}
        campaign_model = cast("CampaignModel", fitted)
        problem = pose(campaign_model, plan, exclude=self.exclude, spend=past, **moment)
        pool = problem.pool
        inside = (log.time >= start) & (log.time < start + window.horizon)
        outcome = Outcome.of(pool, log.where(inside))
        rules = references(window, self.seed)
        arms = assign_all(problem, rules, outcome, self.seed, self.users)
        places = np.minimum(problem.limits.users, pool.shape[1])
        small = drawable(pool)
        return JudgedWindow(
            arm_table(pool, arms, outcome, self.draws, self.seed, self.margin),
            window.facts,
            problem.counts,
            arms[MODEL].gap,
            {
                "kind": type(fitted).__name__,
                "horizon": fitted.horizon,
                "cutoff": str(fitted.cutoff),
            },
            {name: (ARMS | REFERENCES)[name] for name in arms},
            by_campaign(pool, arms[MODEL], outcome),
            rank_contacts(pool, places, outcome, self.margin) if small else None,
            diversity_curve(pool, places, problem.limits, outcome, self.seed) if small else None,
        )


def backtest_starts(log: Interactions, model: Any, at: Any, origins: int) -> list[int]:
    """Return when the windows begin, a horizon apart, rising, in microseconds.

    Of an estimator the last begins at `at`, or one horizon before the end; of a model the first
    begins at `at`, or at its cut-off.

    Raises:
        SettingsError: `origins` is no number from 1.
        DataError: The log is too short for so many.
    """
    if isinstance(origins, bool) or not isinstance(origins, int) or origins < 1:
        raise SettingsError(f"origins={origins!r} is not possible: use a whole number from 1.")
    span = read_span(model.horizon)
    steps = np.arange(origins)
    if hasattr(model, "train"):
        starts = window_start(log, model.horizon, at) - span * steps[::-1]
    else:
        starts = log.read_time(model.cutoff if at is None else at) + span * steps
    _check_starts(log, starts, model.horizon)
    return [int(start) for start in starts]


def _check_starts(log: Interactions, starts: Integers, horizon: str) -> None:
    if len(starts) == 1:  # what is wrong with one window is said when it is opened
        return
    first, last = int(log.time.min()), int(log.time.max())
    fitting = int(((starts > first) & (starts <= last)).sum())
    if fitting < len(starts):
        ends = _texts([first, last], log)
        asked = _texts([int(starts[0]), int(starts[-1])], log)
        raise DataError(
            f"{len(starts)} windows of {horizon} would begin from {asked[0]} to {asked[1]}, but "
            f"the events go from {ends[0]} to {ends[1]}: {fitting} fit. Use fewer origins, or a "
            "shorter horizon."
        )


def _texts(moments: Sequence[int], log: Interactions) -> list[str]:
    return [str(stamp) for stamp in to_stamps(np.array(moments), log.timezone).floor("s")]
