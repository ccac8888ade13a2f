"""`tsgen train rim --market`: users of near markets count more."""

import json

import numpy as np
import pandas as pd
import pytest

import tsgen
from command_line import run
from tsgen.cli.train.markets import read_graph
from tsgen.errors import DataError

PLAIN = ["horizon=7D", "relevance=popularity", "activity=popularity", "repeats=none"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("markets")
    random = np.random.default_rng(0)
    events = pd.DataFrame({
        "user_id": random.integers(0, 30, 600), "item_id": random.choice(["tea", "mug"], 600),
        "timestamp": pd.date_range("2024-01-01", periods=600, freq="2h"),
    })  # fmt: skip
    events.to_csv(folder / "events.csv", index=False)
    users = pd.DataFrame({"user_id": range(30), "country": ["NZ", "AU", "ID", "IN", "TR"] * 6})
    users.to_csv(folder / "users.csv", index=False)
    (folder / "edges.csv").write_text("one,other\nNZ,AU\nAU,ID\nID,IN\nIN,TR\n")
    return folder


def words(place, *more):
    settings = [word for setting in PLAIN for word in ("--set", setting)]
    read = ["--read", f"users={place / 'users.csv'}"]
    return ["train", "rim", place / "events.csv", "--seed", 1, *settings, *read, *more]


def test_a_model_is_trained_for_a_market(place, tmp_path):
    more = [
        "--market",
        "country=NZ",
        "--graph",
        place / "edges.csv",
        "-o",
        tmp_path / "m",
        "--json",
    ]
    result = run(*words(place, *more))
    assert result.exit_code == 0, result.output
    assert "for country=NZ: scale" in result.stderr
    facts = json.loads(result.stdout)["market"]
    assert facts["target"] == "NZ"
    assert facts["drawn"]["NZ"][0] == 6
    absent = [name for name, (_, entries) in facts["drawn"].items() if not entries]
    assert ("too far to count: " + ", ".join(absent) in result.stderr) == bool(absent)
    assert set(tsgen.load(tmp_path / "m").states.users.ids) <= set(range(30))


def test_one_without_the_other_and_strangers_are_refused(place, tmp_path):
    alone = run(*words(place, "--market", "country=NZ", "-o", tmp_path / "m"))
    assert alone.exit_code == 1
    assert "go together" in alone.stderr
    more = ["--market", "country=XX", "--graph", place / "edges.csv", "-o", tmp_path / "m"]
    stranger = run(*words(place, *more))
    assert stranger.exit_code == 1
    assert "The graph has no domain 'XX'" in stranger.stderr


def test_a_graph_may_be_a_table_of_distances(tmp_path):
    square = tmp_path / "far.csv"
    square.write_text("name,a,b,c\na,0,1,3\nb,1,0,2\nc,3,2,0\n")
    weights = read_graph(square).source_weights("a", ["b", "c"], scale=1.0)
    assert weights["b"] > weights["c"]
    square.write_text("name,a,b,c\na,0,-1,3\nb,-1,0,2\nc,3,2,0\n")
    with pytest.raises(DataError, match=r"far\.csv: .*negative"):
        read_graph(square)
