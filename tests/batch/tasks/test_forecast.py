"""Forecasts and filled gaps over partitions: those of one machine's memory."""

import json

import numpy as np
import pandas as pd
import pytest
from gluonts.dataset.arrow import ArrowWriter

from psagan_doubles import table
from tsgen import PSAGANForecastEstimator, to_dataset
from tsgen.batch import ForecastBatch, ImputeBatch, run_batch
from tsgen.errors import SettingsError, TooLargeError
from tsgen.memory import memory_limit
from tsgen.psagan.conditional import forecast_table
from tsgen.training import TrainingOptions

QUANTILES = (0.1, 0.5, 0.9)


@pytest.fixture(scope="module")
def series():
    whole = table(["a", "b", "c", "d"], length=40)
    whole.loc[[5, 6, 50, 51, 130], "target"] = np.nan
    return whole


@pytest.fixture(scope="module")
def model(series, tmp_path_factory):
    path = tmp_path_factory.mktemp("next") / "model"
    estimator = PSAGANForecastEstimator(prediction_length=4, num_steps=2, batch_size=2)
    estimator.train(series, options=TrainingOptions(seed=1, progress=False)).save(path)
    return path


@pytest.fixture(scope="module")
def predictor(model):
    import tsgen

    return tsgen.load(model)


@pytest.mark.parametrize("partitions", [1, 3])
def test_forecasts_are_those_of_the_whole_table(
    series, model, predictor, written, tmp_path, same_rows, partitions
):
    series.to_parquet(tmp_path / "series.parquet")
    task = ForecastBatch(seed=5, num_samples=8, quantiles=(0.2, 0.8))
    run_batch(model, task, tmp_path / "series.parquet", written(), jobs=1, partitions=partitions)
    expected = forecast_table(predictor, series, num_samples=8, quantiles=(0.2, 0.8), seed=5)
    expected.attrs = {}
    same_rows(pd.read_parquet(written()), expected, ["item_id", "timestamp"])


def test_gaps_are_filled_as_in_the_whole_table(
    series, model, predictor, written, tmp_path, same_rows
):
    renamed = series.rename(columns={"item_id": "meter"})
    renamed.to_parquet(tmp_path / "series.parquet")
    task = ImputeBatch(seed=5, num_samples=2, read={"item_id": "meter"})
    run_batch(model, task, tmp_path / "series.parquet", written(), jobs=1, partitions=3)
    made = pd.read_parquet(written())
    assert made["target"].notna().all()
    expected = predictor.impute(to_dataset(series), 2, seed=5).to_frame()
    same_rows(made, expected, ["item_id", "timestamp"])


def test_a_csv_is_one_block(series, model, written, tmp_path):
    series.to_csv(tmp_path / "series.csv", index=False)
    run_batch(
        model, ForecastBatch(num_samples=2), tmp_path / "series.csv", written("f.csv"), jobs=1
    )
    assert len(pd.read_csv(written("f.csv"))) == 4 * 4


def as_lines(series, path):
    """Write series as JSON lines of GluonTS, missing values as null."""
    lines = []
    for name, part in series.groupby("item_id"):
        values = [None if np.isnan(one) else one for one in part["target"]]
        start = str(part["timestamp"].min())
        lines.append(json.dumps({"item_id": name, "start": start, "target": values}))
    path.write_text("\n".join(lines))


@pytest.mark.parametrize("kind", ["lines", "arrow", "folder", "python"])
def test_entries_are_forecast_bit_for_bit_as_in_one_call(
    series, model, predictor, written, tmp_path, kind
):
    dataset = to_dataset(series)
    given = {
        "lines": tmp_path / "series.jsonl",
        "arrow": tmp_path / "series.arrow",
        "folder": tmp_path / "folder",
        "python": list(dataset.with_dtype("float64")),
    }[kind]
    if kind == "lines":
        as_lines(series, given)
    elif kind == "arrow":
        ArrowWriter().write_to_file(list(dataset.with_dtype("float64")), given)
    elif kind == "folder":
        (given / "train").mkdir(parents=True)
        (given / "metadata.json").write_text(json.dumps({"freq": dataset.freq}))
        as_lines(series, given / "train" / "data.json")
    task = ForecastBatch(seed=5, num_samples=8)
    result = run_batch(model, task, given, written(), jobs=1, partitions=3)
    expected = forecast_table(predictor, dataset, num_samples=8, quantiles=QUANTILES, seed=5)
    expected.attrs = {}
    made = pd.read_parquet(written()).sort_values(["item_id", "timestamp"], ignore_index=True)
    pd.testing.assert_frame_equal(made, expected[made.columns], check_exact=True)
    assert result.num_partitions > 1


def test_gaps_of_entries_are_filled_bit_for_bit_as_in_one_call(
    series, model, predictor, written, tmp_path
):
    as_lines(series, tmp_path / "series.jsonl")
    task = ImputeBatch(seed=5, num_samples=2)
    run_batch(model, task, tmp_path / "series.jsonl", written(), jobs=1, partitions=3)
    expected = predictor.impute(to_dataset(series), 2, seed=5).to_frame()
    keys = ["item_id", "timestamp"]
    made = pd.read_parquet(written()).sort_values(keys, ignore_index=True)
    expected = expected.sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(made, expected[made.columns], check_exact=True)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (ForecastBatch(num_samples=0), "num_samples=0 is not possible"),
        (ForecastBatch(quantiles=(1.5,)), "quantile 1.5 is not possible"),
        (ImputeBatch(num_samples=0), "num_samples=0 is not possible"),
        (ForecastBatch(seed=-1), "seed=-1 is not possible"),
        (ImputeBatch(seed=2**63), "whole numbers go to"),
    ],
)
def test_the_impossible_is_refused(model, written, tmp_path, series, task, said):
    series.to_parquet(tmp_path / "series.parquet")
    with pytest.raises(SettingsError, match=said):
        run_batch(model, task, tmp_path / "series.parquet", written())


def test_paths_and_copies_that_do_not_fit_into_memory_are_refused_before_they_are_drawn(
    series, predictor, monkeypatch
):
    def work(*_, **__):
        raise AssertionError("work was begun")

    for name in ("predict", "impute"):
        monkeypatch.setattr(type(predictor), name, work)
    for task in (ForecastBatch(num_samples=10**7), ImputeBatch(num_samples=10**7)):
        with memory_limit("1GB"), pytest.raises(TooLargeError, match="num_samples=10000000"):
            task.apply(predictor, series, None)
