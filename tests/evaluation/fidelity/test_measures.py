"""Which windows each measure of fidelity compares, and with which function."""

import numpy as np
import pytest

from tsgen import metrics
from tsgen.errors import SettingsError
from tsgen.evaluation.fidelity import measures
from tsgen.evaluation.fidelity.measures import (
    MEASURES,
    NEAREST,
    WINDOW_MEASURES,
    WindowComparison,
    WindowPool,
    feature_scale,
    measure_named,
    measure_title,
)
from tsgen.evaluation.fidelity.shape_features import window_features

random = np.random.default_rng(0)
SETS = {
    "trial": random.normal(size=(40, 16)) * 1.5,
    "test": random.normal(size=(40, 16)),
    "train": random.normal(size=(40, 16)).cumsum(axis=1),
}


class Encoder:
    """Stands for an encoder: three steps of each window."""

    def embed(self, windows):
        return windows[:, 3:6] ** 2


SCALE = feature_scale(SETS["train"])
POOLS = {name: WindowPool.of(windows, SCALE, Encoder()) for name, windows in SETS.items()}
COMPARISON = WindowComparison(**POOLS, seed=11)
BY_NAME = {measure.name: measure for measure in WINDOW_MEASURES}
TRIAL, TEST, TRAIN = (POOLS[name] for name in ("trial", "test", "train"))


def one(name, comparison=COMPARISON):
    (value,) = BY_NAME[name].compute([comparison])
    return value


EXPECTED = {
    "context_fid": lambda: metrics.frechet_distance(TEST.embeddings, TRIAL.embeddings),
    "feature_distance": lambda: metrics.frechet_distance(TEST.features, TRIAL.features),
    "marginal_distance": lambda: metrics.marginal_distance(TEST.windows, TRIAL.windows),
    "step_distance": lambda: metrics.step_distance(TEST.windows, TRIAL.windows),
    "autocorrelation_distance": lambda: metrics.autocorrelation_distance(
        TEST.windows, TRIAL.windows
    ),
    "spectral_distance": lambda: metrics.spectral_distance(TEST.windows, TRIAL.windows),
    "linear_predictive_ratio": lambda: metrics.linear_predictive_ratio(
        TRIAL.windows, TRAIN.windows, TEST.windows
    ),
    "coverage": lambda: metrics.coverage(TEST.features, TRIAL.features),
    "density": lambda: metrics.density(TEST.features, TRIAL.features),
    "membership_advantage": lambda: metrics.membership_advantage(
        TRIAL.windows, TRAIN.windows, TEST.windows
    ),
    NEAREST: lambda: metrics.nearest_real_distance_ratio(
        TRIAL.windows, TRAIN.windows, TEST.windows
    ),
}


NEEDS = {
    "judge": ["judge_trees", "judge_recurrent"],
    "encoder": ["context_fid"],
    "all training windows": [NEAREST],
    "channels": ["cross_correlation_distance"],
    "model": ["noise_spread"],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_measure_sets_the_windows_on_trial_against_real_ones(name):
    assert one(name) == pytest.approx(EXPECTED[name]())


def test_all_measures_are_the_ones_above_and_two_judges():
    needing = {need: [m.name for m in MEASURES if need in m.needs] for need in NEEDS}
    assert needing == NEEDS
    assert {m.name for m in WINDOW_MEASURES} == {*EXPECTED, *NEEDS["judge"]}


def test_every_measure_says_what_it_means_under_a_name_of_its_own():
    assert len({m.name for m in MEASURES}) == len(MEASURES)
    assert all(m.meaning.strip().endswith(".") for m in MEASURES)
    assert {m.ideal for m in MEASURES if m.better == "one"} == {1.0}
    assert measure_named(NEAREST) is MEASURES[len(WINDOW_MEASURES) - 1]
    with pytest.raises(SettingsError, match="no metric 'fid'"):
        measure_named("fid")


def test_a_row_is_the_mean_and_spread_of_its_draws_beside_the_floors():
    row = measure_named("coverage").row([0.5, 0.7], [0.9, 1.0])
    assert (row["metric"], row["better"], row["ideal"]) == ("coverage", "higher", 1.0)
    assert (row["value"], row["floor"]) == pytest.approx((0.6, 0.95))
    assert row["spread"] == pytest.approx(np.std([0.5, 0.7], ddof=1))


@pytest.mark.parametrize("kind", ["trees", "recurrent"])
def test_judges_tell_real_test_windows_from_those_on_trial_by_a_seed_a_draw(monkeypatch, kind):
    asked = []

    def scores(cases, *, judge):
        asked.append((list(cases), judge))
        return [0.1, 0.2]

    monkeypatch.setattr(measures, "discriminative_scores", scores)
    other = WindowComparison(**POOLS, seed=12)
    assert BY_NAME[f"judge_{kind}"].compute(iter([COMPARISON, other])) == [0.1, 0.2]
    ((cases, judge),) = asked
    assert judge == kind
    assert [seed for *_, seed in cases] == [11, 12]
    for real, trial, _ in cases:
        assert real is TEST.windows
        assert trial is TRIAL.windows


def test_the_better_way_and_the_ideal_are_those_of_real_windows():
    """Real windows on trial come near the ideal; noise is worse in the way that is said."""
    random = np.random.default_rng(0)
    cycles = np.sin(np.arange(16) / 2 + random.uniform(0, 6, (600, 1))) + 0.1 * random.normal(
        size=(600, 16)
    )
    train, test, real = cycles[:200], cycles[200:400], cycles[400:]
    noise = random.normal(size=(200, 16))
    scale = feature_scale(train)

    def values(trial):
        pools = [WindowPool.of(w, scale, Encoder()) for w in (trial, test, train)]
        found = WindowComparison(*pools, seed=1)
        return {name: one(name, found) for name in EXPECTED if name != "membership_advantage"}

    good, bad = values(real), values(noise)
    for name, value in good.items():
        measure = BY_NAME[name]
        assert abs(value - measure.ideal) < abs(bad[name] - measure.ideal), name
        assert (value > bad[name]) is (measure.better == "higher") or measure.better == "one", name


def test_a_pool_has_features_on_the_scale_of_training_and_takes_its_rows():
    features = (window_features(SETS["test"]) - SCALE[0]) / SCALE[1]
    np.testing.assert_allclose(TEST.features, features)
    np.testing.assert_array_equal(TEST.embeddings, SETS["test"][:, 3:6] ** 2)
    assert WindowPool.of(SETS["test"], SCALE, None).embeddings is None
    rows = np.array([5, 2])
    some = TEST.take(rows)
    np.testing.assert_array_equal(some.windows, SETS["test"][rows])
    np.testing.assert_array_equal(some.features, features[rows])
    np.testing.assert_array_equal(some.embeddings, TEST.embeddings[rows])
    assert WindowPool.of(SETS["test"], SCALE, None).take(rows).embeddings is None


def test_a_feature_that_never_varies_keeps_its_unit():
    constant = np.ones((5, 16))
    mean, deviation = feature_scale(constant)
    np.testing.assert_array_equal(deviation, np.ones_like(mean))
    mean, deviation = feature_scale(SETS["test"])
    features = window_features(SETS["test"])
    np.testing.assert_allclose(mean, features.mean(axis=0))
    varying = features.std(axis=0) > 0
    np.testing.assert_allclose(deviation[varying], features.std(axis=0)[varying])


def test_without_embeddings_there_is_no_distance_of_them():
    bare = WindowComparison(
        *(WindowPool.of(SETS[n], SCALE, None) for n in ("trial", "test", "train")), seed=1
    )
    assert np.isnan(one("context_fid", bare))


def test_every_measure_has_a_title_in_words():
    titles = [measure_title(measure.name) for measure in MEASURES]
    assert len(set(titles)) == len(MEASURES)
    assert not any("_" in title for title in titles)
    assert measure_title("judge_recurrent") == "discriminative score of a recurrent network"
