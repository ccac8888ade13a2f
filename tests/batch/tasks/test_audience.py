"""Audiences over partitions: those of one machine's memory, exactly merged."""

import warnings

import pandas as pd
import pytest

from id_writings import log_of
from small_shop import QUIET
from tsgen import RIMEstimator
from tsgen.batch import AudienceBatch, run_batch
from tsgen.errors import DataError, DataWarning, SettingsError, UnknownIdError

ITEMS = (105, 100, 111)


def lists(shop, output, partitions, **how):
    folder, _, _ = shop
    task = AudienceBatch(items=ITEMS, **{"size": 7} | how)
    run_batch(folder / "model", task, folder / "log.parquet", output, jobs=1, partitions=partitions)
    return pd.read_parquet(output)


def in_memory(shop, **how):
    _, model, events = shop
    table = model.audiences(list(ITEMS), **{"size": 7} | how, events=events)
    table.attrs = {}
    return table


@pytest.mark.parametrize("partitions", [1, 3, 11])
def test_the_lists_are_those_of_the_whole_log(shop, written, partitions):
    expected = in_memory(shop)
    made = lists(shop, written(), partitions)
    pd.testing.assert_frame_equal(made, expected[list(made.columns)], rtol=1e-5)
    assert made["item_id"].drop_duplicates().tolist() == list(ITEMS)
    assert set(expected.columns) == set(made.columns)


def test_nobody_excluded_is_listed_however_the_id_is_written(shop, written):
    first = lists(shop, written("a.parquet"), 3)["user_id"].iloc[0]
    with pytest.warns(DataWarning) as said:
        made = lists(shop, written("b.parquet"), 3, exclude=("stranger", f" {first.upper()} "))
    texts = [str(one.message) for one in said]
    assert texts[0].startswith("1 of 2 users to exclude are written otherwise")
    assert texts[1] == "1 of 2 users to exclude are not known (the first: 'stranger')."
    assert first not in set(made["user_id"])
    expected = in_memory(shop, exclude=[first])
    assert made["user_id"].tolist() == expected["user_id"].tolist()


def test_a_list_of_strangers_is_refused_unless_that_is_asked_for(shop, written):
    with pytest.raises(DataError, match="None of the 2 users to exclude is known"):
        lists(shop, written(), 3, exclude=("x", "y"))
    assert not written().exists()
    with pytest.warns(DataWarning, match="None of the 2 users"):
        made = lists(shop, written(), 3, exclude=("x", "y"), on_unknown="warn")
    assert len(made) == 7 * len(ITEMS)


def test_a_list_of_another_kind_is_refused_as_it_is_in_memory(shop, written):
    _, _, events = shop
    known = str(events.users.ids[0])
    strange = (known, "1", "2", "", None)
    with pytest.raises(DataError, match="None of the 2 users"):
        in_memory(shop, exclude=["1", "2"])
    with pytest.raises(DataError, match="None of the 2 users"):
        lists(shop, written(), 3, exclude=("1", "2"))
    with pytest.warns(DataWarning) as said:
        made = lists(shop, written("b.parquet"), 3, exclude=pd.Series(strange), on_unknown="warn")
    texts = " ".join(str(one.message) for one in said)
    assert "2 of 5 entries are empty" in texts
    assert "2 of the 3 users to exclude are of another kind" in texts
    assert known not in set(made["user_id"])


def test_a_spelling_that_fits_users_of_several_partitions_leaves_all_of_them_out(written, tmp_path):
    users = ["7", "007", "0007", *(f"c{k}" for k in range(20))]
    table = log_of(users)
    table.to_parquet(tmp_path / "log.parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = RIMEstimator(horizon="7D", relevance="popularity")
        estimator.train(table, options=QUIET).save(tmp_path / "model")
    task = AudienceBatch(items=("tea",), size=99, exclude=(" 7.0",))
    with pytest.warns(DataWarning, match="1 of 1 users to exclude fit several ids of the log"):
        run_batch(tmp_path / "model", task, tmp_path / "log.parquet", written(), jobs=1,
                  partitions=5)  # fmt: skip
    assert set(pd.read_parquet(written())["user_id"]) == set(users[3:])


def test_a_threshold_ends_lists_as_it_does_in_memory(shop, written):
    cut = float(in_memory(shop)["probability"].quantile(0.6))
    made = lists(shop, written(), 4, threshold=cut)
    expected = in_memory(shop, threshold=cut)
    assert made[["item_id", "user_id"]].equals(expected[["item_id", "user_id"]])


def test_seen_pairs_are_left_out_on_request(shop, written):
    _, _, events = shop
    counts = events.pair_counts()
    made = lists(shop, written(), 4, exclude_seen=True)
    users, items = events.users.codes(made["user_id"]), events.items.codes(made["item_id"])
    assert len(made)
    assert not counts[users, items].any()


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ({"items": ()}, SettingsError, "items is empty"),
        ({"items": (100,), "size": 0}, SettingsError, "size=0 is not possible"),
        ({"items": (999,)}, UnknownIdError, "999"),
        ({"items": (100,), "threshold": float("inf")}, SettingsError, "threshold=inf"),
        ({"items": (100,), "on_unknown": "x"}, SettingsError, "on_unknown='x'"),
        ({"items": (100,), "at": "10:00"}, SettingsError, "a time without a date"),
    ],
)
def test_the_impossible_is_refused_before_anything_is_read(shop, written, how, error, said):
    folder, _, _ = shop
    with pytest.raises(error, match=said):
        run_batch(folder / "model", AudienceBatch(**how), folder / "log.parquet", written())
    assert not written("out.parquet.batch").exists()
