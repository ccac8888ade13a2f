"""The parts of an audience's gap add up, and each is what removing the others leaves."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from small_shop import QUIET, USERS, log, read
from tsgen import RIMEstimator
from tsgen.responsible.bias.split import campaign_scores, split_places, take_best
from tsgen.scores import ScoreMatrix, ScoreParts

N = 40


def parts_of(activity, relevance, own):
    users, items = pd.RangeIndex(len(activity)), pd.Index(["x"])
    with np.errstate(divide="ignore"):
        logs = np.log(relevance)
    pairs = sp.csr_array(np.asarray(own, float)[:, None])
    shares = ScoreMatrix.of_biases(users, items, logs, np.zeros(1), pairs=pairs)
    return ScoreParts(np.asarray(activity, float), shares)


def test_equal_scores_share_the_last_places():
    taken = take_best(np.array([3.0, 1, 1, 1, 0]), 2, np.ones(5, bool))
    np.testing.assert_allclose(taken, [1, 1 / 3, 1 / 3, 1 / 3, 0])
    np.testing.assert_array_equal(
        take_best(np.ones(3), 5, np.array([True, False, True])), [1, 0, 1]
    )


def test_a_gap_of_activity_alone_is_all_activity():
    active = np.where(np.arange(N) < 20, 5.0, 1.0) + np.arange(N) / 1000
    split = split_places(parts_of(active, np.full(N, 0.3), np.zeros(N)), [0], 10)
    np.testing.assert_allclose(split[1:], 0, atol=1e-12)
    assert split[0][:20].sum() == pytest.approx(10 - 20 * 10 / N)


@pytest.mark.parametrize("part", [1, 2])
def test_the_part_that_differs_makes_the_gap(part):
    varied = np.random.default_rng(1).random(N)
    values = [np.full(N, 2.0), np.full(N, 0.2), np.zeros(N)]
    values[part] = varied
    split = split_places(parts_of(*values), [0], 8)
    for other in {0, 1, 2} - {part}:
        np.testing.assert_allclose(split[other], 0, atol=1e-12)


def test_relevance_and_activity_alike_share_the_gap():
    varied = np.random.default_rng(2).random(N)
    split = split_places(parts_of(varied, varied, np.zeros(N)), [0], 8)
    np.testing.assert_allclose(split[0], split[1])


@pytest.mark.parametrize(
    "settings",
    [
        {"activity": "moving-average", "relevance": "popularity", "repeats": "mixture"},
        {"activity": "auto", "relevance": "auto"},
    ],
)
def test_parts_of_models_add_up_stacked_ones_too(settings):
    events = read(log(), users=USERS)
    model = RIMEstimator(horizon="7D", **settings).train(events, options=QUIET)
    parts = model.score_parts()
    columns = np.array([1, 4])
    scores, allowed = campaign_scores(parts, columns)
    expected = model.scores(present=True).sums(columns)
    np.testing.assert_allclose(scores, expected, rtol=1e-5)
    listed = take_best(scores, 9, allowed)
    split = split_places(parts, columns, 9)
    np.testing.assert_allclose(split.sum(axis=0), listed - 9 / allowed.sum(), atol=1e-12)
