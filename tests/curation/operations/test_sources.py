"""The flat arrays that transforms work on, against slow loops."""

import numpy as np
import pandas as pd
import pytest

from operation_panels import panel
from tsgen.curation import draw_sources
from tsgen.curation.operations import Sources, season_of, synthetic_after
from tsgen.data import to_dataset
from tsgen.errors import SettingsError, TooLargeError

ROWS = np.array([2, 0, 0])


def test_sources_are_shared_out_evenly():
    rows = draw_sources(7, 2.5, seed=1)
    counts = np.bincount(rows, minlength=7)
    assert len(rows) == 18
    assert set(counts) <= {2, 3}


def test_a_ratio_that_gives_nothing_is_refused():
    with pytest.raises(SettingsError, match=r"ratio=0\.1 of 3 series is no series"):
        draw_sources(3, 0.1, seed=1)


def test_sources_are_their_series_one_after_another():
    real = panel()
    sources = Sources.of(real, ROWS, 24)
    np.testing.assert_array_equal(sources.values, np.concatenate([real.series(r) for r in ROWS]))
    np.testing.assert_array_equal(sources.owner, np.repeat([0, 1, 2], [75, 96, 96]))
    np.testing.assert_array_equal(sources.step, np.r_[0:75, 0:96, 0:96])
    assert sources.offsets.tolist() == [0, 75, 171, 267]
    assert sources.lengths.tolist() == [75, 96, 96]


def test_level_and_spread_are_those_of_the_observed_values():
    real = to_dataset(
        [{"item_id": "a", "start": "2024-01-01", "target": [-1.0, np.nan, 3.0]},
         {"item_id": "b", "start": "2024-01-01", "target": [0.0, 0.0, 0.0]},
         {"item_id": "c", "start": "2024-01-01", "target": [np.nan, 6.0]}], freq="h",
    )  # fmt: skip
    sources = Sources.of(real, np.arange(3), 24)
    np.testing.assert_allclose(sources.level, [2.0, 1.0, 6.0])
    np.testing.assert_allclose(sources.spread, [2.0, 0.0, 0.0])


def test_phases_count_whole_steps_of_the_frequency():
    start = pd.Period("2024-01-01 00:00", "30min")
    entries = [{"item_id": str(k), "start": start + k, "target": np.ones(9)} for k in (0, 1, 50)]
    phases = Sources.of(to_dataset(entries), np.arange(3), 48).phases
    assert ((phases - phases[0]) % 48).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("target", "filled"),
    [
        ([1.0, np.nan, np.nan, 4.0], [1, 2, 3, 4]),
        ([np.nan, 2.0, np.nan, 4.0], [2, 2, 3, 4]),
        ([1.0, 2.0, np.nan, np.nan], [1, 2, 2, 2]),
    ],
)
def test_missing_steps_lie_on_the_line_and_are_missing_again(target, filled):
    other = {"item_id": "b", "start": "2024-01-01", "target": [9.0, 8.0]}
    real = to_dataset([other, {"item_id": "a", "start": "2024-01-01", "target": target}], freq="h")
    sources = Sources.of(real, np.array([1, 0]), 1)
    np.testing.assert_allclose(sources.filled(), [*filled, 9, 8])
    assert np.isnan(sources.values).any()  # the sources themselves stay as they are
    again = sources.with_gaps(np.arange(6.0))
    np.testing.assert_array_equal(np.isnan(again), np.isnan(sources.values))
    np.testing.assert_array_equal(again[4:], [4, 5])


@pytest.mark.parametrize(
    ("freq", "season"), [("D", 7), ("h", 24), ("30min", 48), ("M", 12), ("Y-DEC", 1)]
)
def test_the_usual_seasons(freq, season):
    assert season_of(freq) == season


def test_synthetic_series_have_calendar_and_statics_of_their_sources_and_say_so():
    real = panel()
    made = synthetic_after(real, ROWS, np.arange(267.0), "own")
    assert made.lengths.tolist() == [75, 96, 96]
    np.testing.assert_array_equal(made.series(1), np.arange(75.0, 171.0))
    np.testing.assert_array_equal(made.starts, real.starts[ROWS])
    assert made.item_ids == ("synthetic/own/0", "synthetic/own/1", "synthetic/own/2")
    assert made.info[0] == {"synthetic": True, "model": "own", "source_item_id": "s2"}


def test_sources_are_drawn_in_another_order_by_another_seed():
    one, again, other = (draw_sources(50, 1.0, seed=s).tolist() for s in (1, 1, 2))
    assert one == again != other
    assert sorted(one) == sorted(other) == list(range(50))


def test_features_that_change_in_time_stay_those_of_the_source():
    price = np.arange(12.0).reshape(2, 1, 6)  # of two series, the second's last step is ahead
    real = to_dataset(
        [
            {
                "item_id": "a",
                "start": "2024-01-01",
                "target": np.ones(6),
                "feat_dynamic_real": price[0],
            },
            {
                "item_id": "b",
                "start": "2024-01-01",
                "target": np.ones(5),
                "feat_dynamic_real": price[1],
            },
        ],
        freq="h",
    )
    rows = np.array([1, 1, 0])
    made = list(synthetic_after(real, rows, np.zeros(16), "x"))
    for entry, row in zip(made, rows, strict=True):
        np.testing.assert_array_equal(entry["feat_dynamic_real"], price[row])


def test_more_sources_than_memory_holds_are_refused_before_they_are_drawn():
    with pytest.raises(TooLargeError, match=r"ratio=1e\+12 is 2e\+12 values"):
        draw_sources(2, 1e12, 1)
