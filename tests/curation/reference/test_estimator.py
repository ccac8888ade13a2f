"""The reference networks as an estimator that GluonTS's studies can train and ask."""

import numpy as np
import pytest
import torch

from tsgen.curation.reference import (
    NetworkSettings,
    ReferenceEstimator,
    ReferenceLinearEstimator,
    StackedNetwork,
    estimator,
    fit_linear,
    rolling_windows,
    training_windows,
)
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError

REAL = simulate_series(num_series=5, length=100, seed=1)


def test_the_forecast_is_the_mean_of_the_networks_and_looks_at_the_past_alone(monkeypatch):
    monkeypatch.setattr(estimator, "NetworkSettings", lambda: NetworkSettings(max_steps=60))
    predictor = ReferenceEstimator(6, "h", num_networks=3, seed=1).train(list(REAL))
    entries = [entry | {"target": entry["target"][:80]} for entry in REAL]
    made = list(predictor.predict(entries))
    assert [f.item_id for f in made] == list(REAL.item_ids)
    assert made[0].start_date == entries[0]["start"] + 80
    levels = np.stack([made[0].quantile(q) for q in (0.1, 0.5, 0.9)])
    assert levels.shape == (3, 6)
    assert (np.diff(levels, axis=0) >= 0).all()
    spoilt = [e | {"target": np.append(np.full(20, 1e6), e["target"][-60:])} for e in entries]
    again = list(predictor.predict([e | {"target": e["target"][20:]} for e in spoilt]))
    assert np.isfinite(again[0].quantile(0.5)).all()


def test_synthetic_series_do_not_stop_the_training_and_short_ones_are_refused():
    with pytest.raises(DataError, match="more than 150 steps"):
        ReferenceEstimator(50, "h").train(list(REAL))


def test_training_stops_by_the_last_window_which_is_not_learnt_from(monkeypatch):
    seen = {}

    def remember(members, sets, stopping, settings):
        seen.update(members=members, sets=sets, stopping=stopping)
        return StackedNetwork({"out.bias": torch.zeros(2, 1, 1)}, [0, 0])

    monkeypatch.setattr(estimator, "train_stack", remember)
    short = simulate_series(num_series=1, length=18, seed=2)
    mixed = to_dataset([
        *(entry | {"info": {"synthetic": False}} for entry in REAL),
        *(entry | {"item_id": "short", "info": {"synthetic": False}} for entry in short),
        *(entry | {"item_id": "s", "info": {"synthetic": True}} for entry in short),
    ])  # fmt: skip
    predictor = ReferenceEstimator(6, "h", num_networks=2, seed=5).train(list(mixed))
    assert (predictor.context_length, predictor.prediction_length) == (48, 6)
    assert [m.seed for m in seen["members"]] == [5000, 5001]
    begins, last = seen["sets"][0].begins - seen["sets"][0].firsts, {}
    for series, begin in zip(seen["sets"][0].series, begins, strict=True):
        last[int(series)] = max(last.get(int(series), 0), int(begin))
    assert last == {**dict.fromkeys(range(5), 88), 5: 6, 6: 12}  # a synthetic one is learnt whole
    for stopping in seen["stopping"]:
        assert (stopping.begins - stopping.firsts).tolist() == [94] * 5


def made_synthetic(dataset):
    return to_dataset([entry | {"info": {"synthetic": True}} for entry in dataset])


def test_many_at_once_are_what_each_is_alone(monkeypatch):
    monkeypatch.setattr(
        estimator, "NetworkSettings", lambda: NetworkSettings(max_steps=60, check_every=10)
    )
    other = simulate_series(num_series=5, length=80, seed=2)
    fewer = made_synthetic(simulate_series(num_series=3, length=80, seed=3))  # stops by itself
    jobs = [(1, list(REAL)), (2, list(other)), (3, list(fewer))]
    spec = ReferenceEstimator(6, "h", num_networks=2)
    entries = [entry | {"target": entry["target"][:70]} for entry in REAL]
    for (seed, data), together in zip(jobs, spec.train_many(jobs), strict=True):
        alone = ReferenceEstimator(6, "h", num_networks=2, seed=seed).train(data)
        assert together.network.steps == alone.network.steps
        for one, two in zip(together.predict(entries), alone.predict(entries), strict=True):
            np.testing.assert_allclose(one.quantile(0.9), two.quantile(0.9), rtol=1e-4)


def test_synthetic_series_alone_stop_by_their_own_last_windows(monkeypatch):
    seen = {}

    def remember(members, sets, stopping, settings):
        seen.update(sets=sets, stopping=stopping)
        return StackedNetwork({"out.bias": torch.zeros(1, 1, 1)}, [0])

    monkeypatch.setattr(estimator, "train_stack", remember)
    ReferenceEstimator(6, "h", num_networks=1).train(list(made_synthetic(REAL)))
    assert (seen["stopping"][0].begins - seen["stopping"][0].firsts).tolist() == [94] * 5
    assert (seen["sets"][0].begins - seen["sets"][0].firsts).max() == 88


def test_the_linear_forecaster_is_the_closed_form_on_all_windows():
    predictor = ReferenceLinearEstimator(6, "h", ridge=2.0).train(list(REAL))
    fitted = fit_linear(training_windows(REAL, 48, 6), ridge=2.0)
    ends = REAL.lengths - 6
    past = REAL.cut(np.arange(len(REAL)), np.zeros_like(ends), ends)
    expected = fitted.quantiles(rolling_windows(REAL, 48, 6, 1))
    for row, forecast in enumerate(predictor.predict(list(past))):
        np.testing.assert_allclose(forecast.quantile(0.2), expected[row, :, 1], rtol=1e-6)
