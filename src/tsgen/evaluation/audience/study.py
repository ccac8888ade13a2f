"""Does an audience model find the users who will act? A calendar test beside simple rules."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from tsgen.arrays import Array
from tsgen.contracts import AudienceEstimator, AudienceModel
from tsgen.data import Interactions, as_interactions
from tsgen.errors import SettingsError
from tsgen.metrics import (
    one_percent,
    without,
)
from tsgen.progress import track
from tsgen.results import StudyResult, library_versions
from tsgen.rng import resolve_seed
from tsgen.scores import ScoreBlocks, held_scores
from tsgen.settings import Settings

from ..calibration import calibration_rows
from ..histograms import event_histograms
from .answer import audience_answer
from .by_item import ItemLists
from .intervals import INTERVALS, MODEL, interval_table
from .measures import CURVE, Judged, judge
from .probabilities import ToProbability, poisson_probability, probability_sums
from .references import REFERENCES, references
from .sequence import SEQUENCE, SEQUENCE_MODEL, sequence_scores
from .window import AudienceWindow, open_window, train_before, window_start

__all__ = ["evaluate_audience"]


def evaluate_audience(
    events: Any,
    model: AudienceModel | AudienceEstimator,
    *,
    at: Any = None,
    num_users: int | None = None,
    num_items: int | None = None,
    draws: int = 500,
    seed: int | None = None,
    options: Any = None,
    sequence_model: bool = False,
    command: str | None = None,
) -> StudyResult:
    """Judge audiences and recommendations by the events of the horizon after a time.

    An estimator is trained on the events before `at`; a model is asked as it is. Candidates are
    all users and items that the model then knows; events of others are counted and left out. Simple
    rules (`REFERENCES`) that look at the same past are judged in the same way. Intervals are of
    95 %, by drawing users with replacement, the same ones for every rule; audiences' precision
    selects the lists anew among the drawn (for other customers like these), all else keeps the
    lists as they are. The model stays as it is, so intervals do not say how another training would
    turn out.

    Args:
        events: `Interactions` or a table. For a model: a log that goes on after its cut-off; the
            simple rules need the events before it, too.
        model: An estimator, or a model.
        at: When the test window begins; None is one horizon before the end (an estimator), or the
            cut-off (a model).
        num_users: Users listed for an item; None is 1 % of the users.
        num_items: Items listed for a user; None is 1 % of the items.
        draws: Draws of the bootstrap.
        seed: Same seed, same numbers; None draws one, which is recorded.
        options: `TrainingOptions` of an estimator; without a seed of their own they get `seed`.
        sequence_model: Train a recurrent network on the same past, too, and judge it as one more
            arm.
        command: What was typed, to be kept with the result.

    Returns:
        A result of the kind "audience". Its table has a row for each `arm` ("model" and the rules)
        and metric, with `low` and `high` of the interval; the rows of the model also have
        `reference`, the best simple rule by that metric, and `difference` to it with
        `difference_low` and `difference_high`.

    Raises:
        SettingsError: The model has learnt from events of the test window, or a number is
            impossible.
        DataError: There is nothing to test on, or to train on.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from tsgen import RIMEstimator
        >>> draw = np.random.default_rng(0)
        >>> hours = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 1400, 900), "h")
        >>> table = pd.DataFrame({"user_id": draw.integers(0, 40, 900), "timestamp": hours})
        >>> table["item_id"] = draw.integers(0, 9, 900)
        >>> result = evaluate_audience(table, RIMEstimator(horizon="7D"), draws=50, seed=1)
        >>> result.table["arm"].unique().tolist()
        ['model', 'random', 'popularity', 'recency', 'repeat buyers', 'item-kNN']
        >>> result.facts["test"]["begins"][:10]
        '2024-02-21'
    """
    seed = resolve_seed(seed)
    log = as_interactions(events)
    if hasattr(model, "train"):
        start = window_start(log, model.horizon, at)
        fitted = train_before(cast("AudienceEstimator", model), log, start, options, seed)
        window, trained = open_window(log, fitted, fitted.cutoff), True
    else:
        fitted = model
        window, trained = open_window(log, fitted, at), False
    sizes = _sizes(window, num_users, num_items, draws)
    arms: dict[str, ScoreBlocks] = {MODEL: window.scores, **references(window, seed)}
    chances: dict[str, ToProbability] = {MODEL: fitted.probability}
    if sequence_model:
        network, its_chances = sequence_scores(window, fitted.horizon, options, seed)
        arms, chances = arms | network, chances | its_chances
    judged = {
        name: _judge(window, scores, sizes, chances.get(name, poisson_probability), seed)
        for name, scores in track(arms.items(), "judging")
    }
    table = interval_table(judged, window.scores.shape[0], draws, seed)
    words = ", ".join(f"{name}={value}" for name, value in SEQUENCE_MODEL.items())
    rules = REFERENCES | {SEQUENCE: f"A RIM with {words}, trained on the same past."}
    facts: dict[str, Any] = {
        "study": "audience",
        "test": window.facts
        | {"prevalence": _prevalence(window)}
        | _judged_facts(judged[MODEL], fitted),
        "settings": {"num_users": sizes[0], "num_items": sizes[1], "bootstrap_draws": draws},
        "model": _describe(fitted, trained),
        "calibration": _calibration_facts(judged[MODEL]),
        "by_item": _item_rows(judged[MODEL].by_item, window.scores.item_ids),
        "rules": {name: rules[name] for name in judged if name != MODEL},
        "data": _data_facts(log),
        "intervals": INTERVALS,
        "seed": seed,
        "versions": library_versions(),
    }
    if command is not None:
        facts["command"] = command
    arrays = _arrays(judged) | event_histograms(log)
    return StudyResult(table, audience_answer(table, facts), facts, arrays)


def _judge(
    window: AudienceWindow,
    scores: ScoreBlocks,
    sizes: tuple[int, int],
    to_probability: ToProbability,
    seed: int,
) -> Judged:
    """Judge one arm; its scores are held no longer than that."""
    held = held_scores(scores)
    chances = probability_sums(
        window, held, to_probability, seed, calibrate=scores is window.scores
    )
    return judge(window, held, *sizes, chances, seed)


def _prevalence(window: AudienceWindow) -> float:
    """Return the share of the pairs that may be listed with an event, as random lists hold."""
    exclude = window.scores.excluded
    n, m = window.scores.shape
    pairs = n * m - (0 if exclude is None else int((exclude != 0).sum()))
    return float(without(window.targets, exclude).nnz / max(pairs, 1))


def _judged_facts(judged: Judged, model: AudienceModel) -> dict[str, float]:
    lists = judged.audiences
    listed = lists.scores[:, : lists.size]
    chances = model.probability(listed[listed > -np.inf])
    return {
        "items_of_gain_and_auc": judged.items_placed,
        "pairs_of_chances": judged.chances.pairs,
        "expected_precision": float(chances.mean()) if len(chances) else 0.0,
    }


def _calibration_facts(judged: Judged) -> dict[str, Any]:
    calibration = judged.chances.calibration
    return (
        {}
        if calibration is None
        else {k: getattr(calibration, k).facts() for k in ("counts", "chances")}
    )


def _item_rows(lists: ItemLists, item_ids: Any) -> list[dict[str, Any]]:
    """Return one row an item, as JSON values."""
    columns = (lists.acted, lists.hits, lists.at_random, lists.listed)
    numbers = zip(*(column.tolist() for column in columns), strict=True)
    names = ("acted", "found", "at_random", "listed")
    return [
        {"item": str(item_ids[place])} | dict(zip(names, row, strict=True))
        for place, row in zip(lists.item, numbers, strict=True)
    ]


def _sizes(
    window: AudienceWindow, num_users: int | None, num_items: int | None, draws: int
) -> tuple[int, int]:
    n, m = window.scores.shape
    users = one_percent(n) if num_users is None else num_users
    items = one_percent(m) if num_items is None else num_items
    if not (1 <= users <= n and 1 <= items <= m and draws >= 2):
        raise SettingsError(
            f"num_users={users}, num_items={items}, draws={draws} is not possible with {n} users "
            f"and {m} items; list from 1 to all of them, and draw at least twice."
        )
    return users, items


def _describe(fitted: AudienceModel, trained: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "kind": type(fitted).__name__,
        "horizon": fitted.horizon,
        "cutoff": str(fitted.cutoff),
        "trained": "on the events before the test window" if trained else "before, and given",
    }
    if getattr(fitted, "seed", None) is not None:
        facts["seed"] = fitted.seed  # type: ignore[attr-defined]
    settings = getattr(fitted, "settings", None)
    if isinstance(settings, Settings):
        facts["settings"] = settings.to_json()
    if choices := getattr(fitted, "summary", {}).get("choices"):
        facts["choices"] = choices
    return facts


def _data_facts(log: Interactions) -> dict[str, Any]:
    names = ("num_events", "num_users", "num_items", "first", "last", "timezone", "repeat_share")
    facts = log.facts()
    return {name: facts[name] for name in names} | {"fingerprint": log.fingerprint()}


def _arrays(judged: dict[str, Judged]) -> dict[str, Array]:
    arrays = {"depths": CURVE, "listed": judged[MODEL].listed}
    arrays |= {"by_item.curves": judged[MODEL].by_item.curves} | {
        f"gain.{name}": arm.curve for name, arm in judged.items()
    }
    if (calibration := judged[MODEL].chances.calibration) is not None:
        arrays["calibration.counts"] = calibration_rows(calibration.counts.table)
        arrays["calibration.chances"] = calibration_rows(calibration.chances.table)
    return arrays
