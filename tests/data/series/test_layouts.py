"""Tables that others read: what is in them, and that reading them back gives the same series."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gluonts.dataset.pandas import PandasDataset

from tsgen.data import read_series, simulate_series, to_dataset, to_frame, write_series
from tsgen.data.series.layouts import check_layout
from tsgen.errors import OutputError, SettingsError

REAL = to_dataset(
    simulate_series(3, 30, seed=1).to_frame().assign(shop=lambda t: t["item_id"].str[-1:]),
    static=["shop"],
)


def made(like):
    """Return a copy of the first series, said to be synthetic."""
    info = ({"synthetic": True, "source_item_id": like.item_ids[0]},)
    return replace(like.subset([0]), item_ids=("synthetic/0",), info=info)


BOTH = type(REAL).concat([REAL, made(REAL)])


@pytest.mark.parametrize("layout", ["long", "nixtla", "gluonts"])
def test_provenance_is_a_column_on_request_alone(layout):
    assert "source_item_id" not in BOTH.to_frame(layout)
    assert not BOTH.to_frame(layout).isna().any(axis=None)  # nothing that others stumble over
    table = BOTH.to_frame(layout, provenance=True)
    sources = table["source_item_id"].to_numpy()
    assert pd.isna(sources[:90]).all()
    assert set(sources[90:]) == {"series-0"}


def test_a_long_table_with_provenance_is_read_back_with_it():
    again = to_dataset(BOTH.to_frame(provenance=True), static=["shop"])
    assert again.synthetic.tolist() == [False, False, False, True]


def test_nixtla_has_its_names_and_nothing_else():
    table = BOTH.to_frame("nixtla")
    assert table.columns.tolist() == ["unique_id", "ds", "y"]
    assert table["ds"].dtype.kind == "M"
    assert table["y"].dtype == np.float64
    np.testing.assert_array_equal(to_dataset(table).values, BOTH.values)
    statics = BOTH.static_frame("nixtla")
    assert statics.columns.tolist() == ["unique_id", "shop"]
    assert statics["shop"].tolist() == ["0", "1", "2", "0"]


def test_nixtla_ends_where_a_series_ends_and_has_no_zone():
    table = simulate_series(2, 48, seed=1).to_frame()
    table["timestamp"] = table["timestamp"].dt.tz_localize("UTC")
    table["price"] = np.arange(96.0)
    table.loc[40:47, "target"] = np.nan  # the first series' prices are known ahead
    data = to_dataset(table, dynamic=["price"])
    long, nixtla = data.to_frame(), data.to_frame("nixtla")
    assert len(long) == 96
    assert nixtla.groupby("unique_id").size().tolist() == [40, 48]
    assert nixtla["y"].notna().all()
    assert nixtla["ds"].dt.tz is None
    assert nixtla["price"].tolist() == [*range(40), *range(48, 96)]


def test_ids_of_several_types_become_text(tmp_path):
    mixed = replace(BOTH, item_ids=(7, 8, 9, "synthetic/7"))
    assert set(mixed.to_frame("nixtla")["unique_id"].map(type)) == {str}
    assert mixed.to_frame("wide").columns.tolist() == ["7", "8", "9", "synthetic/7"]
    mixed.to_frame().sort_values("item_id").to_parquet(tmp_path / "mixed.parquet")
    assert pd.read_parquet(tmp_path / "mixed.parquet")["item_id"].iloc[0] == "7"
    assert mixed.static_frame()["item_id"].tolist() == ["7", "8", "9", "synthetic/7"]
    assert replace(BOTH, item_ids=(7, 8, 9, 1)).to_frame("nixtla")["unique_id"].dtype == np.int64


@pytest.mark.parametrize("freq", ["h", "30min", "D", "B", "W-SUN", "M", "Q-DEC"])
@pytest.mark.filterwarnings("ignore:Period with BDay:FutureWarning", "ignore:.*BDay:FutureWarning")
def test_gluonts_reads_its_layout_as_it_is(freq):
    start = pd.Period("2024-01-01", freq)
    data = to_dataset([
        {"item_id": name, "start": start + k, "target": np.arange(20.0) + k, "feat_static_cat": [k]}
        for k, name in enumerate("ab")
    ])  # fmt: skip
    table = data.to_frame("gluonts")
    read = PandasDataset.from_long_dataframe(
        table, item_id="item_id", static_feature_columns=list(data.static_names)
    )
    assert read.freq == data.freq
    for entry, again in zip(data, read, strict=True):
        assert again["start"] == entry["start"]
        np.testing.assert_array_equal(np.float32(again["target"]), entry["target"])
        assert again["feat_static_cat"].tolist() == entry["feat_static_cat"].tolist()


def test_wide_has_a_column_a_series_and_is_read_back():
    late = to_dataset(REAL.to_frame()[10:])  # the first series begins later
    wide = to_frame(late, "wide")
    assert wide.columns.tolist() == list(late.item_ids)
    assert wide["series-0"].isna().sum() == 10
    again = to_dataset(wide, layout="wide")
    np.testing.assert_array_equal(again.values, late.values)
    np.testing.assert_array_equal(again.starts, late.starts)


@pytest.mark.parametrize("layout", ["nixtla", "wide"])
def test_channels_are_series_where_there_is_no_other_room(layout):
    table = REAL.to_frame().assign(price=1.0)
    both = to_dataset(table, target=["target", "price"])
    again = to_dataset(both.to_frame(layout), layout="wide" if layout == "wide" else "auto")
    assert set(again.item_ids) == set(both.series.item_ids)


def test_channels_are_columns_for_gluonts():
    both = to_dataset(REAL.to_frame().assign(price=1.0), target=["target", "price"])
    read = PandasDataset.from_long_dataframe(
        both.to_frame("gluonts"), item_id="item_id", target=["target", "price"]
    )
    for entry, again in zip(both, read, strict=True):
        np.testing.assert_array_equal(np.float32(again["target"]), entry["target"])


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("layout", ["long", "nixtla", "gluonts", "wide"])
def test_files_of_every_layout_are_read_back(layout, suffix, tmp_path):
    path = tmp_path / f"t{suffix}"
    write_series(BOTH, path, layout=layout)
    again = read_series(path, layout="wide" if layout == "wide" else "auto")
    assert again.item_ids == BOTH.item_ids
    np.testing.assert_array_equal(again.values, BOTH.values)
    assert again.synthetic.any() == (layout == "long")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"layout": "nixla"}, "mean 'nixtla'"),
        ({"layout": "wide", "provenance": True}, "no room in layout='wide'"),
    ],
)
def test_impossible_layouts_are_refused(options, told):
    with pytest.raises(SettingsError, match=told):
        REAL.to_frame(**options)
    with pytest.raises(SettingsError, match=told):
        check_layout(**options)


def test_a_folder_has_no_layout(tmp_path):
    with pytest.raises(SettingsError, match="would be a GluonTS folder"):
        write_series(REAL, tmp_path / "folder", layout="wide")
    with pytest.raises(OutputError):
        write_series(REAL, tmp_path / "t.xlsx", layout="wide")
