"""Facts of each series: by a loop, by id, put together, and on disk."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.data.series import SeriesScaler
from tsgen.errors import UnknownIdError
from tsgen.psagan.memory import SeriesTable

START = pd.Period("2024-01-01", "h")


def dataset(**targets):
    return to_dataset([
        {"item_id": name, "start": START + k, "target": np.asarray(target, float),
         "feat_static_cat": [k % 2], "feat_static_real": [k + 0.5, -k]}
        for k, (name, target) in enumerate(targets.items())
    ])  # fmt: skip


REAL = dataset(a=[1.0, 2.0, 0.0, 0.0], b=[-1.0, np.nan, 2.5], c=[np.nan, 3.0, np.nan, 4.0, 5.0])
TABLE = SeriesTable.of(REAL, "standard", np.array([1, 0, 2]))


def same(one, two):
    assert one.item_ids == two.item_ids
    for field in fields(SeriesTable):
        mine, theirs = getattr(one, field.name), getattr(two, field.name)
        parts = vars(mine) if hasattr(mine, "__dict__") else None
        for name in parts or ("",):
            np.testing.assert_array_equal(
                getattr(mine, name) if parts else mine,
                getattr(theirs, name) if parts else theirs,
                err_msg=f"{field.name} {name}",
            )


def test_facts_are_those_of_the_observed_values():
    assert TABLE.non_negative.tolist() == [True, False, True]
    assert TABLE.integer.tolist() == [True, False, True]
    np.testing.assert_allclose(TABLE.zero_share, [0.5, 0, 0])
    assert TABLE.lengths.tolist() == [4, 3, 5]
    assert (TABLE.starts - START.ordinal).tolist() == [0, 1, 2]
    assert TABLE.static[:, 0].tolist() == [1, 2, 1]
    np.testing.assert_array_equal(TABLE.static_real[:, 0], [0.5, 1.5, 2.5])
    expected = SeriesScaler.fit(REAL.values, REAL.offsets, "standard")
    np.testing.assert_array_equal(TABLE.scaler.scale, expected.scale)


def test_ids_are_found_in_either_spelling_unless_both_are_series():
    def numbered(*ids):
        entries = [{"item_id": i, "start": START, "target": np.arange(9.0)} for i in ids]
        return SeriesTable.of(to_dataset(entries), "standard", np.arange(1, len(ids) + 1))

    one = numbered(100, "b")
    assert one.places([100, "100", "b", "200", np.int64(100)]).tolist() == [0, 0, 1, -1, 0]
    assert one.places([True, None, 1.5, ["b"]]).tolist() == [-1] * 4
    assert numbered(100, "100").places([100, "100"]).tolist() == [0, 1]
    assert numbered("100").places([100]).tolist() == [0]


def test_an_unknown_id_is_named_with_the_nearest():
    assert TABLE.find(["c", "a"]).tolist() == [2, 0]
    table = SeriesTable.of(dataset(wave=[1.0, 2.0], tank=[1.0, 2.0]), "standard", np.array([1, 2]))
    with pytest.raises(UnknownIdError, match=r"'wavee'. Did you mean 'wave'\? It knows 2") as error:
        table.find(["tank", "wavee"])
    assert error.value.item_id == "wavee"


def test_rows_may_repeat_and_stacking_is_the_way_back():
    chosen = TABLE.rows(np.array([2, 0, 2]))
    assert chosen.item_ids == ("c", "a", "c")
    assert chosen.index.tolist() == [2, 1, 2]
    np.testing.assert_array_equal(chosen.scaler.location, TABLE.scaler.location[[2, 0, 2]])
    same(TABLE.rows(np.array([0])).stacked(TABLE.rows(np.array([1, 2]))), TABLE)


def test_what_is_remembered_is_laid_over_what_is_seen():
    seen = SeriesTable.of(dataset(x=[9.0, 8.0], c=[7.0, -6.5]), "standard", np.zeros(2, int))
    both = seen.overlaid(np.array([1]), TABLE.rows(np.array([2])))
    assert both.item_ids == ("x", "c")
    assert both.index.tolist() == [0, 2]
    assert both.lengths.tolist() == [2, 5]
    assert both.integer.tolist() == [True, True]
    assert both.scaler.scale.tolist() == [seen.scaler.scale[0], TABLE.scaler.scale[2]]
    np.testing.assert_array_equal(both.static, seen.static)
    assert seen.index.tolist() == [0, 0]  # itself unchanged
    assert seen.scaler.scale[1] != both.scaler.scale[1]


def test_newer_rows_replace_those_of_their_ids_and_the_others_stay():
    newer = SeriesTable.of(dataset(n=[1.0, 2.0], b=[5.0, 6.0]), "standard", np.array([3, 4]))
    updated = TABLE.updated(newer)
    assert updated.item_ids == ("a", "c", "n", "b")
    assert updated.index.tolist() == [1, 2, 3, 4]


def test_a_table_comes_back_from_disk(tmp_path):
    TABLE.write(tmp_path / "t.parquet")
    same(SeriesTable.read(tmp_path / "t.parquet"), TABLE)


@pytest.mark.parametrize("ids", [(1, "1", "b"), (1, 2, 3), ("1", "2", "3")])
def test_numbers_and_texts_as_ids_come_back_as_they_were(tmp_path, ids):
    entries = [{"item_id": i, "start": START, "target": np.arange(9.0)} for i in ids]
    SeriesTable.of(to_dataset(entries), "standard", np.arange(3)).write(tmp_path / "t.parquet")
    again = SeriesTable.read(tmp_path / "t.parquet")
    assert again.item_ids == ids
    assert [type(i) for i in again.item_ids] == [type(i) for i in ids]
    assert again.static.shape == (3, 0)
