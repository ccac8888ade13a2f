"""The examples of the help run on tables and models of these names, but for sizes."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest
import typer

from command_line import TINY, run, succeed
from tsgen.cli.main import app
from tsgen.data import simulate_series

CHEAP = [
    "sample", "augment", "forecast", "impute", "audience", "recommend", "update", "allocate",
    "drift", "inspect", "report", "train psa-gan", "train rim", "evaluate bias",
]  # fmt: skip
"""Verbs whose examples take no minute; the others train, or judge at length."""

LESS = {
    "-n 2000": "-n 3", "--size 5000": "--size 5", "--size 500": "--size 80",
    "--size 20": "--size 2",
    "--budget 10min": "--set num_steps=3", "target_length=64": "target_length=8", "-n 10": "-n 1",
}  # fmt: skip
ANOTHER = ("--auto", "--static store=B")
"""Marks of examples that search for minutes, or need a model with features."""


def examples(verb):
    """Return the command lines that the help of a verb shows."""
    command = typer.main.get_command(app)
    for word in verb.split():
        command = command.commands[word]
    text = " ".join(command.help.replace("\b", "").split())
    lines = re.findall(r"tsgen (.+?)(?=\.? tsgen |\.\s|$)", text[text.index(f"tsgen {verb}") :])
    return [line for line in lines if not any(mark in line for mark in ANOTHER)]


def events(seed, last):
    draw = np.random.default_rng(seed)
    bought = {"user_id": 17840 + draw.integers(0, 160, 1200)}
    bought |= {"item_id": draw.choice([22423, 22424, 85099], 1200)}
    stamps = pd.Timestamp(last) - pd.to_timedelta(draw.integers(0, 60 * 1440, 1200), "min")
    return pd.DataFrame(bought | {"timestamp": stamps})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with what the examples name."""
    place = tmp_path_factory.mktemp("examples")
    simulate_series(num_series=3, length=72, seed=1).to_frame().to_csv(place / "load.csv")
    events(1, "2024-03-01").to_parquet(place / "events.parquet")
    events(2, "2024-03-08").to_parquet(place / "this_week.parquet")
    users = pd.DataFrame({"user_id": range(17840, 18000)})
    users["country"] = np.where(users["user_id"] % 2, "FR", "UK")
    users["age"] = users["user_id"] - 17820
    users.to_csv(place / "users.csv", index=False)
    toys = {"item_id": [22423, 22424, 85099], "category": ["toys", "toys", "bags"]}
    pd.DataFrame(toys).to_csv(place / "items.csv", index=False)
    (place / "users.txt").write_text("17850\n17851\n")
    plan = '[[campaigns]]\nname = "toys"\nitems = ["22423"]\nat_most = 5\n'
    (place / "campaigns.toml").write_text(plan)
    words = ["--set", "horizon=7D", "--set", "relevance=popularity", "--seed", 1]
    words += ["--at", "2024-02-20"]
    words += ["--read", f"users={place}/users.csv", "--read", f"items={place}/items.csv"]
    succeed("train", "rim", place / "events.parquet", "-o", place / "models/shop", *words)
    for name in ("march", "april"):
        shutil.copytree(place / "models/shop", place / "models" / name)
    succeed("train", "psa-gan", place / "load.csv", "-o", place / "models/load", "--seed", 1, *TINY)
    ahead = ["--set", "prediction_length=4", "--set", "context_length=8", *TINY]
    succeed("train", "psa-gan-c", place / "load.csv", "-o", place / "models/next", *ahead)
    rooms = simulate_series(num_series=3, length=72, seed=2).to_frame()
    rooms["target"] = rooms["target"].mask(rooms.index % 72 == 40)
    rooms.to_parquet(place / "sensors.parquet")
    succeed("train", "psa-gan-c", place / "sensors.parquet", "--panel",
            "-o", place / "models/rooms", *ahead)  # fmt: skip
    totals = place / "evaluation/studies/totals"
    totals.mkdir(parents=True)
    (totals / "README.md").write_text(
        "# totals\n\nHow many?\n\n| arm | loss |\n|---|---|\n| a | 1 |\n"
    )
    (totals / "cells.csv").write_text("arm,seed,metric,value\na,1,loss,1\n")
    return place


@pytest.fixture
def place(made, tmp_path, monkeypatch, request):
    """The folder, anew, as the working folder."""
    here = shutil.copytree(made, tmp_path / "here")
    if request.node.callspec.params["verb"] in {"forecast", "impute"}:
        shutil.rmtree(here / "models/load")
        shutil.move(here / "models/next", here / "models/load")
    monkeypatch.chdir(here)
    return here


@pytest.mark.parametrize("verb", CHEAP)
@pytest.mark.filterwarnings("ignore::tsgen.errors.DataWarning")
def test_every_example_of_the_help_runs(place, verb):
    shown = examples(verb)
    assert shown
    for line in shown:
        for long, short in LESS.items():
            line = line.replace(long, short)
        words = line.replace("'", "").split()
        if verb.startswith(("train", "augment", "evaluate")):
            words += ["--overwrite"]
        if "--audience" in words:
            succeed("audience", "models/shop", "--item", 22423, "--size", 9, "-o", "audience.csv")
        if "runs/load" in words and verb == "report":
            for name in ("runs/load", "runs/shop"):
                bias = ["--model", "models/shop", "--item", 22423, "--size", 9]
                succeed("evaluate", "bias", *bias, "--facet", "country", "-o", name)
        done = run(*words)
        assert done.exit_code == 0, f"{line}\n{done.output}"
