"""The reference networks as an estimator that GluonTS's studies can train and ask."""

import numpy as np
import pytest

from tsgen.curation.reference import ReferenceEstimator
from tsgen.data import simulate_series
from tsgen.errors import DataError

REAL = simulate_series(num_series=5, length=100, seed=1)


def test_the_forecast_is_the_mean_of_the_networks_and_looks_at_the_past_alone():
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
