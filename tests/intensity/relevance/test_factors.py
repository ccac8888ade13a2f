"""Relevance by matrix factorisation, by chance, and by objects of the user's own."""

import importlib

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import tsgen
from intensity.conftest import HORIZON, QUIET, log_of, nobody, probabilities, read_back
from tsgen import RIMEstimator
from tsgen.data import Histories
from tsgen.errors import DataError, MissingExtraError, SettingsError
from tsgen.intensity.presets import PRESETS
from tsgen.intensity.relevance import PopularityRelevance, RandomRelevance
from tsgen.intensity.relevance.factors import FactorRelevance, FactorSettings, _solve_als

SMALL = FactorSettings(num_factors=4, max_epochs=80)


def two_tastes(num_users=80, size=6, seed=0):
    """Users who stay with one of two halves of twelve items; the last user has no event."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(num_users):
        half = [f"{'ab'[user % 2]}{k}" for k in range(6)]
        items = random.permutation(half)[: random.integers(3, size)]
        rows += [(f"u{user:02d}", item, k + 0.5) for k, item in enumerate(items)]
    return log_of([*rows, ("v", "a0", 90.0)])


def held_out(histories):
    chosen = nobody(histories)
    chosen[::5] = True
    return chosen


@pytest.mark.parametrize("kind", ["als", "bpr"])
def test_factors_find_tastes_and_fall_back_to_popularity(kind):
    pytest.importorskip("implicit")
    histories = Histories.of(two_tastes(), 50 * HORIZON)
    some = held_out(histories)
    model = FactorRelevance(kind, SMALL).fit(histories, HORIZON, QUIET, held_out=some)
    found = probabilities(model, histories)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    ours = np.array([name[0] == "a" for name in histories.events.items.ids])
    assert found[:-1:2, ours].sum(axis=1).mean() > 0.6  # also of users that were held out
    assert found[1:-1:2, ours].sum(axis=1).mean() < 0.4
    popular = PopularityRelevance().fit(histories, HORIZON, QUIET, held_out=some)
    np.testing.assert_allclose(found[-1], probabilities(popular, histories)[-1], rtol=1e-5)
    back = read_back(FactorRelevance(kind, SMALL), model)
    np.testing.assert_array_equal(probabilities(back, histories), found)
    again = FactorRelevance(kind, SMALL).fit(histories, HORIZON, QUIET, held_out=some)
    np.testing.assert_array_equal(again.vectors, model.vectors)


def test_without_users_held_out_the_temperature_is_learnt_from_the_last_fifth():
    pytest.importorskip("implicit")
    histories = Histories.of(two_tastes(size=7), 50 * HORIZON)
    model = FactorRelevance("als", SMALL).fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    assert model.mix[0] > 0
    single = Histories.of(log_of([("a", "x", 1), ("b", "y", 1), ("c", "x", 2)]), 5 * HORIZON)
    alone = FactorRelevance("als", SMALL).fit(single, HORIZON, QUIET, held_out=nobody(single))
    np.testing.assert_allclose(probabilities(alone, single), [[2 / 3, 1 / 3]] * 3, rtol=1e-5)


def test_a_user_is_solved_for_as_implicit_does():
    als = pytest.importorskip("implicit.cpu.als")
    random = np.random.default_rng(1)
    counts = sp.random_array((30, 20), density=0.2, rng=random, format="csr", dtype=np.float32)
    counts.data = np.ceil(counts.data * 3)
    model = als.AlternatingLeastSquares(factors=5, alpha=2.0, random_state=1, num_threads=1)
    model.fit(sp.csr_matrix(counts), show_progress=False)
    expected = model.recalculate_user(np.arange(30), sp.csr_matrix(counts))
    found = _solve_als(sp.csr_array(counts * 2), model.item_factors, model.regularization)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_without_implicit_one_sentence_says_what_to_install(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    histories = Histories.of(two_tastes(), 50 * HORIZON)
    with pytest.raises(MissingExtraError, match="pip install implicit"):
        FactorRelevance("bpr", SMALL).fit(histories, HORIZON, QUIET, held_out=nobody(histories))


def test_chance_orders_users_anyhow():
    histories = Histories.of(two_tastes(300), 50 * HORIZON)
    model = RandomRelevance().fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    found = probabilities(model, histories)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-4)
    ours = np.array([name[0] == "a" for name in histories.events.items.ids])
    assert 0.4 < found[:, ours].sum(axis=1).mean() < 0.6
    np.testing.assert_array_equal(
        probabilities(read_back(RandomRelevance(), model), histories), found
    )


# Objects of the user's own


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


def test_relevance_is_a_known_name_or_has_fit():
    with pytest.raises(SettingsError, match="'gruu' is not possible\\. Did you mean 'gru'"):
        RIMEstimator(relevance="gruu")
    with pytest.raises(SettingsError, match="or an object with the method `fit`"):
        RIMEstimator(relevance=3)


# The published comparison


def test_presets_are_the_published_combinations():
    names = {
        f"{m}{s}" for m in ("rnn", "transformer") for s in ("", "-pop", "-ema", "-hawkes", "-hp")
    }
    assert names | {"rand", "pop", "ema", "hawkes", "hp"} == set(PRESETS)
    assert all(f'"{name}"' in RIMEstimator.__mro__[1].__doc__ for name in PRESETS)
    chosen = RIMEstimator(preset="transformer-hp", horizon="3D", num_decays=7)
    assert (chosen.relevance, chosen.activity) == ("transformer", "hawkes-poisson")
    assert (chosen.horizon, chosen.num_decays, chosen.repeats) == ("3D", 7, "none")
    assert RIMEstimator(**chosen.to_json()) == chosen
    typed = RIMEstimator.from_text(
        ["preset=rnn", "network.hidden_size=8", "network.learning_rate=0.01"]
    )
    published = RIMEstimator(preset="rnn").network
    assert typed.network == published.model_copy(update={"hidden_size": 8, "learning_rate": 0.01})
    with pytest.raises(
        SettingsError, match=r"no setting 'hidden_sise'\. Did you mean 'hidden_size'\?$"
    ):
        RIMEstimator.from_text(["network.hidden_sise=8"])
    with pytest.raises(SettingsError, match="Did you mean 'rnn-hp'"):
        RIMEstimator(preset="rnn-hpp")


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_trains(name):
    estimator = RIMEstimator(preset=name, horizon="1s")
    network = estimator.network.model_copy(update={"hidden_size": 4, "max_epochs": 1})
    estimator = RIMEstimator(preset=name, horizon="1s", network=network)
    model = estimator.train(two_tastes(40), at=pd.Timestamp(4, unit="s"), options=QUIET)
    assert len(model.audience("a1", size=5)) == 5
