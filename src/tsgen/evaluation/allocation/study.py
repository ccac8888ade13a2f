"""What a plan of campaigns would have brought in a past window, beside other ways to choose."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from tsgen.allocation import CampaignModel, Plan, pose
from tsgen.arrays import Array
from tsgen.contracts import AudienceEstimator
from tsgen.data import Interactions
from tsgen.errors import SettingsError
from tsgen.results import StudyResult, library_versions
from tsgen.rng import resolve_seed

from ..audience import REFERENCES, open_window, references, train_before, window_start
from .answer import allocation_answer
from .arms import ARMS, MODEL, assign_all
from .curves import ValueCurve, diversity_curve, drawable, value_curve
from .measures import arm_table, by_campaign
from .outcome import Outcome

__all__ = ["evaluate_allocation"]


def evaluate_allocation(
    events: Any,
    model: Any,
    campaigns: Any,
    *,
    at: Any = None,
    exclude: Any = None,
    margin: float = 1.0,
    draws: int = 500,
    seed: int | None = None,
    options: Any = None,
    command: str | None = None,
    **settings: Any,
) -> StudyResult:
    """Judge an allocation by the events of the horizon after a time.

    An estimator is trained on the events before `at`; a model is asked as it is. The same plan is
    filled in other ways: by one campaign after another, by simple rules of the same past, at
    random, and in hindsight. Nobody was really contacted: an engagement counts where it came
    anyway, so the study says who acts, not what a contact changes. Intervals are of 95 %, by
    drawing users with replacement with the lists as they are.

    Args:
        events: `Interactions` or a table, as for `evaluate_audience`.
        model: An estimator, or a model.
        campaigns: See `tsgen.allocate`.
        at: When the test window begins; None is one horizon before the end (an estimator), or the
            cut-off (a model).
        exclude: Ids of users whom no campaign may contact.
        margin: Part of the value that is earned, for the best number of contacts.
        draws: Draws of the bootstrap.
        seed: Same seed, same numbers; None draws one, which is recorded.
        options: `TrainingOptions` of an estimator.
        command: What was typed, to be kept with the result.
        **settings: Settings of the plan.

    Returns:
        A result of the kind "allocation". Its table has a row for each `arm` and metric, with `low`
        and `high`; rows of other arms have the `difference` of the model to them, with
        `difference_low` and `difference_high`.

    Raises:
        SettingsError: The plan cannot be met, or the model has learnt from the test window.
        DataError: There is nothing to test on, or nobody to contact.
    """
    if not 0 < margin <= 1 or draws < 2:
        raise SettingsError(
            f"margin={margin}, draws={draws} is not possible: 0 < margin <= 1 < draws."
        )
    seed = resolve_seed(seed)
    plan = Plan.of(campaigns, **settings)
    log = events if isinstance(events, Interactions) else Interactions.from_frame(events)
    fitted, start = model, at
    if hasattr(model, "train"):
        begin = window_start(log, model.horizon, at)
        fitted = train_before(cast("AudienceEstimator", model), log, begin, options, seed)
        start = fitted.cutoff
    window = open_window(log, fitted, start)
    past = window.past if len(window.past) else None
    moment = {} if window.at == log.read_time(fitted.cutoff) else {"at": start, "events": past}
    problem = pose(cast("CampaignModel", fitted), plan, exclude=exclude, spend=past, **moment)
    pool = problem.pool
    inside = (log.time >= window.at) & (log.time < window.at + window.horizon)
    outcome = Outcome.of(pool, log.where(inside))
    arms = assign_all(pool, problem.limits, references(window, seed), outcome, seed)
    table = arm_table(pool, arms, outcome, draws, seed)
    places = np.minimum(problem.limits.users, pool.shape[1])
    facts: dict[str, Any] = {
        "study": "allocation",
        "test": window.facts,
        "plan": plan.to_json(),
        "counts": problem.counts,
        "gap": arms[MODEL].gap,
        "settings": {"margin": margin, "bootstrap_draws": draws},
        "model": {
            "kind": type(fitted).__name__,
            "horizon": fitted.horizon,
            "cutoff": str(fitted.cutoff),
        },
        "rules": {name: (ARMS | REFERENCES)[name] for name in arms},
        "campaigns": by_campaign(pool, arms[MODEL], outcome),
        "data": {"num_events": len(log), "fingerprint": log.fingerprint()},
        "seed": seed,
        "versions": library_versions(),
    }
    arrays: dict[str, Array] = {}
    if drawable(pool):
        curve = value_curve(pool, places, outcome, margin=margin, draws=draws, seed=seed)
        facts["best_size"] = _best_size(curve)
        diversity = diversity_curve(pool, places, problem.limits, outcome, seed)
        facts["diversity"] = diversity.replace({np.nan: None}).to_dict("records")
        arrays = {
            "curve": np.column_stack([curve.sizes, curve.expected, curve.realised, curve.cost])
        }
    if command is not None:
        facts["command"] = command
    return StudyResult(table, allocation_answer(table, facts), facts, arrays)


def _best_size(curve: ValueCurve) -> dict[str, int]:
    return {
        "contacts": curve.best,
        "low": curve.low,
        "high": curve.high,
        "foreseen": curve.foreseen,
        "most": int(curve.sizes[-1]),
    }


def _describe(fitted: Any) -> dict[str, Any]:
    return {
        "kind": type(fitted).__name__,
        "horizon": fitted.horizon,
        "cutoff": str(fitted.cutoff),
        "seed": getattr(fitted, "seed", None),
    }
