"""GluonTS entries as rows of a table, and back."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.batch.tasks import entries as module
from tsgen.batch.tasks.entries import are_entries, entry_blocks, read_entries, read_entry
from tsgen.data import to_dataset
from tsgen.errors import DataError

DAY = pd.Period("2024-01-03", "D")


def model_of(freq="D", static=(), channels=()):
    data = SimpleNamespace(
        freq=freq, channels=channels, static_names=static,
        static_categories=tuple(("x", "y") for _ in static),
    )  # fmt: skip
    return SimpleNamespace(data=data)


def entry(name, **more):
    target = np.array([1.1, np.nan, 3.3], np.float32)
    return {"item_id": name, "start": DAY, "target": target} | more


def read(given, model=None, **options):
    blocks = list(entry_blocks(given))
    table = pd.concat([block.table for block in blocks], ignore_index=True)
    return read_entries(table, model or model_of(), max(block.end for block in blocks), **options)


def test_entries_come_back_as_they_were():
    given = [
        entry("a", feat_static_real=np.array([0.1]), feat_dynamic_real=np.ones((2, 3))),
        entry("b", feat_static_real=np.array([0.2]), feat_dynamic_real=np.zeros((2, 3))),
    ]
    one, other = to_dataset(given), read(given)
    assert one.item_ids == other.item_ids
    assert one.freq == other.freq
    assert one.starts.tolist() == other.starts.tolist()
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.static_real, other.static_real)
    for k in range(2):
        np.testing.assert_array_equal(
            one.dynamic.beside(k, 3)["feat_dynamic_real"],
            other.dynamic.beside(k, 3)["feat_dynamic_real"],
        )


def test_channels_come_back_too():
    given = [{"start": DAY, "target": np.arange(6.0).reshape(2, 3)}]
    dataset = read(given, model_of(channels=("u", "v")))
    assert dataset.channels == ("u", "v")
    assert dataset.parts[1].values.tolist() == [3, 4, 5]


def test_entries_without_ids_are_called_by_their_position_in_the_whole(monkeypatch):
    monkeypatch.setattr(module, "_BYTES", 1)
    given = [{"start": "2024-01-01", "target": [1, 2]}] * 3
    blocks = list(entry_blocks(given, "meter"))
    assert [block.table["meter"].tolist() for block in blocks] == [["0"], ["1"], ["2"]]
    assert read_entry(blocks[2].table["entry"][0])["item_id"] == "2"
    assert are_entries(blocks[0].table)
    assert not are_entries(pd.DataFrame({"item_id": ["a"], "target": [1.0]}))


def test_what_a_folder_says_of_the_frequency_counts_before_the_models():
    (block,) = entry_blocks([{"start": "2024-01-01", "target": [1, 2]}], freq="W-MON")
    assert read_entries(block.table, model_of("D"), 0).freq == "W-MON"


def test_a_period_keeps_its_own_frequency():
    (block,) = entry_blocks([entry("a") | {"start": pd.Period("2024-01-01", "W-SUN")}])
    assert read_entry(block.table["entry"][0])["start"] == pd.Period("2024-01-01", "W-SUN")
    with pytest.raises(DataError, match="freq"):
        read_entries(block.table, model_of("D"), 0)


def test_codes_of_zero_are_codes_where_others_are_not():
    """A partition whose series all have the first category."""
    given = [entry(name, feat_static_cat=[code]) for name, code in (("a", 0), ("b", 1))]
    (block,) = entry_blocks(given)
    assert block.end == 1
    model = model_of(static=("shop",))
    alone = read_entries(block.table[:1], model, block.end)
    assert alone.static_names == ("shop",)
    assert alone.static_cat.tolist() == [[0]]
    assert read_entries(block.table[:1], model, 0).static_names == ()
    assert next(entry_blocks([entry("a")])).end == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([entry("a"), 7], "Entry 1 is 7; GluonTS entries are dictionaries"),
        ([{"item_id": "a"}], "Entry 0 is "),
        ([entry("a", info=object())], "holds what cannot be written: a object"),
    ],
)
def test_what_is_no_entry_is_named(given, said):
    with pytest.raises(DataError, match=said):
        list(entry_blocks(given))
