"""Every measure of an audience study, under weights of the users, against loops over pairs."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.data import Interactions
from tsgen.evaluation.audience import measures as audience_measures
from tsgen.evaluation.audience.measures import CURVE, DEPTHS, judge
from tsgen.evaluation.audience.probabilities import ProbabilitySums
from tsgen.evaluation.audience.window import AudienceWindow
from tsgen.metrics import item_coverage, item_perplexity, user_coverage, user_perplexity
from tsgen.metrics.resampling.weighted_measures import Ratio

N, M, USERS, ITEMS = 25, 6, 5, 2
random = np.random.default_rng(0)
SCORES = random.random((N, M))
TARGETS = random.poisson(0.35, (N, M))
TARGETS[:, 4] = 0  # nobody turns to this item
EXCLUDED = random.random((N, M)) < 0.15
SEEN = random.random((N, M)) < 0.3
WEIGHTS = random.poisson(1.0, (3, N)).astype(float)


class Scores:
    """Scores of all pairs, in memory."""

    def __init__(self, values, excluded):
        self.values, self.shape = values, values.shape
        self.user_ids, self.item_ids = pd.Index(range(N)), pd.Index([f"i{k}" for k in range(M)])
        self.excluded = None if excluded is None else sp.csr_array(excluded.astype(np.int8))

    def block(self, rows, columns):
        return self.values[rows, columns].copy()


def past_of(seen):
    """A log in which exactly these pairs occurred, and one of a user that has no score."""
    user, item = np.argwhere(seen).T
    table = pd.DataFrame(
        {"user_id": [*user, 999], "item_id": [*(f"i{k}" for k in item), "i0"], "timestamp": 0.0}
    )
    return Interactions.from_frame(table)


SUMS = ProbabilitySums({"brier_score": (np.arange(N) * 1.0, np.ones(N))}, None, 7)


def judged(excluded=EXCLUDED, seen=SEEN, targets=TARGETS, seed=1):
    scores = Scores(SCORES, excluded)
    window = AudienceWindow(scores, past_of(seen), 0, 1, sp.csr_array(targets), {})
    return judge(window, scores, USERS, ITEMS, SUMS, seed)


@pytest.fixture(scope="module")
def found():
    return judged()


MAY = ~EXCLUDED
HIT = (TARGETS > 0) & MAY


def best(allowed, size, axis):
    """Select, by sorting, the pairs with the best allowed scores along an axis."""
    chosen = np.zeros((N, M), bool)
    lines = (
        [(slice(None), j) for j in range(M)] if axis == 0 else [(i, slice(None)) for i in range(N)]
    )
    for line in lines:
        places = [k for k in np.argsort(-SCORES[line]) if allowed[line][k]][:size]
        part = chosen[line].copy()
        part[places] = True
        chosen[line] = part
    return chosen


AUDIENCES, LISTS = best(MAY, USERS, 0), best(MAY, ITEMS, 1)


def each(weights):
    """Yield every pair with its user's weight."""
    for i in range(N):
        for j in range(M):
            yield i, j, weights[i]


def precision(selected, hit, weights):
    rows = [(w, selected[i, j], hit[i, j]) for i, j, w in each(weights)]
    return sum(w * s * h for w, s, h in rows) / sum(w * s for w, s, _ in rows)


def reselected(allowed, hit, weights):
    """Lists of users, those drawn several times in several places."""
    hits = places = 0.0
    for j in range(M):
        left = float(USERS)
        for i in [k for k in np.argsort(-SCORES[:, j]) if allowed[k, j]]:
            taken = min(weights[i], left)
            left -= taken
            places += taken
            hits += taken * hit[i, j]
    return hits / places


def ranked(line, allowed, hit, size):
    """Return hits in the order of a list, and how many there are to find."""
    order = [k for k in np.argsort(-line) if allowed[k]][:size]
    return [hit[k] for k in order], int(hit.sum()), size


def of_lists(weights, value):
    """The mean over users with something to find of a value of their ranked hits."""
    some = [i for i in range(N) if HIT[i].any()]
    values = {i: value(*ranked(SCORES[i], MAY[i], HIT[i], ITEMS)) for i in some}
    return sum(weights[i] * values[i] for i in some) / sum(weights[i] for i in some)


def of_audiences(value):
    """The mean over items that anybody turned to of a value of their ranked hits."""
    some = [j for j in range(M) if HIT[:, j].any()]
    return np.mean([value(*ranked(SCORES[:, j], MAY[:, j], HIT[:, j], USERS)) for j in some])


def dcg(hits):
    return sum(h / np.log2(place + 2) for place, h in enumerate(hits))


def average(hits, total, _):
    return sum(sum(hits[: k + 1]) / (k + 1) for k, h in enumerate(hits) if h) / total


FIELD = {
    "precision_with_targets": lambda hits, _, size: sum(hits) / size,
    "recall_with_targets": lambda hits, total, _: sum(hits) / total,
    "hit_rate": lambda hits, *_: float(any(hits)),
    "ndcg": lambda hits, total, size: dcg(hits) / dcg([1] * min(total, size)),
    "map": average,
}


def recall_by_item(weights):
    shares = []
    for j in range(M):
        total = sum(weights[i] * HIT[i, j] for i in range(N))
        hits = sum(weights[i] * HIT[i, j] * AUDIENCES[i, j] for i in range(N))
        shares.append(hits / total if total else 0.0)
    return sum(shares) / M


def recall_by_user(weights):
    shares = [(HIT[i] & LISTS[i]).sum() / max(HIT[i].sum(), 1) for i in range(N)]
    return sum(w * s for w, s in zip(weights, shares, strict=True)) / sum(weights)


def top(j, depth):
    """The best users of an item at a depth, rounded up to whole ones, and their share."""
    allowed = [i for i in np.argsort(-SCORES[:, j]) if MAY[i, j]]
    size = int(np.ceil(depth * len(allowed) - 1e-9))
    return set(allowed[:size]), size / len(allowed)


def gain(weights, depth):
    pairs = [(i, j, w) for i, j, w in each(weights) if HIT[i, j]]
    hits = sum(w * (i in top(j, depth)[0]) for i, j, w in pairs)
    return hits / sum(w for *_, w in pairs)


def lift(weights, depth):
    pairs = [(i, j, w) for i, j, w in each(weights) if HIT[i, j]]
    return sum(w * (i in top(j, depth)[0]) for i, j, w in pairs) / sum(
        w * top(j, depth)[1] for _, j, w in pairs
    )


def auc(weights):
    means = []
    for j in range(M):
        others = [SCORES[i, j] for i in range(N) if MAY[i, j] and not HIT[i, j]]
        won = [(weights[i], np.mean(SCORES[i, j] > others)) for i in range(N) if HIT[i, j]]
        if sum(w for w, _ in won):
            means.append(sum(w * b for w, b in won) / sum(w for w, _ in won))
    return sum(means) / len(means)


NEW = HIT & ~SEEN
LOOPS = {
    "user_rec_precision": lambda w: reselected(MAY, HIT, w),
    **{f"item_rec_{k}": lambda w, v=v: of_lists(w, v) for k, v in FIELD.items()},
    "item_rec_precision_new_pairs": lambda w: precision(best(MAY & ~SEEN, ITEMS, 1), NEW, w),
    "user_rec_recall": recall_by_item,
    "item_rec_precision": lambda w: precision(LISTS, HIT, w),
    "item_rec_recall": recall_by_user,
    "auc": auc,
    "user_rec_precision_new_pairs": lambda w: reselected(MAY & ~SEEN, NEW, w),
    "user_rec_precision_seen_pairs": lambda w: reselected(MAY & SEEN, HIT & SEEN, w),
    "item_rec_precision_seen_pairs": lambda w: precision(best(MAY & SEEN, ITEMS, 1), HIT & SEEN, w),
    "brier_score": lambda w: w @ np.arange(N) / w.sum(),
    **{f"gain_at_{depth:.0%}": lambda w, d=depth: gain(w, d) for depth in DEPTHS},
    **{f"lift_at_{depth:.0%}": lambda w, d=depth: lift(w, d) for depth in DEPTHS},
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_measure_is_its_loop_under_any_weights_and_excluded_pairs_are_no_part_of_it(found, name):
    weights = np.vstack([np.ones(N), WEIGHTS])
    expected = [LOOPS[name](row) for row in weights]
    np.testing.assert_allclose(found.weighted[name](weights), expected, rtol=1e-9)
    assert found.values(N)[name] == pytest.approx(expected[0])


def test_there_are_no_other_measures_and_those_of_exposure_are_of_the_lists(found):
    assert set(found.weighted) == set(LOOPS)
    audiences, lists = (sp.csr_array(chosen.astype(float)) for chosen in (AUDIENCES, LISTS))
    assert found.fixed == pytest.approx({
        "user_rec_user_coverage": user_coverage(audiences),
        "user_rec_user_perplexity": user_perplexity(audiences),
        "item_rec_item_coverage": item_coverage(lists),
        "item_rec_item_perplexity": item_perplexity(lists),
        **{f"user_rec_{name}": of_audiences(value) for name, value in FIELD.items()},
    })  # fmt: skip
    assert set(found.values(N)) == set(LOOPS) | set(found.fixed)
    assert {f"lift_at_{name}" for name in ("1%", "5%", "10%", "20%")} <= set(found.weighted)
    assert len(DEPTHS) == 4


def test_the_curve_is_the_gain_at_every_depth(found):
    ones = np.ones(N)
    for place in range(0, len(CURVE), 13):
        assert found.curve[place] == pytest.approx(gain(ones, CURVE[place]))
        pairs = np.argwhere(HIT)
        at_random = np.mean([top(j, CURVE[place])[1] for _, j in pairs])
        assert found.listed[place] == pytest.approx(at_random)
    assert CURVE[0] == pytest.approx(0.001)
    assert CURVE[-1] == found.curve[-1] == found.listed[-1] == 1.0
    assert (np.diff(CURVE) > 0).all()


def test_the_numbers_of_chances_are_handed_on(found):
    assert found.chances is SUMS
    assert isinstance(found.weighted["brier_score"], Ratio)


def test_without_exclusions_all_pairs_count():
    found = judged(excluded=None)
    ones = np.ones((1, N))
    selected = best(np.ones((N, M), bool), USERS, 0)
    expected = precision(selected, TARGETS > 0, ones[0])
    assert found.weighted["user_rec_precision"](ones)[0] == pytest.approx(expected)
    strangers = best(~SEEN, USERS, 0)
    expected = precision(strangers, (TARGETS > 0) & ~SEEN, ones[0])
    assert found.weighted["user_rec_precision_new_pairs"](ones)[0] == pytest.approx(expected)


def test_where_nothing_new_happened_or_no_past_is_known_new_pairs_have_no_measure():
    name = "user_rec_precision_new_pairs"
    assert name not in judged(seen=TARGETS > 0).weighted
    assert name not in judged(seen=np.zeros((N, M), bool)).weighted
    assert name in judged(seen=(TARGETS > 0) & (np.arange(M) < 3)).weighted


# ---- many scores ---------------------------------------------------------------------------------


def test_of_many_items_as_many_are_sorted_as_there_is_room_for(monkeypatch):
    assert judged().items_placed == 5  # all that have a target
    monkeypatch.setattr(audience_measures, "PLACED", 3 * N)
    some = judged()
    assert some.items_placed == 3
    all_ = judged(targets=TARGETS)
    ones = np.ones((1, N))
    for name in ("user_rec_precision", "item_rec_recall"):  # which need no sorting
        assert some.weighted[name](ones) == all_.weighted[name](ones)


def test_which_items_are_sorted_depends_on_the_seed_and_never_on_items_without_targets(monkeypatch):
    monkeypatch.setattr(audience_measures, "PLACED", 3 * N)
    targets = sp.csr_array(TARGETS)
    kept = [audience_measures._sampled_targets(targets, seed) for seed in (1, 1, *range(2, 12))]
    columns = [tuple(np.unique(part.nonzero()[1]).tolist()) for part in kept]
    assert columns[0] == columns[1]
    assert len(set(columns)) > 1
    for part, items in zip(kept, columns, strict=True):
        assert len(items) == 3
        assert 4 not in items
        np.testing.assert_array_equal(part.toarray()[:, items], TARGETS[:, items])
        assert part.nnz == (TARGETS[:, items] > 0).sum()
    monkeypatch.setattr(audience_measures, "PLACED", 0)
    assert len(np.unique(audience_measures._sampled_targets(targets, 1).nonzero()[1])) == 1
    monkeypatch.setattr(audience_measures, "PLACED", 5 * N)
    assert audience_measures._sampled_targets(targets, 1) is targets


def test_users_without_targets_count_as_none_wherever_they_stand():
    targets = TARGETS.copy()
    targets[[0, -2, -1]] = 0
    ones = np.ones((1, N))
    found = judged(targets=targets, excluded=None)
    pairs = np.argwhere(targets > 0)
    for depth in DEPTHS:
        size = int(np.ceil(depth * N - 1e-9))
        listed = [set(np.argsort(-SCORES[:, j])[:size]) for j in range(M)]
        expected = np.mean([i in listed[j] for i, j in pairs])
        assert found.weighted[f"gain_at_{depth:.0%}"](ones)[0] == pytest.approx(expected)
        expected /= size / N
        assert found.weighted[f"lift_at_{depth:.0%}"](ones)[0] == pytest.approx(expected)


def test_curves_are_read_at_depths_in_ratio_up_to_a_tenth_and_at_every_hundredth_beyond():
    fine, coarse = CURVE[CURVE < 0.0999], CURVE[CURVE > 0.0999]
    np.testing.assert_allclose(coarse, np.arange(10, 101) / 100)
    np.testing.assert_allclose(fine[1:] / fine[:-1], 100 ** (1 / 40))
    assert fine[0] == pytest.approx(0.001)
