"""`tsgen batch`: the same lists and series as the verbs without it."""

import pandas as pd
import pytest

import tsgen
from command_line import TINY, answer, fail, succeed

ONE = ["--jobs", 1]


@pytest.fixture(scope="module")
def log(shop, tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "events.parquet"
    pd.read_csv(shop / "events.csv").to_parquet(path)
    return path


def test_lists_are_those_of_audience(shop, log, tmp_path):
    model, out = shop / "model", tmp_path / "lists.parquet"
    item = tsgen.load(model).items.ids[0]
    (tmp_path / "stop.txt").write_text(str(tsgen.load(model).audience(item, size=1)["user_id"][0]))
    words = ["--item", item, "--size", 6, "--exclude", tmp_path / "stop.txt"]
    facts = answer(
        "batch", "audience", model, log, "-o", out, *words, "--partitions", 3, "--jobs", 1
    )
    assert (facts["rows"], facts["partitions"], facts["resumed"]) == (6, 3, 0)
    alone = tmp_path / "alone.csv"
    succeed("audience", model, "--events", log, "-o", alone, *words)
    made = pd.read_parquet(out)
    assert (
        made["user_id"].astype(str).tolist() == pd.read_csv(alone)["user_id"].astype(str).tolist()
    )


def test_recommendations_and_scores_of_all_users(shop, log, tmp_path):
    model, rim = shop / "model", tsgen.load(shop / "model")
    (tmp_path / "items.txt").write_text("\n".join(map(str, rim.items.ids[:3])))
    succeed("batch", "recommend", model, log, "-o", tmp_path / "r.csv", "--size", 2, *ONE)
    items = ["--items", tmp_path / "items.txt"]
    succeed("batch", "score", model, log, "-o", tmp_path / "s.csv", *items, *ONE)
    users = pd.read_csv(shop / "events.csv")["user_id"].nunique()
    assert len(pd.read_csv(tmp_path / "r.csv")) == 2 * users
    assert len(pd.read_csv(tmp_path / "s.csv")) == 3 * users


def test_series_are_drawn_forecast_and_filled(tmp_path):
    series = tsgen.load_sample().subset(range(3)).to_frame().groupby("item_id").tail(60)
    series.to_parquet(tmp_path / "load.parquet")
    load = tmp_path / "load.parquet"
    succeed("train", "psa-gan", load, "-o", tmp_path / "m", "--seed", 1, *TINY)
    requests = pd.DataFrame({"item_id": series["item_id"].unique(), "number": 2})
    requests.to_parquet(tmp_path / "requests.parquet")
    words = ["-o", tmp_path / "drawn.parquet", "--seed", 4]
    succeed("batch", "sample", tmp_path / "m", tmp_path / "requests.parquet", *words, *ONE)
    assert pd.read_parquet(tmp_path / "drawn.parquet")["item_id"].nunique() == 6
    tiny = ["--set", "prediction_length=8", "--set", "num_steps=2", "--set", "batch_size=2"]
    succeed("train", "psa-gan-c", load, "-o", tmp_path / "n", "--seed", 1, *tiny)
    words = ["-o", tmp_path / "next.csv", "-n", 4, "--seed", 2]
    succeed("batch", "forecast", tmp_path / "n", load, *words, *ONE)
    assert len(pd.read_csv(tmp_path / "next.csv")) == 3 * 8
    succeed("batch", "impute", tmp_path / "n", load, "-o", tmp_path / "filled.csv", *ONE)
    assert pd.read_csv(tmp_path / "filled.csv")["target"].notna().all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--item", "x", "--engine", "lokal"], "There is no engine 'lokal'"),
        ([], "Give either --item ID"),
        (["--item", "no such item"], "no such item"),
        (["--item", "x", "--memory", "much"], "'much' is no size of memory"),
    ],
)
def test_mistakes_get_one_sentence(shop, log, tmp_path, words, said):
    item = str(tsgen.load(shop / "model").items.ids[0])
    words = [item if word == "x" else word for word in words]
    assert said in fail("batch", "audience", shop / "model", log, "-o", tmp_path / "o.csv", *words)
    assert not list(tmp_path.glob("o.csv*"))
