"""Values of users add up to what the model expects, and find what a score is made of."""

import numpy as np
import pandas as pd
import pytest

from small_shop import QUIET, log, read
from tsgen import RIMEstimator
from tsgen.errors import DataError, SettingsError, UnknownIdError
from tsgen.responsible import attribution_agreement, explain_scores
from tsgen.scores import ScoreMatrix, ScoreParts

SETTINGS = {"activity": "moving-average", "relevance": "popularity", "repeats": "mixture"}


@pytest.fixture(scope="module")
def model():
    return RIMEstimator(horizon="7D", **SETTINGS).train(read(log()), options=QUIET)


def test_values_add_up_to_what_the_model_expects(model):
    users = ["u00", "u05", "u30"]
    why = explain_scores(model, [101, 104], users, ages=["7D", "30D"])
    scores = model.scores()
    expected = scores.sums(model.items.find([101, 104]))[model.states.users.find(users)]
    np.testing.assert_allclose(why.scores, expected, atol=1e-6)
    assert why.values.index.tolist() == users
    assert len(why.values.columns) == 5
    assert np.allclose(why.base, why.base[0])  # nobody has a past there


def test_a_user_is_explained_alone_as_among_others(model):
    together = explain_scores(model, 101, ["u00", "u05"], ages=["7D"])
    alone = explain_scores(model, 101, ["u05"], ages=["7D"])
    np.testing.assert_allclose(together.values.loc["u05"], alone.values.loc["u05"], rtol=1e-6)


class Planted:
    """A model whose score is known: 5 own + 2 similar + 1 of the last week, events each."""

    horizon, cutoff = "7D", pd.Timestamp("2024-03-01", tz="UTC")

    def __init__(self, events):
        self.log, self.all_items = events, events.items

    def score_parts(self, *, at, events):
        age = (events.read_time(self.cutoff) - events.time) / 8.64e10
        own = events.item == 0
        worth = np.where(own, 5.0, np.where(events.item < 3, 2.0, np.where(age < 7, 1.0, 0.1)))
        total = np.bincount(events.user, weights=worth, minlength=events.num_users)
        n, m = events.num_users, events.num_items
        bias = np.zeros(n), np.zeros(m)
        shares = ScoreMatrix.of_biases(events.users.ids, events.items.ids, *bias)
        return ScoreParts(total, shares)


def test_planted_features_have_the_top_ranks():
    random = np.random.default_rng(3)
    rows = []
    for user in range(40):
        rows += [(user, item, 2) for item in (0, 0, 1, 2)]  # similar: users share these
        rows += [(user, int(random.integers(3, 60)), 3), (user, int(random.integers(60, 99)), 50)]
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "age"])
    table["timestamp"] = pd.Timestamp("2024-03-01") - pd.to_timedelta(table["age"], "D")
    events = read(table.drop(columns="age"))
    planted = Planted(events)
    why = explain_scores(planted, 0, ages=["7D"])
    order = np.argsort(-why.values.to_numpy(), axis=1)
    top = ["the item itself", "similar items", "the last 7D"]
    first = np.array(why.values.columns)[order[:, :2]]
    assert np.mean([set(row) <= set(top) for row in first]) >= 0.95
    assert (why.values["the item itself"] == 10).all()


def test_sentences_and_results_name_the_groups(model):
    why = explain_scores(model, 101, ["u00", "u05"], ages=["7D"])
    assert all(
        s.startswith("listed because of ") and "expected events" in s for s in why.sentences()
    )
    result = why.to_result()
    means = result.table[result.table["metric"] == "mean absolute"].set_index("player")["value"]
    np.testing.assert_allclose(means, np.abs(why.values).mean())
    assert attribution_agreement(dict(means), dict(means)) == 1
    assert pytest.importorskip("shap")
    assert why.to_shap().values.shape == (2, 4)


def test_more_groups_than_can_be_played_out_go_to_shap(model):
    pytest.importorskip("shap", reason="shap is not installed")
    exact = explain_scores(model, 101, ["u00", "u05"], ages=["7D"])
    drawn = explain_scores(model, 101, ["u00", "u05"], ages=["7D"], method="permutation")
    largest = np.abs(exact.values.to_numpy()).max()
    np.testing.assert_allclose(drawn.values.to_numpy(), exact.values.to_numpy(), atol=0.1 * largest)
    np.testing.assert_allclose(drawn.scores, exact.scores, atol=1e-6)
    many = explain_scores(model, 101, ["u00"], ages=[f"{k}D" for k in range(1, 12)])
    assert (many.method, len(many.values.columns)) == ("permutation", 14)
    np.testing.assert_allclose(many.scores, exact.scores[:1], atol=1e-6)


def test_amounts_are_the_events_of_each_group(model):
    why = explain_scores(model, 101, ["u00", "u05"], ages=["7D"])
    lengths = model.log.lengths[model.states.users.find(["u00", "u05"])]
    assert why.amounts.sum(axis=1).tolist() == lengths.tolist()
    table = log()
    own = table[(table["user_id"] == "u05") & (table["item_id"] == 101)]
    assert why.amounts.loc["u05", "the item itself"] == len(own)


def test_what_cannot_be_explained_says_so(model):
    with pytest.raises(SettingsError, match="method='kernel' is unknown"):
        explain_scores(model, 101, ["u00"], method="kernel")
    with pytest.raises(SettingsError, match="seed=-1 is not possible"):
        explain_scores(model, 101, ["u00"], seed=-1)
    with pytest.raises(UnknownIdError):
        explain_scores(model, 101, ["nobody"])
    estimator = RIMEstimator(horizon="7D", keep_events=False, **SETTINGS)
    bare = estimator.train(read(log()), options=QUIET)
    with pytest.raises(DataError, match="keeps no events to explain by"):
        explain_scores(bare, 101)


def test_a_list_says_why_on_request(model):
    table = model.audience(101, size=4, why="shapley")
    assert table["times_bought"].ge(0).all()
    assert table["why"].str.startswith("listed because of ").all()
    assert table.attrs["counts"]["got"] == 4
    with pytest.raises(SettingsError, match="True, False or 'shapley'"):
        model.audience(101, size=4, why="because")
    with pytest.raises(SettingsError, match="add what is new first"):
        model.audience(101, size=4, why="shapley", events=log())


def test_explaining_many_users_shows_how_far_it_is(model, monkeypatch, capsys):
    monkeypatch.setattr("tsgen.responsible.explanation.scores._AT_A_TIME", 16)  # one user
    monkeypatch.setattr("tsgen.progress.PATIENCE", 0.0)
    monkeypatch.setattr("tsgen.progress._SLOWEST", 0.0)
    users = ["u00", "u05", "u30"]
    why = explain_scores(model, 101, users, ages=["7D"])
    assert "explaining: 1 of 3 (33 %)" in capsys.readouterr().err
    assert why.values.index.tolist() == users
