"""`tsgen batch audience`, `recommend`, `score`: the lists of the verbs without it."""

import pandas as pd
import pytest

import tsgen
from command_line import answer, succeed

ONE = ["--jobs", 1]


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
    counts = answer("audience", model, "--events", log, "-o", alone, *words)["counts"]
    assert (counts["excluded"], counts["unknown"], counts["wanted"]) == (1, 0, 6)
    for name, number in counts.items():
        assert facts["counts"][name] == pytest.approx(number), name
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
