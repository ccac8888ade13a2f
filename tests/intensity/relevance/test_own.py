import numpy as np
import pandas as pd
import pytest

import tsgen
from intensity.conftest import QUIET, two_tastes
from tsgen import RIMEstimator
from tsgen.errors import DataError, SettingsError


class LastItem:
    """Users turn to the item they had last; those without a history to any."""

    def fit(self, histories, horizon, options, *, held_out):
        self.num = histories.events.num_items
        self.item_factors, self.item_bias = np.eye(self.num) * 5, np.zeros(self.num)
        return self

    def users(self, histories):
        factors = np.zeros((len(histories), self.num))
        some = histories.lengths > 0
        factors[some, histories.events.item[histories.ends[some] - 1]] = 1.0
        return factors, -np.log(np.exp(factors @ self.item_factors).sum(axis=1))


BEFORE = pd.Timestamp(50, unit="s")  # without the one late event


def plain(model):
    return RIMEstimator(horizon="1s", relevance=model, activity="popularity", repeats="none")


def test_an_object_of_ones_own_is_trained_scored_and_saved_as_arrays(tmp_path):
    events = two_tastes()
    model = plain(LastItem()).train(events, at=BEFORE, options=QUIET)
    last = events.history("u03")["item_id"].iloc[-1]
    assert model.recommend("u03", size=1)["item_id"].tolist() == [last]
    model.save(tmp_path / "model")
    back = tsgen.load(tmp_path / "model")
    pd.testing.assert_frame_equal(back.audience("a1", size=9), model.audience("a1", size=9))
    back.save(tmp_path / "again")
    assert len(model.audience("a1", size=3, events=events)) == 3
    with pytest.raises(DataError, match="reads no other histories"):
        back.audience("a1", size=3, events=events)
    with pytest.raises(SettingsError, match="pass the object itself"):
        plain("own").train(events, at=BEFORE, options=QUIET)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"item_factors": np.zeros((3, 2))}, "item_factors of shape"),
        ({"item_bias": np.zeros(2)}, "item_bias of shape"),
        ({"users": lambda h: (np.zeros((len(h), 1)), np.zeros(len(h)))}, "gave users of shapes"),
        ({"users": lambda h: (np.zeros((len(h), 12)), np.full(len(h), np.nan))}, "gave NaN"),
    ],
    ids=["factors", "bias", "users", "nan"],
)
def test_an_object_of_another_shape_is_refused(change, message):
    class Wrong(LastItem):
        def fit(self, *args, **options):
            super().fit(*args, **options)
            vars(self).update(change)
            return self

    with pytest.raises(SettingsError, match=message):
        plain(Wrong()).train(two_tastes(), at=BEFORE, options=QUIET)


def test_an_object_whose_fit_returns_nothing_is_refused():
    class Forgetful(LastItem):
        def fit(self, *args, **options):
            super().fit(*args, **options)

    with pytest.raises(
        SettingsError, match="Forgetful returned NoneType, which has no item_factors"
    ):
        plain(Forgetful()).train(two_tastes(), at=BEFORE, options=QUIET)
