"""The data of studies are looked for by name in two places, and told where if absent."""

import pandas as pd
import pytest

from tsgen.data import simulate_series, write_series
from tsgen.errors import DataError
from tsgen.evaluation.studies import sources as module
from tsgen.evaluation.studies.sources import StudySources


@pytest.fixture
def sources(tmp_path):
    (tmp_path / "timeseries").mkdir()
    (tmp_path / "events").mkdir()
    return StudySources(tmp_path, tmp_path / "models")


@pytest.mark.parametrize("name", ["load.parquet", "load.csv", "load.csv.gz", "load"])
@pytest.mark.parametrize("folder", [".", "timeseries"])
def test_series_are_read_from_the_folder_or_below_it(sources, name, folder):
    data = simulate_series(2, 5)
    write_series(data, sources.data / folder / name)
    assert sources.series("load").item_ids == data.item_ids


def test_the_folder_itself_comes_before_those_below_it(sources):
    for place in (sources.data, sources.data / "events"):
        (place / "shop.parquet").write_bytes(b"")
    assert sources.event_file("shop") == sources.data / "shop.parquet"
    (sources.data / "shop.parquet").unlink()
    assert sources.event_file("shop") == sources.data / "events" / "shop.parquet"


EVENTS = pd.DataFrame({
    "user_id": ["7", "u"], "item_id": ["1", "x"],
    "timestamp": [1_600_000_000, 1_600_086_400], "page": ["a", "b"],
})  # fmt: skip


@pytest.mark.parametrize("name", ["shop.parquet", "shop.csv", "shop.csv.gz"])
@pytest.mark.parametrize("times", ["seconds", "stamps", "stamps of a zone", "texts"])
def test_events_have_seconds_a_value_and_what_else_they_had(sources, name, times):
    table = EVENTS.copy()
    if times != "seconds":
        table["timestamp"] = pd.to_datetime(table["timestamp"], unit="s", utc=True)
    if times == "stamps":
        table["timestamp"] = table["timestamp"].dt.tz_localize(None)
    if times == "stamps of a zone":
        table["timestamp"] = table["timestamp"].dt.tz_convert("Asia/Tokyo")
    if times == "texts":
        table["timestamp"] = table["timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S")
    write = table.to_parquet if name.endswith("parquet") else table.to_csv
    write(sources.data / "events" / name, index=False)
    pd.testing.assert_frame_equal(
        sources.events("shop"), EVENTS.assign(value=1.0), check_dtype=False
    )
    assert list(sources.events("shop")["user_id"]) == ["7", "u"]


def test_values_and_attributes_of_items_stay_as_they_are(sources):
    EVENTS.assign(value=[2.0, -1.0]).to_csv(sources.data / "shop.csv", index=False)
    assert sources.events("shop")["value"].tolist() == [2.0, -1.0]
    pd.DataFrame({"item_id": ["1", "x"], "kind": ["a", "b"]}).to_csv(
        sources.data / "shop.items.csv", index=False
    )
    assert sources.items("shop")["kind"].to_dict() == {"1": "a", "x": "b"}


def test_a_table_without_the_columns_of_events_is_told(sources):
    path = sources.data / "shop.csv"
    EVENTS.drop(columns="item_id").to_csv(path, index=False)
    with pytest.raises(
        DataError, match=r"shop\.csv: There is no column item_id.*There are user_id"
    ):
        sources.events("shop")
    path.write_text("")
    with pytest.raises(DataError, match=r"shop\.csv"):
        sources.events("shop")


def test_tables_of_files_are_parquet_and_absent_ones_are_told(sources):
    (sources.data / "load.csv").write_text("")
    with pytest.raises(DataError, match=r"about 'load', but there is no load\.parquet .*as data="):
        sources.series_file("load")
    with pytest.raises(DataError, match=r"there is no enc\.safetensors"):
        sources.encoder("enc")


def test_an_encoder_is_loaded_from_its_file(sources, monkeypatch):
    monkeypatch.setattr(module, "load_encoder", lambda path: ("encoder", path.name))
    (sources.data / "encoders").mkdir()
    (sources.data / "encoders" / "enc.safetensors").write_bytes(b"")
    assert sources.encoder("enc") == ("encoder", "enc.safetensors")


def test_channels_are_no_series_of_a_study(sources, monkeypatch):
    (sources.data / "load.csv").write_text("")
    monkeypatch.setattr(
        module, "read_series", lambda path: module.MultivariateDataset.of_panel(
            simulate_series(2, 5))
    )  # fmt: skip
    with pytest.raises(DataError, match="'load' have several channels"):
        sources.series("load")
