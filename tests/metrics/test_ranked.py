"""The field's measures equal ranx's and scikit-learn's on random tables, and a slow loop's."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import average_precision_score, ndcg_score, precision_score, recall_score

from tsgen.metrics import select_items
from tsgen.metrics.ranked import average_precision, ndcg, ranked_hits
from tsgen.scores import top_columns


def case(seed, n=40, m=30):
    draw = np.random.default_rng(seed)
    targets = sp.csr_array(
        (draw.uniform(size=(n, m)) < draw.choice([0, 0.05, 0.4], n)[:, None]) * 1.0
    )
    return draw.permuted(np.tile(np.arange(m, dtype=float), (n, 1)), axis=1), targets


def measures(scores, targets, k):
    best, _ = top_columns(scores, k)
    hits, totals = ranked_hits(best, targets), np.diff(targets.indptr)
    some = totals > 0
    return {
        f"precision@{k}": hits.mean(axis=1)[some].mean(),
        f"recall@{k}": (hits.sum(axis=1)[some] / totals[some]).mean(),
        f"hit_rate@{k}": hits.any(axis=1)[some].mean(),
        f"ndcg@{k}": ndcg(hits, totals)[some].mean(),
        f"map@{k}": average_precision(hits, totals)[some].mean(),
    }


@pytest.mark.slow  # ranx compiles itself
@pytest.mark.filterwarnings("ignore:.*unsafe cast")  # as it does so
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("k", [1, 5, 30])
def test_they_equal_what_ranx_prints(seed, k):
    ranx = pytest.importorskip("ranx", reason="ranx is not installed")
    scores, targets = case(seed)
    n, m = scores.shape
    wanted = {f"u{u}": {f"i{i}": 1 for i in targets[[u]].indices} for u in range(n)}
    qrels = ranx.Qrels({u: items for u, items in wanted.items() if items})
    run = ranx.Run(
        {u: {f"i{i}": scores[int(u[1:]), i] for i in range(m)} for u, own in wanted.items() if own}
    )
    found = measures(scores, targets, k)
    for name, value in ranx.evaluate(qrels, run, list(found)).items():
        assert found[name] == pytest.approx(value), name


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("k", [1, 5, 30])
def test_they_equal_scikit_learn(seed, k):
    scores, targets = case(seed)
    dense = targets.toarray()[np.diff(targets.indptr) > 0]
    ranked = scores[np.diff(targets.indptr) > 0]
    found = measures(scores, targets, k)
    assert found[f"ndcg@{k}"] == pytest.approx(ndcg_score(dense, ranked, k=k))
    # scikit-learn judges what is listed, however many that are.
    listed = ranked >= np.sort(ranked, axis=1)[:, [-k]]
    precisions = [
        precision_score(own, at, zero_division=0.0) for own, at in zip(dense, listed, strict=True)
    ]
    recalls = [recall_score(own, at) for own, at in zip(dense, listed, strict=True)]
    assert found[f"precision@{k}"] == pytest.approx(np.mean(precisions))
    assert found[f"recall@{k}"] == pytest.approx(np.mean(recalls))
    if k == scores.shape[1]:
        whole = [average_precision_score(own, at) for own, at in zip(dense, ranked, strict=True)]
        assert found[f"map@{k}"] == pytest.approx(np.mean(whole))


def test_they_equal_a_slow_loop():
    scores, targets = case(9)
    best, _ = top_columns(scores, 7)
    hits, totals = ranked_hits(best, targets), np.diff(targets.indptr)
    for row in range(len(scores)):
        order = sorted(range(scores.shape[1]), key=lambda i, row=row: -scores[row, i])[:7]
        relevant = set(targets[[row]].indices)
        gains = [1 / np.log2(place + 2) for place, i in enumerate(order) if i in relevant]
        ideal = sum(1 / np.log2(place + 2) for place in range(min(len(relevant), 7)))
        if not relevant:
            assert np.isnan(ndcg(hits, totals)[row])
            continue
        assert ndcg(hits, totals)[row] == pytest.approx(sum(gains) / ideal)
        precisions = [
            sum(j in relevant for j in order[: place + 1]) / (place + 1)
            for place, i in enumerate(order) if i in relevant
        ]  # fmt: skip
        assert average_precision(hits, totals)[row] == pytest.approx(
            sum(precisions) / len(relevant)
        )


def test_hits_are_those_of_the_lists_and_short_lists_have_none_beyond():
    scores, targets = case(4)
    best, _ = top_columns(scores, 6)
    chosen = select_items(scores, 6)
    assert ranked_hits(best, targets).sum() == chosen.multiply(targets).sum()
    best[:, 3:] = -1
    assert not ranked_hits(best, targets)[:, 3:].any()
