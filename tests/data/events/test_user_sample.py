"""A sample of users: whole histories, and the log's own mix of small and large customers."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import read_interactions
from tsgen.data.events.user_sample import _stratified, sample_users
from tsgen.errors import SettingsError


@pytest.fixture
def folder(tmp_path):
    """A thousand users, a few of whom do most; their events lie in two files."""
    draw = np.random.default_rng(1)
    lengths = np.minimum(draw.geometric(0.2, 1000) ** 2, 200)
    users = np.repeat([f"u{k:04d}" for k in range(1000)], lengths)
    times = pd.Timestamp("2024-01-01", tz="Europe/Berlin") + pd.to_timedelta(
        draw.integers(0, 10**6, len(users)), "s"
    )
    table = pd.DataFrame({"who": users, "item_id": draw.integers(0, 30, len(users))})
    table = table.assign(timestamp=times).sample(frac=1, random_state=2)
    table[: len(table) // 2].to_parquet(tmp_path / "a.parquet")
    table[len(table) // 2 :].to_parquet(tmp_path / "b.parquet")
    return tmp_path


def test_histories_are_whole_and_read_as_the_log_is(folder):
    whole = read_interactions(folder, user_id="who")
    sample = sample_users(folder, 100, seed=3, user_id="who")
    assert (sample.log.num_users, sample.of_users, sample.of_events) == (100, 1000, len(whole))
    mine = whole.to_frame()[lambda t: t["user_id"].isin(sample.log.users.ids)]
    pd.testing.assert_frame_equal(sample.log.to_frame(), mine.reset_index(drop=True))
    assert sample.log.timezone == whole.timezone
    assert sample.log.read_options == whole.read_options


def test_totals_by_strata_vary_less_than_by_lot(folder):
    whole = len(read_interactions(folder, user_id="who"))
    sizes = read_interactions(folder, user_id="who").lengths
    drawn = [sample_users(folder, 100, seed=s, user_id="who").events * 10 for s in range(12)]
    draw = np.random.default_rng(0)
    by_lot = [draw.choice(sizes, 100, replace=False).sum() * 10 for _ in range(300)]
    assert np.mean(drawn) == pytest.approx(whole, rel=0.03)
    assert np.std(drawn) < np.std(by_lot) / 2


def test_every_stratum_has_its_share():
    counts = np.repeat([1, 2, 3, 9, 400], [500, 200, 100, 190, 10])
    drawn = _stratified(counts, 100, np.random.default_rng(0).permutation(1000))
    assert drawn.sum() == 100
    shares = [drawn[counts == 1].sum(), drawn[(counts == 2) | (counts == 3)].sum(),
              drawn[counts == 9].sum(), drawn[counts == 400].sum()]  # fmt: skip
    assert np.abs(np.array(shares) - [50, 30, 19, 1]).max() <= 1


def test_the_same_seed_draws_the_same_and_few_users_are_all_drawn(folder):
    ids = [
        sample_users(folder, 50, seed=s, user_id="who").log.users.ids.tolist() for s in (1, 1, 2)
    ]
    assert ids[0] == ids[1] != ids[2]
    everybody = sample_users(folder, 5000, seed=1, user_id="who")
    assert everybody.log.num_users == 1000
    assert everybody.factor == 1
    with pytest.raises(SettingsError, match="num_users=0 is not possible"):
        sample_users(folder, 0)
