"""A study of audiences, by models whose truth is known."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import tsgen
from tsgen.data import Interactions
from tsgen.errors import DataError, SettingsError
from tsgen.evaluation import StudyResult, evaluate_audience
from tsgen.evaluation.audience.measures import judge
from tsgen.evaluation.audience.probabilities import poisson_probability, probability_sums
from tsgen.evaluation.audience.references import SimpleIntensities, references
from tsgen.evaluation.audience.window import open_window
from tsgen.metrics import (
    ReselectedPrecision,
    auc_by_item,
    bernoulli_log_score,
    brier_score,
    gain,
    lift,
    poisson_log_score,
    precision,
    ranking_report,
    recall_by_item,
    recall_by_user,
    select_items,
    select_users,
)
from tsgen.metrics.resampling.weighted_measures import MeanOverItems, Ratio, bootstrap

N, M, WEEKS = 120, 15, 12
START = pd.Timestamp("2024-01-01", tz="UTC")
CUT = START + pd.Timedelta(weeks=WEEKS - 1)


def rates():
    """Weekly rates of pairs: some users are active, everybody likes two or three items."""
    random = np.random.default_rng(0)
    activity = random.gamma(0.7, 3.0, N)
    taste = random.dirichlet(np.full(M, 0.15), N)
    return activity[:, None] * taste


def shop(seed=1):
    """Events of a Poisson process with these rates, in a table."""
    random = np.random.default_rng(seed)
    counts = random.poisson(rates() * WEEKS)
    user, item = np.repeat(np.argwhere(counts), counts[counts > 0], axis=0).T
    hours = random.uniform(0, WEEKS * 7 * 24, len(user))
    return pd.DataFrame({
        "user_id": user,
        "item_id": np.char.add("i", item.astype(str)),
        "timestamp": START + pd.to_timedelta(hours, unit="h"),
    })  # fmt: skip


class Known:
    """A model that knows the rates (or what it is given), of users and items it was told of."""

    horizon = "7D"

    def __init__(self, intensity, users, items, cutoff=CUT, excluded=None):
        self.cutoff, self.asked = cutoff, []
        self.values, self.ids, self.excluded = intensity, (users, items), excluded

    def scores(self, *, at=None, events=None):
        self.asked.append((at, events))
        return Table(self.values, *(pd.Index(ids) for ids in self.ids), self.excluded)

    def probability(self, intensity):
        return -np.expm1(-np.asarray(intensity, np.float64))


class Table:
    def __init__(self, values, user_ids, item_ids, excluded):
        self.values, self.user_ids, self.item_ids = values, user_ids, item_ids
        self.excluded, self.shape = excluded, values.shape

    def block(self, rows, columns):
        return self.values[rows, columns].copy()


def truth(**changes):
    arguments = {"users": np.arange(N), "items": [f"i{k}" for k in range(M)]} | changes
    return Known(arguments.pop("intensity", rates()), **arguments)


@pytest.fixture(scope="module")
def result():
    return evaluate_audience(shop(), truth(), num_users=24, draws=200, seed=3)


def rows_of(result, arm="model"):
    return result.table[result.table["arm"] == arm].set_index("metric")


def test_who_knows_the_truth_is_calibrated_and_beats_every_simple_rule(result):
    found = rows_of(result)
    assert found.loc["count_ratio", "low"] < 1 < found.loc["count_ratio", "high"]
    for metric in ("auc", "gain_at_5%", "count_log_score", "chance_log_score", "brier_score"):
        sign = -1 if found.loc[metric, "better"] == "lower" else 1
        assert sign * found.loc[metric, "difference"] > 0, metric
    assert found.loc["chance_log_score", "difference_low"] > 0
    assert found.loc["auc", "reference"] == "repeat buyers"
    random = rows_of(result, "random")
    assert random.loc["auc", "value"] == pytest.approx(0.5, abs=0.05)
    assert random.loc["lift_at_20%", "value"] == pytest.approx(1.0, abs=0.25)
    groups = result.arrays["calibration.chances"]
    error = np.sqrt(groups[:, 1] * (1 - groups[:, 1]) / groups[:, 0])
    assert (np.abs(groups[:, 1] - groups[:, 2]) / error).max() < 4


def test_intervals_hold_the_middle_95_of_100_draws(monkeypatch):
    """Draws that are given say which of them an interval must end at."""
    draw = np.random.default_rng(5)

    def draws_of(measures, num_users, draws, seed):
        anew = any(isinstance(m, ReselectedPrecision) for m in measures.values())
        assert (num_users, draws, seed) == (N, 200 if anew else 1000, 3)
        return {name: draw.permutation(np.linspace(0.0, 1.0, draws)) for name in measures}

    monkeypatch.setattr("tsgen.evaluation.audience.intervals.bootstrap", draws_of)
    found = evaluate_audience(shop(), truth(), num_users=24, draws=1000, seed=3).table
    some = found.dropna(subset=["low"])
    assert set(some["arm"]) == set(found["arm"])
    np.testing.assert_allclose(some["low"], 0.025, atol=1e-3)
    np.testing.assert_allclose(some["high"], 0.975, atol=1e-3)
    draws = np.where(some["metric"].str.startswith("user_rec_precision"), 200, 1000)
    spread = [np.linspace(0.0, 1.0, number).std(ddof=1) for number in draws]
    np.testing.assert_allclose(some["spread"], spread)
    # a difference of two such draws is triangular: P(D < -d) = (1 - d)^2 / 2
    model = some[some["arm"] == "model"]
    edge = 1 - (2 * 0.025) ** 0.5
    # the quantile of k such draws has a standard error of 0.7 / sqrt(k): four of it
    near = 4 * 0.7 / np.sqrt(draws[(some["arm"] == "model").to_numpy()])
    assert (abs(model["difference_low"] + edge) < near).all()
    assert (abs(model["difference_high"] - edge) < near).all()


def test_every_measure_is_the_metric_of_that_name(result):
    log = Interactions.from_frame(shop(), on_duplicate="keep")
    window = log.where(log.time >= log.read_time(CUT))
    targets = np.zeros((N, M))
    np.add.at(targets, (log.users.ids.to_numpy()[window.user],
                        [int(i[1:]) for i in log.items.ids[window.item]]), 1)  # fmt: skip
    report = ranking_report(rates(), sp.csr_array(targets), num_users=24)
    happened = (targets > 0).ravel().astype(float)
    chance = 1 - np.exp(-rates()).ravel()
    expected = {
        f"{side}_{name}": report[side][name]
        for side, name in [
            ("user_rec", "precision"), ("user_rec", "recall"), ("item_rec", "precision"),
            ("item_rec", "recall"), ("user_rec", "user_coverage"), ("user_rec", "user_perplexity"),
            ("item_rec", "item_coverage"), ("item_rec", "item_perplexity"),
        ]
    } | {
        "gain_at_10%": gain(rates(), sp.csr_array(targets), [0.1])[0],
        "lift_at_10%": 10 * gain(rates(), sp.csr_array(targets), [0.1])[0],
        "auc": np.nanmean(auc_by_item(rates(), sp.csr_array(targets))),
        "brier_score": brier_score(chance, happened),
        "chance_log_score": bernoulli_log_score(chance, happened),
        "count_log_score": poisson_log_score(rates().sum(1), targets.sum(1)),
        "count_ratio": rates().sum() / targets.sum(),
    }  # fmt: skip
    for metric, value in expected.items():
        assert result.value(metric, arm="model") == pytest.approx(value), metric
    for depth in (0.01, 0.05):  # 1.2 and 6 of 120 users: two are listed, and six
        value = lift(rates(), sp.csr_array(targets), [depth])[0]
        assert result.value(f"lift_at_{depth:.0%}", arm="model") == pytest.approx(value)
    arrays = result.arrays
    curve = lift(rates(), sp.csr_array(targets), arrays["depths"])
    np.testing.assert_allclose(arrays["gain.model"] / arrays["listed"], curve)


@pytest.mark.parametrize("seed", range(3))
def test_weights_are_users_that_stand_there_several_times(seed):
    random = np.random.default_rng(seed)
    scores, targets = random.random((20, 6)), sp.csr_array(random.poisson(0.3, (20, 6)))
    audiences, lists = select_users(scores, 4), select_items(scores, 2)
    drawn = random.integers(0, 20, 20)
    weights = np.bincount(drawn, minlength=20)[None, :].astype(float)
    window = open_window(*small_case(scores, targets))
    sums = probability_sums(window, window.scores, poisson_probability, 0)
    measures = judge(window, window.scores, 4, 2, sums, 0).weighted
    for name, selected, metric in (
        ("user_rec_precision", audiences, precision),
        ("item_rec_precision", lists, precision),
        ("user_rec_recall", audiences, recall_by_item),
        ("item_rec_recall", lists, recall_by_user),
    ):
        if name == "user_rec_precision":  # the lists are selected anew among the drawn
            expected = metric(select_users(scores[drawn], 4), targets[drawn])
        else:
            expected = metric(selected[drawn], targets[drawn])
        assert measures[name](weights)[0] == pytest.approx(expected), name
    again = bootstrap(measures, 20, 7, seed)
    same = bootstrap(measures, 20, 7, seed)
    assert all((again[name] == same[name]).all() for name in again)
    assert isinstance(measures["auc"], MeanOverItems)
    assert isinstance(measures["brier_score"], Ratio)


def test_chunks_are_bounded_by_items_as_well_and_change_no_number(monkeypatch):
    random = np.random.default_rng(0)
    top = sp.csr_array((random.random((5, 4000)) < 0.1).astype(float))
    bottom = sp.csr_array(np.ones((5, 4000)))
    sizes = []

    def watched(weights):
        sizes.append(len(weights))
        return MeanOverItems(top, bottom, empty_counts=True)(weights)

    measures = {"recall": MeanOverItems(top, bottom, empty_counts=True), "watched": watched}
    whole = bootstrap(measures, 5, 40, 3)
    assert sizes == [40]
    monkeypatch.setattr("tsgen.metrics.resampling.weighted_measures._CHUNK_NUMBERS", 7 * 4000)
    parts = bootstrap(measures, 5, 40, 3)
    assert max(sizes[1:]) == 7
    np.testing.assert_array_equal(parts["recall"], whole["recall"])


def small_case(scores, targets):
    """A log in which exactly these targets follow the cut-off, and a model with these scores."""
    user, item = np.repeat(np.argwhere(targets.toarray()), targets.data, axis=0).T
    after = pd.DataFrame({"user_id": user, "item_id": item, "timestamp": CUT + pd.Timedelta("1D")})
    log = Interactions.from_frame(after, on_duplicate="keep")
    return log, truth(intensity=scores, users=np.arange(20), items=np.arange(6)), None


def test_a_result_is_kept_whole_and_the_same_seed_gives_the_same_numbers(result, tmp_path):
    result.save(tmp_path / "run")
    again = StudyResult.load(tmp_path / "run")
    pd.testing.assert_frame_equal(again.table, result.table)
    assert again.kind == "audience"
    repeated = evaluate_audience(shop(), truth(), num_users=24, draws=200, seed=3)
    pd.testing.assert_frame_equal(repeated.table, result.table)
    assert repeated.answer == result.answer
    assert result.answer.startswith("Of 1,000 customers listed for an item (24 of 120 for each), ")
    assert "picked by the best simple rule (repeat buyers) it would have been" in result.answer


def test_what_cannot_be_counted_is_counted_apart():
    table = shop()
    strangers = table[:5].assign(user_id=range(900, 905), timestamp=CUT + pd.Timedelta("1h"))
    novelties = table[:3].assign(item_id=["p", "q", "r"], timestamp=CUT + pd.Timedelta("2h"))
    later = table[:4].assign(user_id=range(4), timestamp=CUT + pd.Timedelta("8D"))
    found = evaluate_audience(
        pd.concat([table, strangers, novelties, later]), truth(), draws=2, seed=1
    ).facts["test"]
    counts = [found[f"events_{what}"] for what in
              ("of_unknown_users", "of_unknown_items", "after_the_window")]  # fmt: skip
    assert counts == [5, 3, 4]
    assert found["events_counted"] == found["events"] - 8
    assert found["covered"] == 1


def test_a_window_that_the_log_does_not_fill_is_said():
    half = shop()
    half = half[half["timestamp"] < CUT + pd.Timedelta("3D")]
    found = evaluate_audience(half, truth(), draws=2, seed=1)
    assert 0.35 < found.facts["test"]["covered"] < 0.43
    assert "The log covers only 4" in found.answer


def test_without_a_past_only_chance_can_be_compared_with():
    after = shop()
    after = after[after["timestamp"] >= CUT]
    found = evaluate_audience(after, truth(), draws=5, seed=1)
    assert found.table["arm"].unique().tolist() == ["model", "random"]
    assert "no other rule could be asked" in found.answer
    assert "user_rec_precision_new_pairs" not in set(found.table["metric"])


def test_random_lists_that_no_rule_beats_are_named_as_such():
    """Nobody comes back and everybody starts anew: the past misleads every other rule."""
    days = np.repeat([-20, 3], 10)
    table = pd.DataFrame(
        {"user_id": np.tile(np.arange(10), 2), "item_id": np.repeat(["a", "b"], 10)}
    )
    table["timestamp"] = CUT + pd.to_timedelta(days, unit="D")
    model = Known(np.eye(10, 2), np.arange(10), ["a", "b"])
    found = evaluate_audience(table, model, num_users=5, draws=20, seed=1)
    assert len(found.table["arm"].unique()) == 6
    assert rows_of(found).loc["user_rec_precision", "reference"] == "random"
    assert "no simple rule finds more than random lists (" in found.answer
    assert "could be asked" not in found.answer


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_random_lists_hold_is_the_share_of_pairs_with_an_event_whatever_the_seed(seed):
    found = evaluate_audience(shop(), truth(), num_users=24, draws=2, seed=seed)
    at_random = float(found.answer.rpartition("at random ")[2].rstrip("."))
    did = found.value("user_rec_precision", arm="model")
    lift = found.value("lift_at_20%", arm="model")
    assert 1000 * did / at_random == pytest.approx(lift, rel=5e-3)


def test_what_is_expected_of_the_listed_is_their_mean_probability():
    found = evaluate_audience(shop(), truth(), num_users=24, draws=2, seed=1)
    scores, model = truth().scores(), truth()
    dense = scores.block(slice(0, N), slice(0, M))
    listed = np.sort(dense, axis=0)[-24:]
    expected = model.probability(listed.ravel()).mean()
    assert found.facts["test"]["expected_precision"] == pytest.approx(expected, rel=1e-5)


def test_pairs_that_cannot_be_listed_do_not_count_as_random_ones():
    excluded = sp.csr_array(np.arange(N * M).reshape(N, M) % 3 == 0)
    found = evaluate_audience(shop(), truth(excluded=excluded), draws=2, seed=1)
    window = open_window(Interactions.from_frame(shop()), truth(), None)
    allowed = excluded.toarray() == 0
    expected = (window.targets.toarray() > 0)[allowed].mean()
    assert found.facts["test"]["prevalence"] == pytest.approx(expected)


def test_where_no_pair_is_new_nothing_is_said_of_new_pairs():
    table = shop()
    pairs = table[["user_id", "item_id"]].drop_duplicates().assign(timestamp=START)
    found = evaluate_audience(pd.concat([table, pairs]), truth(), draws=2, seed=1)
    assert not found.table["metric"].str.contains("new").any()


def test_lists_for_new_pairs_leave_out_what_was_seen():
    """A model that knows only repeats finds nothing new."""
    past = shop()
    past = past[past["timestamp"] < CUT]
    seen = np.zeros((N, M))
    np.add.at(seen, (past["user_id"], past["item_id"].str[1:].astype(int)), 1.0)
    found = rows_of(evaluate_audience(shop(), truth(intensity=seen), draws=5, seed=1))
    best = rows_of(evaluate_audience(shop(), truth(), draws=5, seed=1))
    new = "user_rec_precision_new_pairs"
    assert found.loc[new, "value"] < best.loc[new, "value"]


def test_a_model_that_saw_the_test_window_is_refused():
    with pytest.raises(SettingsError, match="it would be judged by what it has seen"):
        evaluate_audience(shop(), truth(), at=CUT - pd.Timedelta("1s"))
    with pytest.raises(DataError, match="No event lies in the test window: it begins at 2024-12"):
        evaluate_audience(shop(), truth(cutoff=pd.Timestamp("2024-12-01", tz="UTC")))
    with pytest.raises(DataError, match="Are the ids the same"):
        evaluate_audience(shop(), truth(users=np.arange(N).astype(str)))
    with pytest.raises(SettingsError, match="num_users=500"):
        evaluate_audience(shop(), truth(), num_users=500)
    with pytest.raises(SettingsError, match="num_users=0, num_items=1,"):
        evaluate_audience(shop(), truth(), num_users=0)


def test_a_later_test_window_is_scored_by_the_log_before_it():
    model = truth()
    later = CUT + pd.Timedelta("2D")
    evaluate_audience(shop(), model, at=later, draws=2, seed=1)
    at, events = model.asked[0]
    assert at == later
    assert events.time.max() < events.read_time(later)
    model = truth()
    evaluate_audience(shop(), model, draws=2, seed=1)
    assert model.asked == [(None, None)]


def test_an_estimator_sees_the_past_alone():
    class Estimator:
        horizon = "7D"

        def train(self, events, *, at=None, options=None):
            self.events, self.at, self.options = events, at, options
            known = truth(users=events.users.ids, items=events.items.ids, cutoff=at,
                          intensity=np.ones((events.num_users, events.num_items)))  # fmt: skip
            return known

    stranger = shop()[-1:].assign(user_id=9999, timestamp=CUT + pd.Timedelta("6D"))
    table = pd.concat([shop(), stranger])
    estimator = Estimator()
    found = evaluate_audience(table, estimator, options="mine", draws=2, seed=1)
    assert (estimator.events.time < estimator.events.read_time(estimator.at)).all()
    assert 9999 not in estimator.events.users.ids
    assert estimator.options == "mine"
    assert found.facts["test"]["events_of_unknown_users"] >= 1
    moved = table.copy()
    future = moved["timestamp"] >= estimator.at
    moved.loc[future, "item_id"] = "i0"
    other = Estimator()
    evaluate_audience(moved, other, draws=2, seed=1)
    assert other.events.fingerprint() == estimator.events.fingerprint()
    with pytest.raises(DataError, match="cannot begin at at=2030"):
        evaluate_audience(table, Estimator(), at="2030-01-01")
    Estimator.horizon = "1000D"
    with pytest.raises(DataError, match="the last 1000D before the end"):
        evaluate_audience(table, Estimator())


def test_rim_can_be_judged_and_simple_rules_carry_a_constant_past_on():
    rim = tsgen.RIMEstimator(horizon="7D")
    found = evaluate_audience(shop(), rim, seed=1, draws=20,
                              options=tsgen.TrainingOptions(seed=1))  # fmt: skip
    assert found.facts["model"]["settings"]["horizon"] == "7D"
    for rule in ("popularity", "recency", "repeat buyers"):
        row = rows_of(found, rule).loc["count_ratio"]
        assert row["low"] - 0.1 < 1 < row["high"] + 0.1, rule


@pytest.mark.parametrize("options", [None, tsgen.TrainingOptions(num_threads=2)])
def test_the_seed_of_a_study_is_the_one_of_its_training(options):
    rim = tsgen.RIMEstimator(horizon="7D", relevance="als")
    first, again = (
        evaluate_audience(shop(), rim, seed=5, draws=2, options=options) for _ in range(2)
    )
    pd.testing.assert_frame_equal(first.table, again.table)
    assert first.facts["model"]["seed"] == 5
    own = tsgen.TrainingOptions(seed=8)
    assert evaluate_audience(shop(), rim, seed=5, draws=2, options=own).facts["model"]["seed"] == 8


def test_simple_rules_are_the_same_in_any_parts():
    random = np.random.default_rng(0)
    pairs = sp.csr_array(random.poisson(0.3, (9, 7)).astype(float))
    rule = SimpleIntensities(random.random(9), random.random(7), pairs, seed=4)
    whole = rule.block(slice(0, 9), slice(0, 7))
    np.testing.assert_array_equal(rule.block(slice(2, 5), slice(3, 7)), whole[2:5, 3:7])
    plain = np.outer(rule.users, rule.items) + pairs.toarray()
    np.testing.assert_allclose(whole, plain, rtol=2e-6)
    noise = SimpleIntensities(np.ones(300), np.ones(200), seed=1).block(
        slice(0, 300), slice(0, 200)
    )
    uniform = np.sort((noise.ravel() - 1) * 1e6)
    assert np.abs(uniform - np.linspace(0, 1, len(uniform))).max() < 0.01


def test_repeat_buyers_come_first_and_the_latest_first_of_all():
    table = pd.DataFrame(
        [("a", "x", 1), ("b", "x", 80), ("c", "y", 80), ("c", "y", 79), ("a", "y", 90)],
        columns=["user_id", "item_id", "day"],
    )
    table["timestamp"] = START + pd.to_timedelta(table.pop("day"), unit="D")
    model = Known(np.ones((3, 2)), ["a", "b", "c"], ["x", "y"], START + pd.Timedelta("85D"))
    rule = references(open_window(Interactions.from_frame(table), model, None), 1)["repeat buyers"]
    x, y = rule.block(slice(0, 3), slice(0, 2)).T
    assert x.argsort()[::-1].tolist()[0] == 1
    assert x[1] > x[0] > 0
    assert y.argmax() == 2


def test_a_study_too_large_to_sort_looks_at_some_items_and_users_and_says_so(monkeypatch, result):
    monkeypatch.setattr("tsgen.evaluation.audience.measures.PLACED", 5 * N)
    monkeypatch.setattr("tsgen.evaluation.audience.probabilities.PAIRS", 30 * M)
    some = evaluate_audience(shop(), truth(), num_users=24, draws=5, seed=3)
    assert some.facts["test"]["items_of_gain_and_auc"] == 5
    assert some.facts["test"]["pairs_of_chances"] == 30 * M
    for metric in ("auc", "gain_at_20%", "chance_log_score"):
        whole = result.value(metric, arm="model")
        assert some.value(metric, arm="model") != whole
        assert some.value(metric, arm="model") == pytest.approx(whole, rel=0.35)
    same = "user_rec_precision"
    assert some.value(same, arm="model") == result.value(same, arm="model")
