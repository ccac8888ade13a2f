"""What stands beside the model: rules against slow loops, and the model trained at the cut."""

import importlib.util
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.data import Interactions
from tsgen.evaluation.studies import audience_rows as module
from tsgen.evaluation.studies.audience_rows import ROWS, model_scores
from tsgen.evaluation.studies.calendar import Window

HORIZON = 10
needs_implicit = pytest.mark.skipif(
    importlib.util.find_spec("implicit") is None, reason="implicit is not installed"
)


@pytest.fixture(scope="module")
def window():
    draw = np.random.default_rng(0)
    table = pd.DataFrame({
        "user_id": draw.integers(0, 6, 60), "item_id": draw.integers(0, 4, 60),
        "timestamp": np.sort(draw.integers(0, 40, 60)),
    })  # fmt: skip
    events = Interactions.from_frame(table, on_duplicate="keep")
    targets = sp.csr_array(draw.integers(0, 3, (events.num_users, events.num_items)))
    return Window(table, events, 40, HORIZON, targets, {})


def events_of(window):
    """Yield (user, item, age in horizons) of each event."""
    events = window.events
    for user, item, time in zip(events.user, events.item, events.time, strict=True):
        yield user, item, (40 - time / 1e6) / HORIZON


@pytest.mark.parametrize("scale", [0.3, 10.0])
def test_decayed_pairs_add_up_events_by_their_age(window, scale):
    expected = np.zeros(window.targets.shape)
    for user, item, age in events_of(window):
        expected[user, item] += np.exp(-age / scale)
    np.testing.assert_allclose(ROWS["decayed-pairs"](window, 1, scale=scale), expected)


def test_popularity_is_the_user_times_the_item_each_with_its_own_fading(window):
    users, items = np.zeros(6), np.zeros(4)
    for user, item, age in events_of(window):
        users[user] += np.exp(-age / 2.0)
        items[item] += np.exp(-age / 0.5)
    found = ROWS["popularity"](window, 1, users=2.0, items=0.5)
    np.testing.assert_allclose(found, np.outer(users + 0.01, items))
    plain = ROWS["popularity"](window, 1)
    counts = window.events.item_counts()
    np.testing.assert_allclose(plain, np.outer(window.events.lengths + 0.01, counts))


def test_random_scores_follow_the_seed(window):
    one, again, other = (ROWS["random"](window, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    assert one.shape == window.targets.shape


def test_the_oracle_knows_how_often_each_user_comes(window):
    actual = window.targets.toarray().sum(axis=1)
    shares = window.events.item_counts() / window.events.item_counts().sum()
    np.testing.assert_allclose(ROWS["oracle"](window, 1), np.outer(actual, shares))


def test_oracles_with_the_model_take_one_half_from_it(window, monkeypatch):
    scores = np.random.default_rng(1).random(window.targets.shape)
    monkeypatch.setattr(module, "model_scores", lambda window, seed, settings: scores)
    truth = window.targets.toarray()
    found = ROWS["oracle"](window, 1, relevance="model")
    np.testing.assert_allclose(found.sum(axis=1), truth.sum(axis=1))
    np.testing.assert_allclose(found / found.sum(axis=1, keepdims=True),
                               scores / scores.sum(axis=1, keepdims=True))  # fmt: skip
    found = ROWS["oracle-relevance"](window, 1)
    np.testing.assert_allclose(found.sum(axis=1), scores.sum(axis=1))
    np.testing.assert_allclose(found / found.sum(axis=1, keepdims=True),
                               truth / truth.sum(axis=1, keepdims=True))  # fmt: skip


def test_the_model_is_trained_at_the_cut_with_the_settings_and_the_seed(window, monkeypatch):
    asked = []

    def estimator(name):
        def make(**settings):
            def train(events, *, at, options):
                asked.append((name, settings, events, at, options.seed))
                block = lambda rows, columns: np.full((rows.stop, columns.stop), 2.0)  # noqa: E731
                return SimpleNamespace(scores=lambda: SimpleNamespace(block=block))

            return SimpleNamespace(train=train)

        return make

    monkeypatch.setattr(module, "audience_estimator", estimator)
    found = model_scores(window, 3, {"repeats": "none"})
    assert found.shape == window.targets.shape
    settings = {"horizon": "10s", "repeats": "none"}
    assert asked == [("rim", settings, window.events, pd.Timestamp(40, unit="s"), 3)]


@needs_implicit
def test_neighbours_are_counts_times_similarity(window):
    similarity = module._similarity(window, 3)
    counts = window.events.pair_counts().toarray()
    np.testing.assert_allclose(ROWS["neighbours"](window, 1, num=3), counts @ similarity)


@needs_implicit
@pytest.mark.parametrize("kind", ["als", "bpr"])
def test_factors_times_activity_share_out_the_activity(window, kind):
    ema = np.zeros(6)
    for user, _, age in events_of(window):
        ema[user] += np.exp(-age)
    found = ROWS["factors"](window, 1, kind=kind, activity=True)
    sums = found.sum(axis=1)
    np.testing.assert_allclose(sums[sums > 0], (ema + 0.01)[sums > 0], rtol=1e-5)
