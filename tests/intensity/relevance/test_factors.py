"""Relevance by matrix factorisation, by chance, and by objects of the user's own."""

import importlib

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from intensity.conftest import HORIZON, QUIET, log_of, nobody, probabilities, read_back, two_tastes
from tsgen import RIMEstimator
from tsgen.data import Histories
from tsgen.errors import MissingExtraError
from tsgen.intensity.presets import PRESETS
from tsgen.intensity.relevance import PopularityRelevance
from tsgen.intensity.relevance.factors import FactorRelevance, FactorSettings, _solve_als

SMALL = FactorSettings(num_factors=4, max_epochs=80)


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


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_trains(name):
    estimator = RIMEstimator(preset=name, horizon="1s")
    network = estimator.network.model_copy(update={"hidden_size": 4, "max_epochs": 1})
    estimator = RIMEstimator(preset=name, horizon="1s", network=network)
    model = estimator.train(two_tastes(40), at=pd.Timestamp(4, unit="s"), options=QUIET)
    assert len(model.audience("a1", size=5)) == 5
