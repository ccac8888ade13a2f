"""Windows that are attacked, halves that are learnt from, and distances to a release."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.data import simulate_series
from tsgen.errors import DataError
from tsgen.evaluation.share.windows import Halves, WindowCandidates, distances_to

REAL = simulate_series(num_series=8, length=50, seed=1)


def test_each_series_is_in_half_of_the_reference_models_and_each_model_has_half():
    halves = Halves.of(11, 8, seed=3)
    assert halves.references.shape == (8, 11)
    np.testing.assert_array_equal(halves.references.sum(axis=0), 4)
    assert set(halves.references.sum(axis=1)) == {5, 6}
    assert halves.target.sum() == 5
    assert len({tuple(row) for row in [halves.target, *halves.references]}) == 9
    np.testing.assert_array_equal(halves.references, Halves.of(11, 8, seed=3).references)
    with pytest.raises(DataError, match="7 series; an attack trains models on halves"):
        Halves.of(7, 8, seed=3)


def test_windows_lie_end_to_end_and_are_scaled():
    values = REAL.values.copy()
    values[3] = np.nan  # the first window of the first series
    values[50:62] = 5.0  # that of the second is constant
    found = WindowCandidates.of(replace(REAL, values=values), 12)
    assert found.left_out == 2
    np.testing.assert_array_equal(np.bincount(found.series), [3, 3, *[4] * 6])
    np.testing.assert_allclose(found.values.mean(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(found.values.std(axis=1), 1)
    window = REAL.series(2)[12:24]
    np.testing.assert_allclose(found.values[7], (window - window.mean()) / window.std())
    learnt = np.arange(8) == 2
    assert np.flatnonzero(found.members(learnt)).tolist() == [6, 7, 8, 9]
    with pytest.raises(DataError, match="No window of 60 steps"):
        WindowCandidates.of(REAL, 60)


def test_a_copy_in_other_units_is_at_no_distance():
    found = WindowCandidates.of(REAL, 12)
    scaled = replace(REAL, values=1000 + 7 * REAL.values).subset([2, 5])
    near = distances_to(scaled, found, seed=1)
    copied = np.isin(found.series, [2, 5])
    assert near[copied].max() < -15
    assert near[~copied].min() > -3
    with pytest.raises(DataError, match="no window of 12 steps"):
        distances_to(replace(REAL, values=np.ones_like(REAL.values)), found, seed=1)
