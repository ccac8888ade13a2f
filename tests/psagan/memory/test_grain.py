"""The grain that a model remembers: shares and bounds by a slow loop, closed hours, round trips."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.psagan.memory import Grain, SeriesTable


def dataset(*targets, freq="h", start="2024-01-01"):
    first = pd.Period(start, freq)
    return to_dataset(
        [{"item_id": i, "start": first, "target": np.asarray(t, float)}
         for i, t in enumerate(targets)]
    )  # fmt: skip


def battery(steps=300):
    draw = np.random.default_rng(2)
    return np.clip(np.round(60 + 90 * np.sin(np.arange(steps) / 4) + draw.normal(0, 5, steps)),
                   0, 100)  # fmt: skip


def test_shares_and_bounds_are_those_of_a_loop():
    values = battery()
    values[[3, 40, 41]] = np.nan
    grain = Grain.of(dataset(np.arange(50.0), values))
    seen = values[~np.isnan(values)]
    assert (grain.low[1], grain.high[1]) == (0, 100)
    assert grain.high_share[1] == pytest.approx(sum(v == 100 for v in seen) / len(seen))
    assert grain.low_share[1] == pytest.approx(sum(v == 0 for v in seen) / len(seen))
    repeats = sum(a == b for a, b in pairwise(values))
    assert grain.repeat_share[1] == pytest.approx(repeats / len(seen))
    assert grain.repeat_share[0] == 0
    assert grain.piles_high.tolist() == [False, True]
    assert grain.gap_length[1] == pytest.approx(1.5)
    assert grain.gap_rate[1] == pytest.approx(2 / len(seen))


def nightly(days, missing=0.0, seed=0):
    draw = np.random.default_rng(seed)
    values = draw.normal(100, 5, 24 * days)
    values[draw.random(values.size) < missing] = np.nan
    values[np.arange(values.size) % 24 < 6] = np.nan
    return values


def table_of(data):
    return SeriesTable.of(data, "standard", np.arange(1, len(data) + 1))


def same(a, b):
    for name in vars(a):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


def test_a_table_keeps_its_grain_on_disk(tmp_path):
    table = table_of(dataset(battery(), nightly(28)[:300]))
    table.write(tmp_path / "series.parquet")
    same(SeriesTable.read(tmp_path / "series.parquet").grain, table.grain)


def test_a_table_of_an_earlier_version_has_no_grain(tmp_path):
    table = table_of(dataset(battery()))
    table.write(tmp_path / "new.parquet")
    frame = pd.read_parquet(tmp_path / "new.parquet")
    frame.drop(columns=[c for c in frame if c.startswith("grain_")]).to_parquet(tmp_path / "old")
    grain = SeriesTable.read(tmp_path / "old").grain
    assert table.grain.present
    assert not grain.present
    same(grain, Grain.unknown(1))


def test_a_table_of_an_earlier_version_has_bounds_but_no_other_pile_up(tmp_path):
    draw = np.random.default_rng(3)
    flows = np.where(draw.random(200) < 0.3, 0.0, draw.normal(size=200))
    table = table_of(dataset(flows, battery()))
    assert table.grain.mode_share.tolist() == [[(flows == 0).mean(), 0.0, 0.0], [0.0] * 3]
    assert table.grain.piles_inside.tolist() == [True, False]
    table.write(tmp_path / "new.parquet")
    frame = pd.read_parquet(tmp_path / "new.parquet")
    frame.drop(columns=[c for c in frame if "mode" in c]).to_parquet(tmp_path / "old")
    grain = SeriesTable.read(tmp_path / "old").grain
    assert not grain.piles_inside.any()
    for name in ("low", "high", "step", "high_share", "closed"):
        np.testing.assert_array_equal(getattr(grain, name), getattr(table.grain, name))


def test_a_table_of_a_version_that_knew_one_pile_up_keeps_it(tmp_path):
    draw = np.random.default_rng(3)
    held = np.where(draw.random(400) < 0.4, draw.choice([-1.0, 1.0], 400), draw.normal(size=400))
    table = table_of(dataset(held))
    assert np.isfinite(table.grain.mode).sum() == 2
    table.write(tmp_path / "new.parquet")
    frame = pd.read_parquet(tmp_path / "new.parquet")
    later = [f"grain_{n}_{k}" for n in ("mode", "mode_share", "mode_reach") for k in (2, 3)]
    frame.drop(columns=later).to_parquet(tmp_path / "old")
    grain = SeriesTable.read(tmp_path / "old").grain
    np.testing.assert_array_equal(grain.mode, [[table.grain.mode[0, 0], np.nan, np.nan]])
    np.testing.assert_array_equal(grain.mode_share[:, 0], table.grain.mode_share[:, 0])


def test_an_entry_keeps_its_own_grid_and_takes_the_rest_from_what_is_remembered():
    remembered = table_of(dataset(battery()))
    finer = table_of(dataset(battery() / 10 + 3))
    grain = finer.overlaid(np.array([0]), remembered).grain
    assert grain.step[0] / grain.divisor[0] == 0.1
    assert (grain.low[0], grain.high[0]) == (0, 100)


def test_bounds_take_in_what_is_newer_and_forget_the_pile_up_of_the_old():
    old = to_dataset([{"item_id": "a", "start": "2024", "target": [0.1, 5, 9, 9, 9]}], freq="D")
    grain = replace(Grain.of(old), high_reach=np.array([0.2]), low_reach=np.array([0.3]))
    rounded = replace(old, values=np.array([0.1, 5, 9, 9, 9], np.float32).astype(float))
    assert grain.reaching(rounded).high_reach == 0.2
    assert grain.reaching(rounded).low_reach == 0.3  # below by the rounding of float32 at most
    newer = grain.reaching(replace(old, values=np.array([3.0, np.nan, 12.0, 4.0, 4.0])))
    assert (newer.low, newer.high, newer.low_reach) == (0.1, 12, 0.3)
    assert np.isnan(newer.high_reach)


@pytest.mark.parametrize("name", ["grain_step", "grain_hold", "grain_mode_2"])
def test_a_column_that_holds_no_numbers_is_refused(tmp_path, name):
    table_of(dataset(battery())).write(tmp_path / "new.parquet")
    frame = pd.read_parquet(tmp_path / "new.parquet")
    frame.assign(**{name: "x"}).to_parquet(tmp_path / "odd")
    with pytest.raises(ValueError, match="of its series holds no numbers"):
        SeriesTable.read(tmp_path / "odd")
