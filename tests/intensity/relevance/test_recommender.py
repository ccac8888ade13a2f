"""Recommenders fitted elsewhere: their own scores at the cut-off, arrays alone when saved."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import threadpoolctl

from intensity.conftest import HORIZON, QUIET, nobody, probabilities, read_back, two_tastes
from tsgen import RIMEstimator, load
from tsgen.data import Histories
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.intensity import RecommenderRelevance

AT = 50 * HORIZON
CUT = "1970-01-01 00:00:50"


@pytest.fixture(scope="module")
def log():
    return two_tastes()


@pytest.fixture(scope="module")
def histories(log):
    return Histories.of(log, AT)


def factors(log, width=3):
    draw = np.random.default_rng(1)
    return (
        draw.normal(size=(log.num_users, width)).astype(np.float32),
        draw.normal(size=(log.num_items, width)).astype(np.float32),
    )


class Ids:
    """Ids as LensKit keeps them."""

    def __init__(self, ids):
        self.index = pd.Index(ids)

    def ids(self):
        raise AssertionError


def of_implicit(log):
    user, item = factors(log)
    model = SimpleNamespace(user_factors=user, item_factors=item, fit=print)
    return RecommenderRelevance(model, log.users.ids, log.items.ids)


def of_lenskit(log):
    user, item = factors(log)
    ids = {"users": Ids(log.users.ids), "items": Ids(log.items.ids)}
    return RecommenderRelevance(SimpleNamespace(user_embeddings=user, item_embeddings=item, **ids))


def of_rectools(log):
    user, item = factors(log)
    maps = [SimpleNamespace(external_ids=np.array(v.ids)) for v in (log.users, log.items)]
    return RecommenderRelevance(SimpleNamespace(get_vectors=lambda: (user, item)), *maps)


def on_a_gpu(log):
    user, item = factors(log)
    held = {
        name: SimpleNamespace(to_numpy=lambda values=values: values)
        for name, values in (("user_factors", user), ("item_factors", item))
    }
    return RecommenderRelevance(SimpleNamespace(**held), log.users.ids, log.items.ids)


@pytest.mark.parametrize("make", [of_implicit, of_lenskit, of_rectools, on_a_gpu])
def test_scores_at_the_cut_off_are_the_recommenders_own(log, histories, make):
    fitted = make(log).fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    user, item = factors(log)
    found, _ = fitted.users(histories)
    shares = fitted.item_factors[:, -1]
    for row in range(log.num_users - 1):  # the last one has no history
        logits = fitted.mix[0] * (item @ user[row]) + fitted.mix[1] * shares
        np.testing.assert_allclose(fitted.item_factors @ found[row], logits, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(probabilities(fitted, histories).sum(axis=1), 1, rtol=1e-5)


def test_rows_are_found_by_id_in_any_order(log, histories):
    user, item = factors(log)
    plain = of_implicit(log).fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    turned = RecommenderRelevance(
        SimpleNamespace(user_factors=user[::-1], item_factors=item[::-1]),
        log.users.ids[::-1],
        log.items.ids[::-1],
    ).fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    np.testing.assert_array_equal(probabilities(turned, histories), probabilities(plain, histories))


def test_users_in_other_histories_are_known_by_their_events(log, histories):
    fitted = of_implicit(log).fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    earlier = Histories.of(log, 10 * HORIZON)
    back = read_back(of_implicit(log), fitted)
    for model in (fitted, back):
        found = model.users(earlier)[0]
        counts = earlier.pair_counts().toarray()
        for row in np.flatnonzero(counts.sum(axis=1))[:5]:
            mean = counts[row] @ model.vectors / counts[row].sum()
            expected = model.mix[0] * (mean @ model.fold[:-1] + model.fold[-1])
            np.testing.assert_allclose(found[row, :-1], expected, rtol=1e-4, atol=1e-5)
    assert set(fitted.arrays()) == {"vectors", "shares", "fold", "mix"}  # nobody's own factors


def test_what_it_does_not_know_is_counted(log, histories):
    user, item = factors(log)
    model = SimpleNamespace(user_factors=user[2:], item_factors=item[3:])
    part = RecommenderRelevance(model, log.users.ids[2:], log.items.ids[3:])
    told = rf"know 2 of {log.num_users} users and 3 of {log.num_items} items"
    with pytest.warns(DataWarning, match=told):
        fitted = part.fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    assert not fitted.vectors[:3].any()
    assert np.isfinite(probabilities(fitted, histories)).all()


def test_a_real_model_of_implicit_finds_tastes_and_survives_the_folder(log, histories, tmp_path):
    als = pytest.importorskip("implicit.cpu.als")
    with threadpoolctl.threadpool_limits(1, "blas"):  # implicit has threads of its own, and warns
        model = als.AlternatingLeastSquares(factors=4, random_state=1, num_threads=1)
    counts = sp.csr_matrix(histories.pair_counts().astype(np.float32))
    model.fit(counts, show_progress=False)
    relevance = RecommenderRelevance(model, log.users.ids, log.items.ids)
    rim = RIMEstimator(horizon="1s", activity="popularity", relevance=relevance).train(
        log, at=CUT, options=QUIET
    )
    rim.save(tmp_path / "rim")
    back = load(tmp_path / "rim")
    item = rim.items.ids[0]
    assert back.audience(item, size=5).equals(rim.audience(item, size=5))
    assert back.settings.relevance == "recommender"
    assert not list((tmp_path / "rim").rglob("*.pkl"))
    fitted = relevance.fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    ours = np.array([name[0] == "a" for name in log.items.ids])
    found = probabilities(fitted, histories)
    assert found[:-1:2, ours].sum(axis=1).mean() > found[1:-1:2, ours].sum(axis=1).mean()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: {"users": None}, "knows no ids; pass RecommenderRelevance"),
        (lambda m: {"users": m["users"][1:]}, "users= has .* ids .* for .* rows of user factors"),
        (lambda m: {"items": [m["items"][0]] * len(m["items"])}, r"\(1 different ones\)"),
        (lambda m: {"model": SimpleNamespace()}, "has no factors of users and items"),
        (
            lambda m: {"model": SimpleNamespace(user_factors=[[1.0]], item_factors=[[1.0, 2.0]])},
            "both need the same width",
        ),
        (
            lambda m: {"model": SimpleNamespace(user_factors=[[np.nan]], item_factors=[[1.0]])},
            "hold what is no number",
        ),
    ],
)
def test_what_is_no_recommender_is_refused_at_once(log, change, told):
    user, item = factors(log)
    given = {
        "model": SimpleNamespace(user_factors=user, item_factors=item),
        "users": log.users.ids,
        "items": log.items.ids,
    }
    with pytest.raises(SettingsError, match=told):
        RecommenderRelevance(**(given | change(given)))


def test_an_object_without_ids_is_told_how_it_is_given(log):
    user, item = factors(log)
    bare = SimpleNamespace(user_factors=user, item_factors=item, fit=print)
    with pytest.raises(SettingsError, match="knows no ids; pass RecommenderRelevance"):
        RIMEstimator(horizon="1s", relevance=bare).train(log, at=CUT, options=QUIET)


def test_items_of_another_kind_are_refused(log, histories):
    user, item = factors(log)
    part = RecommenderRelevance(
        SimpleNamespace(user_factors=user, item_factors=item),
        log.users.ids,
        [f"other {k}" for k in range(log.num_items)],
    )
    with pytest.raises(SettingsError, match="knows no item of the log: its ids are such as 'other"):
        part.fit(histories, HORIZON, QUIET, held_out=nobody(histories))


def test_the_name_in_a_saved_model_stands_for_no_object(log, histories):
    part = RecommenderRelevance()
    with pytest.raises(SettingsError, match="stands for an object in a saved model"):
        part.fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    with pytest.raises((SettingsError, DataError)):
        RIMEstimator(horizon="1s", relevance="recommender").train(log, at=CUT, options=QUIET)


@pytest.mark.parametrize("in_a_pipeline", [False, True])
def test_a_recommender_that_knows_its_ids_is_given_as_it_is(log, tmp_path, in_a_pipeline):
    relevance = scorer = of_lenskit(log).model
    if in_a_pipeline:
        relevance = SimpleNamespace(component={"scorer": scorer}.get)
    settings = {"horizon": "1s", "activity": "popularity"}
    rim = RIMEstimator(relevance=relevance, **settings).train(log, at=CUT, options=QUIET)
    wrapped = RIMEstimator(relevance=RecommenderRelevance(scorer), **settings)
    expected = wrapped.train(log, at=CUT, options=QUIET)
    rim.save(tmp_path / "rim")
    item = rim.items.ids[0]
    for model in (rim, load(tmp_path / "rim")):
        assert model.audience(item, size=5).equals(expected.audience(item, size=5))


def test_what_is_no_recommender_is_refused_by_the_estimator():
    with pytest.raises(SettingsError, match=r"Use auto, .* or a fitted recommender with factors"):
        RIMEstimator(horizon="1s", relevance=SimpleNamespace(users=[1]))
