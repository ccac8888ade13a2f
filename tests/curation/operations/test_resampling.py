"""Block bootstrap and mixing: where each value comes from."""

import numpy as np
import pandas as pd
import pytest

from operation_panels import SEASON, augmented_series, one, panel
from tsgen.curation import TRANSFORMS, Transform
from tsgen.curation.operations import Sources
from tsgen.data import to_dataset
from tsgen.errors import DataError, SettingsError


def test_block_bootstrap_moves_whole_blocks_by_whole_seasons():
    steps = np.arange(24 * 10 + 7, dtype=float)  # each value tells where it comes from
    real = to_dataset([{"item_id": "a", "start": "2024-01-01", "target": steps}], freq="h")
    made = augmented_series(real, "block_bootstrap", 20.0, SEASON, seed=1)
    for i in range(20):
        drawn = made.series(i)
        assert (drawn % SEASON == steps % SEASON).all()
        moves = drawn - steps
        for block in range(0, len(steps), SEASON):
            assert np.ptp(moves[block : block + SEASON]) == 0
    assert len(np.unique(made.values)) == len(steps)  # every step of the source can be drawn


def test_block_bootstrap_of_a_series_shorter_than_a_season_is_the_series():
    short = to_dataset(
        [{"item_id": "a", "start": "2024-01-01", "target": np.arange(9.0)}], freq="h"
    )
    made = augmented_series(short, "block_bootstrap", 3.0, SEASON, seed=1)
    np.testing.assert_array_equal(made.values.reshape(3, 9), np.tile(np.arange(9.0), (3, 1)))


def test_mixing_equals_a_slow_loop():
    real = panel(gap=False)
    sources = Sources.of(real, np.array([0, 1, 2, 1]), SEASON)
    mixed = TRANSFORMS["mixing"](sources, np.random.default_rng(4))
    draw = np.random.default_rng(4)
    partners = (np.array([0, 1, 2, 1]) + draw.integers(1, 3, size=4)) % 3
    weights, at = draw.random(4), 0
    for row, partner, weight in zip([0, 1, 2, 1], partners, weights, strict=True):
        mine, theirs = real.series(row), real.series(partner)
        whole = len(theirs) // SEASON * SEASON
        ratio = np.abs(mine).mean() / np.abs(theirs).mean()
        lead = (real.starts[row] - real.starts[partner]) % SEASON
        for step, value in enumerate(mine):
            place = (step + lead) % whole
            assert (real.starts[partner] + place - real.starts[row] - step) % SEASON == 0
            expected = weight * value + (1 - weight) * ratio * theirs[place]
            assert mixed[at] == pytest.approx(expected)
            at += 1


def test_mixing_needs_two_series():
    with pytest.raises(DataError, match="at least two series"):
        augmented_series(panel(lengths=(50,)), "mixing", 1.0, SEASON, seed=1)


def test_steps_of_several_units_have_the_right_phase():
    values = np.tile(np.arange(48.0), 4)
    days = to_dataset(
        [
            {"item_id": "a", "start": pd.Period("2024-01-01 00:00", "30min"), "target": values},
            {"item_id": "b", "start": pd.Period("2024-01-01 02:00", "30min"),
             "target": np.roll(values, -4)},
        ]
    )  # fmt: skip
    mixed = Transform("mixing")(days, 1.0, seed=1)
    sources = [days.item_ids.index(facts["source_item_id"]) for facts in mixed.info]
    for i, source in enumerate(sources):
        np.testing.assert_allclose(mixed.series(i), days.series(source))


@pytest.mark.parametrize(("season", "given", "block"), [(1, None, 8), (1, 5, 5), (4, 6, 6)])
def test_blocks_have_the_length_asked_for_and_move_by_whole_seasons(season, given, block):
    steps = np.arange(60.0)
    made = augmented_series(one(steps), "block_bootstrap", 30.0, season, 1, block_length=given)
    moves = made.values.reshape(30, 60) - steps
    assert (moves % season == 0).all()
    begins = np.flatnonzero((np.diff(moves, axis=1) != 0).any(axis=0)) + 1
    assert begins.tolist() == list(range(block, 60, block))


def test_a_block_of_no_length_is_refused():
    with pytest.raises(SettingsError, match="block_length=-2 is not possible"):
        augmented_series(one(np.arange(50.0)), "block_bootstrap", 1.0, 4, 1, block_length=-2)


def test_no_series_is_mixed_with_itself():
    levels = to_dataset(
        [{"item_id": str(i), "start": "2024-01-01", "target": np.tile([1.0, 1.0 + i], 12)}
         for i in range(3)], freq="h",
    )  # fmt: skip
    made = augmented_series(levels, "mixing", 40.0, 2, seed=1)
    for i, facts in enumerate(made.info):
        assert not np.allclose(made.series(i), levels.series(int(facts["source_item_id"])))
