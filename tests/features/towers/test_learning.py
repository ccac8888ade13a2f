import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.contracts import Lessons
from tsgen.features import TowerSettings
from tsgen.features.towers.learning import learn_towers
from tsgen.scores import ScoreMatrix

BRIEF = {"rank": 4, "num_steps": 80, "batch_size": 64}


def lessons_of(num=60, items=12, seed=0, closed=()):
    """Users of two tastes; what the teacher gives follows the taste of what they have seen."""
    draw = np.random.default_rng(seed)
    taste = np.arange(num) % 2
    seen = draw.random((num, items)) < np.where(taste[:, None] == np.arange(items) % 2, 0.4, 0.05)
    logs = np.where(taste[:, None] == np.arange(items) % 2, -2.0, -5.0)
    item_bias = np.zeros(items)
    item_bias[list(closed)] = -np.inf
    shares = ScoreMatrix(
        pd.RangeIndex(num), pd.RangeIndex(items), logs, np.eye(items), np.zeros(num), item_bias
    )
    counts = sp.csr_array(seen, dtype=np.float64)
    about = np.column_stack([np.ones(num), *([np.log1p(seen.sum(1))] * 5)])
    inputs = sp.csr_array(sp.hstack([counts, counts, sp.csr_array(about)], format="csr"))
    return Lessons(inputs, shares, np.ones(num), counts, np.ones(num, bool), seed), logs


def logarithms(arrays, inputs):
    sums = inputs @ arrays["inputs"]
    raw = sums @ arrays["inner"].T + arrays["inner_bias"]
    users = sums + (raw / (1 + np.exp(-raw))) @ arrays["outer"].T
    return users[:, :-1] @ arrays["item_factors"].T + users[:, -1:] + arrays["item_bias"]


@pytest.fixture(scope="module")
def taught():
    lessons, logs = lessons_of(closed=(5,))
    return lessons, logs, learn_towers(lessons, TowerSettings(**BRIEF))


def test_logarithms_of_unseen_pairs_are_learnt(taught):
    lessons, logs, arrays = taught
    told = np.flatnonzero(np.diff(lessons.seen.indptr) > 0)
    given = logarithms(arrays, lessons.inputs)[told]
    open_ = (lessons.seen.toarray()[told] == 0) & (np.arange(12) != 5)
    error = (given - logs[told])[open_]
    assert np.mean(error**2) < 0.2 * np.var(logs[told][open_])


def test_items_without_events_have_no_share(taught):
    assert np.isneginf(taught[2]["item_bias"]).nonzero()[0].tolist() == [5]


def test_seen_pairs_teach_nothing():
    lessons, _ = lessons_of()
    other = lessons.shares.user_factors.copy()
    other[lessons.seen.nonzero()] = -9.0
    from dataclasses import replace

    changed = replace(lessons, shares=replace(lessons.shares, user_factors=other))
    settings = TowerSettings(**BRIEF | {"num_steps": 5, "rounds": 0})
    one, two = (learn_towers(given, settings) for given in (lessons, changed))
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name])


def test_a_round_goes_on_and_the_seed_decides():
    lessons, _ = lessons_of()
    few = BRIEF | {"num_steps": 3}
    runs = [learn_towers(lessons, TowerSettings(**few, rounds=r)) for r in (0, 1, 1)]
    assert not np.array_equal(runs[0]["inputs"], runs[1]["inputs"])
    np.testing.assert_array_equal(runs[1]["inputs"], runs[2]["inputs"])


def test_what_the_towers_overrate_is_corrected_in_a_round():
    """With rounds, pairs that they rank highest come nearer to the teacher's."""
    lessons, logs = lessons_of(num=120, seed=3)
    errors = []
    for rounds, steps in ((0, 60), (1, 30)):
        arrays = learn_towers(lessons, TowerSettings(**BRIEF | {"num_steps": steps}, rounds=rounds))
        given = logarithms(arrays, lessons.inputs)
        open_ = lessons.seen.toarray() == 0
        top = open_ & (given >= np.quantile(given[open_], 0.9))
        errors.append(np.mean((given - logs)[top] ** 2))
    assert errors[1] < 1.5 * errors[0]


def test_items_are_drawn_where_there_are_many():
    lessons, _ = lessons_of()
    arrays = learn_towers(lessons, TowerSettings(**BRIEF | {"num_steps": 3, "num_items": 4}))
    assert all(np.isfinite(values).all() for values in arrays.values())
