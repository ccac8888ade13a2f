"""The weights of sources find the broken one."""

import numpy as np
import pandas as pd
import pytest

from tsgen.curation import SourceWeights, Transform, make_series
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError, SettingsError


def periodic(num, length, seed):
    draw, hours = np.random.default_rng(seed), np.arange(length)
    rows = 10 + 3 * np.sin(2 * np.pi * (hours + draw.uniform(0, 24, (num, 1))) / 24)
    rows += 0.5 * draw.normal(size=rows.shape)
    start = pd.Period("2024-01-01", "h")
    return to_dataset(
        [{"item_id": f"{seed}/{i}", "start": start, "target": row} for i, row in enumerate(rows)]
    )


def test_a_broken_source_gets_nothing_and_a_good_one_much():
    real, good = periodic(4, 96, 0), periodic(12, 96, 1)
    shuffled = np.random.default_rng(0).permutation
    broken = to_dataset(
        [entry | {"item_id": f"b{i}", "target": shuffled(entry["target"])}
         for i, entry in enumerate(periodic(12, 96, 2))]
    )  # fmt: skip
    mix = SourceWeights(12).fit(real, good=good, broken=broken)
    assert mix.weights["real"] == 1
    assert mix.weights["broken"] <= 0.05
    assert mix.weights["good"] >= 0.5
    assert mix.expected_gain < mix.uniform_gain
    assert mix.expected_gain < -0.1
    made = mix.dataset(seed=1)
    assert len(made) >= 4 + 6
    assert made.fingerprint() == mix.dataset(seed=1).fingerprint()
    assert set(mix.windows["source"]) == {"real", "good", "broken"}


def test_a_source_can_never_be_expected_to_harm():
    real = simulate_series(num_series=4, length=120, seed=1)
    noise = make_series(real, Transform("jitter", {"share": 20.0}), 3.0, seed=1)
    mix = SourceWeights(6, validate_last=12).fit(real, noise=noise)
    assert mix.expected_gain <= 0


def test_impossible_sources_are_named():
    real = simulate_series(num_series=4, length=60, seed=1)
    daily = simulate_series(num_series=4, length=60, freq="D", seed=1)
    with pytest.raises(DataError, match="'daily' has freq='D', the real series 'h'"):
        SourceWeights(6).fit(real, daily=daily)
    with pytest.raises(SettingsError, match="at least one source"):
        SourceWeights(6).fit(real)
    with pytest.raises(DataError, match="'short' has no window of 12 steps"):
        SourceWeights(6).fit(real, short=simulate_series(num_series=2, length=11, seed=3))
