"""Series by series: samples with a series' values are near it, others far."""

import numpy as np
import pytest

from tsgen.evaluation.fidelity.by_series import series_by_series


def test_samples_are_held_against_their_own_series(make_dataset):
    draw = np.random.default_rng(5)
    rows = draw.normal(size=(3, 200)) * [[1.0], [5.0], [2.0]] + [[0.0], [50.0], [9.0]]
    real = make_dataset(rows)
    made = [rows[0, :50], rows[1, :50] + 10.0, rows[0, 50:100]]
    info = [{"source_item_id": name} for name in ("0", "1", "0")]
    table, arrays = series_by_series(real, make_dataset(made, "synthetic-", info=info), 20)
    assert [row["series"] for row in table] == ["0", "1"]
    assert [row["samples"] for row in table] == [2, 1]
    assert table[0]["distance"] < 0.2
    assert table[1]["distance"] == pytest.approx(2.0, abs=0.3)  # 10 of a deviation of 5
    np.testing.assert_allclose(arrays["by_series.real"], rows[:2, -20:], rtol=1e-6)
    np.testing.assert_allclose(arrays["by_series.synthetic"][1], made[1][:20], rtol=1e-6)


def test_samples_of_nobody_have_no_rows(make_dataset):
    draw = np.random.default_rng(5)
    real = make_dataset(draw.normal(size=(2, 50)))
    assert series_by_series(real, make_dataset(draw.normal(size=(2, 50)), "s"), 10) == ([], {})
    flat = make_dataset(np.ones((1, 50)))
    info = [{"source_item_id": "0"}]
    assert series_by_series(flat, make_dataset(np.ones((1, 9)), "s", info=info), 10) == ([], {})


def test_of_many_the_ten_nearest_and_the_ten_farthest(make_dataset):
    draw = np.random.default_rng(5)
    real = make_dataset(draw.normal(size=(25, 60)))
    shifts = draw.permutation(25) / 5
    info = [{"source_item_id": str(k)} for k in range(25)]
    made = make_dataset(real.values.reshape(25, 60) + shifts[:, None], "s", info=info)
    table, arrays = series_by_series(real, made, 100)
    assert len(table) == 20
    distances = [row["distance"] for row in table]
    assert distances == sorted(distances)
    assert table[0]["series"] == str(int(shifts.argmin()))
    assert np.isnan(arrays["by_series.real"][:, 60:]).all()
