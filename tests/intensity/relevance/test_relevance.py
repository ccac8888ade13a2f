import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intensity.conftest import HORIZON, QUIET, log_of, nobody, probabilities
from strategies import event_tables
from tsgen.data import Histories, Interactions
from tsgen.intensity.pairs.mixture import (
    PAST_SCALES,
    RepeatMixture,
    fit_mixture,
    history_class,
    repeat_shares,
)
from tsgen.intensity.relevance import PopularityRelevance


@given(event_tables(), st.integers(1, 12))
def test_repeat_shares_equal_a_slow_loop(table, at):
    events = Interactions.from_frame(table, on_duplicate="keep")
    histories = Histories.of(events, at * HORIZON)
    (whose, what), shares = repeat_shares(histories, HORIZON)
    found = {(u, i): shares[k] for k, (u, i) in enumerate(zip(whose, what, strict=True))}
    expected = {}
    for u, user in enumerate(events.users.ids):
        rows = table[(table["user_id"] == user) & (table["timestamp"] < at)]
        for item, part in rows.groupby("item_id"):
            i = events.items.find([item])[0]
            weight = [np.exp(-(at - part["timestamp"]) / s).sum() for s in PAST_SCALES]
            total = [np.exp(-(at - rows["timestamp"]) / s).sum() for s in PAST_SCALES]
            expected[u, i] = np.array(weight) / total
    assert found.keys() == expected.keys()
    for pair, share in expected.items():
        np.testing.assert_allclose(found[pair], share, rtol=1e-6)


def test_history_classes_double():
    assert history_class(np.array([0, 1, 2, 3, 4, 7, 8, 10**6])).tolist() == [
        0, 1, 2, 2, 3, 3, 4, 7,
    ]  # fmt: skip


@given(event_tables(), st.integers(2, 12))
def test_the_mixture_is_a_distribution_over_items(table, at):
    events = Interactions.from_frame(table, on_duplicate="keep")
    histories = Histories.of(events, at * HORIZON)
    if not histories.lengths.any():
        return
    base = PopularityRelevance().fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    mixture = fit_mixture(base, histories, HORIZON, ~nobody(histories))
    np.testing.assert_allclose(mixture.weights.sum(axis=1), 1)
    share, repeats, _ = mixture.split(histories, HORIZON)
    total = probabilities(base, histories).sum(axis=1) * share + repeats.sum(axis=1)
    np.testing.assert_allclose(total, 1, rtol=1e-5)
    share, repeats, _ = RepeatMixture.none().split(histories, HORIZON)
    assert (share == 1).all()
    assert repeats.sum() == 0


@pytest.mark.parametrize("loyal", [0.0, 0.8])
def test_the_mixture_finds_how_much_people_come_back(loyal):
    random = np.random.default_rng(5)
    rows = []
    for user in range(300):
        past = []
        for k in range(8):
            back = past and random.random() < loyal
            past.append(random.choice(past) if back else int(random.integers(200)))
            rows.append((f"u{user:03d}", past[-1], k + float(random.random())))
    events = log_of(rows)
    at = Histories.of(events, 8 * HORIZON)
    past = Histories.of(events, 7 * HORIZON)
    base = PopularityRelevance().fit(past, HORIZON, QUIET, held_out=nobody(past))
    mixture = fit_mixture(base, at, HORIZON, ~nobody(at))
    assert mixture.weights[history_class(np.array([7]))[0], 1:].sum() == pytest.approx(
        loyal, abs=0.06
    )
