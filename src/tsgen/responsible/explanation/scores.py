"""`explain_scores`: Shapley values of what a model knows, in expected events."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers, Mask
from tsgen.contracts import LoggedModel
from tsgen.data import Interactions
from tsgen.data.events import Vocabulary, read_time
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.progress import PATIENCE, track
from tsgen.results import StudyResult, library_versions
from tsgen.rng import resolve_seed

from ..bias import campaign_scores
from ..shapley import MOST_PLAYERS, coalitions, shapley_values
from .event_groups import ATTRIBUTES, EventGroups, groups_of_events, masked_log
from .importance import importance_table
from .permutation import import_shap, permutation_values

__all__ = ["ExplanationMethod", "ScoreExplanation", "explain_scores"]

_AT_A_TIME = 20_000
"""Users times coalitions that are scored together."""
_LISTED = 3
_SENTENCES = 50

ExplanationMethod = Literal["auto", "exact", "permutation"]
_Play = Callable[[Integers, Mask], Array]
"""Users (u,) and coalitions (c, groups) -> what the model expects, (u, c)."""


@dataclass(frozen=True, eq=False)
class ScoreExplanation:
    """What each group of what is known adds to users' expected events.

    Attributes:
        values: One row a user (by id), one column a group: Shapley values, in expected events.
        base: (n,) what is expected without any of it.
        horizon: Length of time that events are counted over.
        items: Of the campaign.
        amounts: Like `values`: the user's events in each group; of attributes, how many are stated.
        method: How values were found: "exact", or "permutation" (see `explain_scores`).
    """

    values: pd.DataFrame
    base: Array
    horizon: str
    items: tuple[Any, ...]
    amounts: pd.DataFrame
    method: str = "exact"

    @property
    def scores(self) -> Array:
        """(n,) what is expected with all of it: base and values together."""
        return np.asarray(self.base + self.values.sum(axis=1).to_numpy())

    def sentences(self) -> list[str]:
        """Return for each user why it is listed: the groups that matter most, with their units."""
        rows = zip(self.values.to_numpy(), self.base, strict=True)
        return [self._sentence(row, base) for row, base in rows]

    def _sentence(self, row: Array, base: float) -> str:
        order = [k for k in np.argsort(-np.abs(row), kind="stable") if row[k] != 0][:_LISTED]
        parts = [f"{row[k]:+.2g} expected events from {self.values.columns[k]}" for k in order]
        said = ", ".join(parts) or "nothing that is known"
        return f"listed because of {said}; without a past {base:.2g}"

    def to_shap(self) -> Any:
        """Return a `shap.Explanation`, for the pictures of shap; its data are `amounts`.

        Raises:
            MissingExtraError: shap is not installed.
        """
        shap = import_shap()
        names = list(map(str, self.values.columns))
        values, amounts = self.values.to_numpy(), self.amounts.to_numpy()
        return shap.Explanation(values, base_values=self.base, data=amounts, feature_names=names)

    def to_result(self, command: str | None = None) -> StudyResult:
        """Return the importance of each group as a result of the kind "explanation".

        Args:
            command: What was typed, to be kept with the result.
        """
        table = importance_table(self.values, protocol=f"shapley of scores, {self.method}")
        first = table[table["metric"] == "mean absolute"].nlargest(1, "value").iloc[0]
        answer = (
            f"What moves the expected events of {len(self.values)} users in {self.horizon} most is "
            f"{first['player']}: by {first['value']:.2g} on average."
        )
        users = zip(self.values.index[:_SENTENCES], self.scores, self.sentences(), strict=False)
        facts = {"study": "explanation", "of": "scores", "items": [str(i) for i in self.items],
                 "horizon": self.horizon, "players": list(map(str, self.values.columns)),
                 "method": self.method,
                 "users": [{"user": str(user), "score": float(score), "why": why}
                           for user, score, why in users],
                 "versions": library_versions()}  # fmt: skip
        arrays = {"values": self.values.to_numpy(), "amounts": self.amounts.to_numpy()}
        return StudyResult(table, answer, facts | ({"command": command} if command else {}), arrays)


def explain_scores(
    model: LoggedModel,
    items: Any,
    users: Sequence[Any] | None = None,
    *,
    ages: Sequence[str] = ("30D", "90D"),
    at: Any = None,
    method: ExplanationMethod = "auto",
    seed: int = 0,
) -> ScoreExplanation:
    """Return what each group of what a model knows adds to users' expected events of some items.

    Groups are the events with the items themselves, with similar items (the 20 that most often have
    the same users), all other events by their age, and the attributes of the user if there are any.
    A group that is absent had not happened (its events are taken out of the history, the attributes
    are missing), and the model is asked again; the values add up to what the model expects.

    Args:
        model: A fitted model that keeps its events.
        items: One id, or a list of ids: one campaign.
        users: Ids; None takes all.
        ages: Bounds of the age of other events, rising.
        at: See `AudienceModel.scores`.
        method: "exact" plays all coalitions (up to 12 groups); "permutation" plays those of random
            orders, by shap's permutation explainer; "auto" is exact where that is possible.
        seed: Draws the orders.

    Raises:
        DataError: The model keeps no events.
        SettingsError: There are too many groups to play all coalitions.
        MissingExtraError: shap, which "permutation" takes, is not installed.
        UnknownIdError: A user or an item is not known.

    Example:
        >>> import numpy as np, pandas as pd, tsgen
        >>> draw = np.random.default_rng(0)
        >>> days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(600) * 144, "min")
        >>> table = pd.DataFrame({"user_id": draw.integers(0, 50, 600), "timestamp": days})
        >>> table["item_id"] = draw.integers(0, 9, 600)
        >>> estimator = tsgen.RIMEstimator(horizon="7D", relevance="popularity", repeats="mixture")
        >>> why = explain_scores(estimator.train(table), 3, [7, 8], ages=["7D"])
        >>> list(why.values.columns)
        ['the item itself', 'similar items', 'the last 7D', 'more than 7D ago']
    """
    if method not in ("auto", "exact", "permutation"):
        raise SettingsError(f"method='{method}' is unknown; use auto, exact or permutation.")
    seed = resolve_seed(seed)
    log = model.log
    if log is None:
        raise DataError(
            "The model keeps no events to explain by (keep_events=False, or an earlier version); "
            "train it with keep_events=True."
        )
    wanted = list(items) if isinstance(items, list | tuple | set | pd.Index) else [items]
    columns = _own_items(model, log, wanted)
    moment = log.read_time(model.cutoff) if at is None else read_time(at, log.timezone)
    rows = np.arange(log.num_users) if users is None else log.users.find(list(users))
    groups = groups_of_events(log, columns, moment, ages)
    people = log.user_table
    names = (*groups.names, ATTRIBUTES) if people is not None else groups.names
    way = ("exact" if len(names) <= MOST_PLAYERS else "permutation") if method == "auto" else method

    def play(chosen: Integers, inside: Mask) -> Array:
        return _play(model, log, groups, chosen, inside, wanted, at)

    base, values = {"exact": _exact, "permutation": _permuted}[way](play, rows, len(names), seed)
    ids = pd.Index(log.users.ids[rows], name="user_id")
    return ScoreExplanation(
        pd.DataFrame(values, ids, list(names)),
        base,
        model.horizon,
        tuple(wanted),
        pd.DataFrame(_amounts(log, groups, rows, people), ids, list(names)),
        way,
    )


def _own_items(model: LoggedModel, log: Interactions, items: list[Any]) -> Integers:
    """Return the codes of some items in the log; those that rest on attributes alone have none."""
    model.all_items.find(items)
    codes = log.items.codes(items)
    return codes[codes >= 0]


def _exact(play: _Play, rows: Integers, players: int, seed: int) -> tuple[Array, Array]:
    """Return what is expected without any group, (n,), and the values, (n, groups)."""
    inside = coalitions(players)
    parts = max(_AT_A_TIME // len(inside), 1)
    begins = track(range(0, len(rows), parts), "explaining", delay=PATIENCE)
    games = [play(rows[k : k + parts], inside) for k in begins]
    values = np.concatenate(games) if games else np.zeros((0, len(inside)))
    return values[:, 0], shapley_values(values.T).T


def _permuted(play: _Play, rows: Integers, players: int, seed: int) -> tuple[Array, Array]:
    """Return the same by shap's permutation explainer, user by user."""
    users = track(range(len(rows)), "explaining", delay=PATIENCE)
    made = [permutation_values(partial(play, rows[k : k + 1]), players, seed) for k in users]
    return np.array([base for base, _ in made]), np.array([values for _, values in made])


def _amounts(
    log: Interactions, groups: EventGroups, rows: Integers, people: pd.DataFrame | None
) -> Array:
    """Return the events of each user in each group, and the number of attributes stated."""
    size = len(groups.names)
    counts = np.bincount(log.user * size + groups.codes, minlength=log.num_users * size)
    events = counts.reshape(log.num_users, size)[rows].astype(np.float64)
    if people is None:
        return events
    return np.column_stack([events, people.iloc[rows].notna().sum(axis=1)])


def _play(
    model: LoggedModel,
    log: Interactions,
    groups: EventGroups,
    rows: Integers,
    inside: Mask,
    items: list[Any],
    at: Any,
) -> Array:
    """Return what the model expects of each user and coalition, (users, coalitions)."""
    people = None if log.user_table is None else log.user_table.iloc[rows]
    masked = masked_log(log, groups, rows, inside, people)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # coalitions are no newer log
        parts = model.score_parts(at=model.cutoff if at is None else at, events=masked)
    place = Vocabulary(parts.item_ids, "item").find(items)
    scores, _ = campaign_scores(parts, place)
    return scores.reshape(len(rows), len(inside))
