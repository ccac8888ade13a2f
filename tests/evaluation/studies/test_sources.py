"""The data of studies are looked for by name in two places, and told where if absent."""

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


def test_tables_of_files_are_parquet_and_absent_ones_are_told(sources):
    (sources.data / "load.csv").write_text("")
    with pytest.raises(DataError, match=r"about 'load', but there is no load\.parquet in .*--data"):
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
