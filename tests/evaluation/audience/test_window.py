"""The test window: what a model may have seen, what is counted, and what is left out."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.data import Interactions
from tsgen.errors import DataError, SettingsError
from tsgen.evaluation.audience.window import open_window, train_before, window_start
from tsgen.training import TrainingOptions

DAY = 86_400 * 10**6


def day(number):
    return pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(number, "D")


def log_of(rows):
    """Make a log of (user, item, day) rows."""
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    table["timestamp"] = [day(number) for number in table["timestamp"]]
    return Interactions.from_frame(table, on_duplicate="keep")


EVENTS = [
    ("a", "x", 0), ("b", "y", 1), ("a", "y", 2), ("c", "x", 3), ("b", "x", 4),
    ("a", "x", 5), ("a", "x", 5.5), ("b", "y", 6.9), ("new", "x", 6), ("c", "novel", 6),
    ("a", "y", 7),
]  # fmt: skip


@dataclass
class Scores:
    user_ids: Any
    item_ids: Any
    excluded: Any = None

    @property
    def shape(self):
        return len(self.user_ids), len(self.item_ids)


@dataclass
class Model:
    """A model that notes what it is asked; it has learnt up to day 5."""

    horizon: str = "2D"
    cutoff: Any = field(default_factory=lambda: day(5))
    users: tuple = ("c", "b", "a")
    asked: list = field(default_factory=list)

    def scores(self, *, at=None, events=None):
        self.asked.append((at, events))
        return Scores(pd.Index(self.users), pd.Index(["y", "x"]))


def test_targets_are_the_events_of_the_horizon_by_the_models_rows_and_columns():
    model = Model()
    window = open_window(log_of(EVENTS), model, None)
    assert window.targets.toarray().tolist() == [[0, 0], [1, 0], [0, 2]]  # c, b, a by y, x
    assert model.asked == [(None, None)]  # at its own cut-off it needs nothing
    assert (window.at, window.horizon) == (day(5).value // 1000, 2 * DAY)
    assert len(window.past) == 5
    facts = window.facts
    assert (facts["begins"], facts["ends"]) == (str(day(5)), str(day(7)))
    assert facts["last_event"] == str(day(7))
    assert (facts["events"], facts["events_counted"], facts["active_users"]) == (5, 3, 4)
    assert (facts["events_of_unknown_users"], facts["events_of_unknown_items"]) == (1, 1)
    assert facts["events_after_the_window"] == 1
    assert (facts["candidate_users"], facts["candidate_items"], facts["covered"]) == (3, 2, 1.0)


def test_a_later_window_is_scored_from_the_events_before_it():
    model = Model()
    window = open_window(log_of(EVENTS), model, day(6))
    ((at, past),) = model.asked
    assert at == day(6)
    assert past.time.max() < day(6).value // 1000
    assert len(past) == len(window.past) == 7
    assert window.targets.toarray().tolist() == [[0, 0], [1, 0], [1, 0]]
    assert window.facts["covered"] == 0.5  # one day of two


def test_without_events_before_a_later_window_the_model_goes_by_what_it_knows():
    model = Model()
    open_window(log_of([("a", "x", 7)]), model, day(6))
    assert model.asked == [(day(6), None)]


def test_a_window_that_the_model_has_learnt_from_is_refused():
    with pytest.raises(SettingsError, match="it would be judged by what it has seen"):
        open_window(log_of(EVENTS), Model(), day(4.9))
    with pytest.raises(DataError, match="No event lies in the test window"):
        open_window(log_of(EVENTS), Model(), day(7.1))
    with pytest.raises(DataError, match="None of the 2 events in the test window"):
        open_window(log_of([("a", "x", 0), ("p", "x", 5), ("a", "q", 6)]), Model(), None)


def test_places_of_events_and_sums_of_their_weights():
    window = open_window(log_of(EVENTS), Model(), None)
    log = log_of([("a", "x", 0), ("nobody", "x", 1), ("c", "y", 2), ("a", "x", 3), ("b", "q", 4)])
    places = window.places(log)
    users, items = log.users.ids[log.user], log.items.ids[log.item]
    found = {(u, i, *place) for u, i, place in zip(users, items, places.T.tolist(), strict=True)}
    assert found == {("a", "x", 2, 1), ("nobody", "x", -1, 1), ("c", "y", 0, 0), ("b", "q", 1, -1)}
    sums = window.of_log(places, np.where(log.users.ids[log.user] == "a", 0.5, 3.0))
    assert isinstance(sums, sp.csr_array)
    assert sums.toarray().tolist() == [[3.0, 0.0], [0.0, 0.0], [0.0, 1.0]]


def test_the_window_ends_with_the_log_unless_it_is_told_when_to_begin():
    log = log_of(EVENTS)
    assert window_start(log, "2D", None) == day(5).value // 1000 + 1
    assert window_start(log, "2D", day(3)) == day(3).value // 1000
    for wrong in (day(0), day(7.5)):
        with pytest.raises(DataError, match=f"cannot begin at at={wrong}".replace("+", r"\+")):
            window_start(log, "2D", wrong)
    with pytest.raises(DataError, match="cannot begin at the last 8D before the end"):
        window_start(log, "8D", None)


class Estimator:
    horizon = "2D"

    def train(self, events, *, at, options):
        self.given = events, at, options
        return "fitted"


def test_training_sees_neither_later_events_nor_their_users_and_items():
    estimator, start = Estimator(), day(5).value // 1000
    assert train_before(estimator, log_of(EVENTS), start, None, 9) == "fitted"
    events, at, options = estimator.given
    assert at == day(5)
    assert events.time.max() < start
    assert set(events.users.ids) == {"a", "b", "c"}
    assert set(events.items.ids) == {"x", "y"}
    assert options.seed == 9
    train_before(estimator, log_of(EVENTS), start, TrainingOptions(seed=4, device="cpu"), 9)
    assert (estimator.given[2].seed, estimator.given[2].device) == (4, "cpu")
    train_before(estimator, log_of(EVENTS), start, "of their own", 9)
    assert estimator.given[2] == "of their own"
