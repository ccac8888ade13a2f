"""An opt-out list is law on the command line, too: in every verb, whatever the spelling."""

import json
import warnings

import pandas as pd
import pytest

import tsgen
from command_line import run, succeed
from id_writings import WRITINGS, log_of

PLAN = """
[[campaigns]]
name = "hot"
items = ["tea"]
at_most = 20

[[campaigns]]
name = "all"
items = ["mug", "pot"]
at_most = 40
"""
N = 60
IDS = {
    "numbers": [1003 + 7 * k for k in range(N)],
    "text": [f"{13 * k:05}" if k % 2 else f"u-{k:02}" for k in range(N)],
    "addresses": [f"ann.{k}@shop.example" for k in range(N)],
}
OUT = len(WRITINGS)
"""Users to leave out, each written in another way."""


@pytest.fixture(scope="module", params=IDS)
def place(request, tmp_path_factory):
    """A log, its model, a plan, and a list of users, each written otherwise."""
    folder = tmp_path_factory.mktemp("law")
    users = IDS[request.param]
    log = log_of(users)
    log.to_parquet(folder / "log.parquet")
    log_of(users, seed=3).to_parquet(folder / "newer.parquet")
    words = ["--seed", 1, "--set", "horizon=7D", "--set", "relevance=popularity"]
    succeed("train", "rim", folder / "log.parquet", "-o", folder / "model", *words)
    (folder / "plan.toml").write_text(PLAN)
    (folder / "own.toml").write_text(PLAN.replace("at_most", 'exclude = "out.txt"\nat_most'))
    ways = list(WRITINGS.values())
    written = [str(ways[k](users[k])) for k in range(OUT)]
    (folder / "out.txt").write_text("\n".join(written), encoding="utf-8")
    pd.DataFrame({"why": "law", "user_id": written}).to_csv(folder / "out.csv", index=False)
    pd.DataFrame({"user_id": written}).to_parquet(folder / "out.parquet")
    (folder / "items.txt").write_text("tea\nmug\n")
    return folder, set(map(str, users[:OUT])), set(map(str, users))


ITEM = ["--item", "tea"]
VERBS = {
    "audience": ["audience", "MODEL", *ITEM, "--size", N],
    "threshold": ["audience", "MODEL", *ITEM, "--threshold", 0],
    "expected buyers": ["audience", "MODEL", *ITEM, "--expected-buyers", N],
    "many items": ["audience", "MODEL", "--items", "items.txt", "--size", N],
    "campaigns": ["audience", "MODEL", "--campaigns", "plan.toml"],
    "exclusive": ["audience", "MODEL", "--campaigns", "plan.toml", "--exclusive"],
    "newer": ["audience", "MODEL", *ITEM, "--size", N, "--events", "newer.parquet"],
    "update": ["audience", "MODEL", *ITEM, "--size", N, "--events", "newer.parquet",
               "--on-delta", "update"],
    "allocate": ["allocate", "MODEL", "plan.toml", "--set", "holdout=0.2"],
    "batch": ["batch", "audience", "MODEL", "log.parquet", *ITEM, "--size", N, "--jobs", 1],
    "batch of three": ["batch", "audience", "MODEL", "log.parquet", *ITEM, "--size", N,
                       "--partitions", 3, "--jobs", 1],
    "batch allocate": ["batch", "allocate", "MODEL", "log.parquet", "--campaigns", "plan.toml",
                       "--partitions", 2, "--jobs", 1],
}  # fmt: skip


def put_out(folder, out, words, *more):
    """Run a verb in the folder; return the users in everything that it writes, as text."""
    words = [folder / "model" if word == "MODEL" else word for word in words]
    words = [folder / word if str(word).endswith((".txt", ".toml", ".parquet")) else word
             for word in words]  # fmt: skip
    held = ["--holdouts", out.with_name("held.csv")] if "allocate" in words else []
    result = succeed(*words, *more, *held, "-o", out, "--overwrite")
    tables = [pd.read_csv(path, dtype=str) for path in (out, *held[1:]) if path.exists()]
    return set(pd.concat(tables)["user_id"]), result


READ_OTHERWISE = [(v, n) for v in ("audience", "allocate") for n in ("out.csv", "out.parquet")]


@pytest.mark.parametrize(("verb", "name"), [*((v, "out.txt") for v in VERBS), *READ_OTHERWISE])
def test_nobody_on_the_list_is_written_by_any_verb(place, tmp_path, verb, name):
    folder, out, everybody = place
    listed, result = put_out(folder, tmp_path / "a.csv", VERBS[verb], "--exclude", folder / name)
    assert not listed & out
    assert listed <= everybody
    assert len(listed) > (N - OUT) // 2
    if "batch" not in verb:
        assert f"{OUT} excluded by the list, 0 of" in result.output or "allocate" in verb
    assert "written otherwise" in result.stderr


def test_lists_of_campaigns_of_their_own_are_law_as_well(place, tmp_path):
    folder, out, _ = place
    for verb in ("campaigns", "allocate", "batch allocate"):
        words = [str(word).replace("plan.toml", "own.toml") for word in VERBS[verb]]
        listed, _ = put_out(folder, tmp_path / "a.csv", words)
        assert listed
        assert not listed & out


def test_a_list_that_was_written_safely_for_spreadsheets_is_read_back(tmp_path):
    users = [f"{mark}{k:02}{mark}" for k, mark in enumerate(["=A", "+49 ", "-x", "@y", "'=z"] * 8)]
    log_of(users).to_parquet(tmp_path / "log.parquet")
    model = tmp_path / "model"
    words = ["--seed", 1, "--set", "horizon=7D", "--set", "relevance=popularity"]
    succeed("train", "rim", tmp_path / "log.parquet", "-o", model, *words)
    first, rest = tmp_path / "first.csv", tmp_path / "rest.parquet"
    batch = ["batch", "audience", model, tmp_path / "log.parquet", "--jobs", 1]
    for begin in (["audience", model], batch):
        succeed(*begin, *ITEM, "--size", 25, "-o", first, "--overwrite", "--spreadsheet-safe")
        marked = pd.read_csv(first)["user_id"]
        assert marked.str.startswith("'").all()
        for verb in (["audience", model, *ITEM, "--size", 99], [*batch, *ITEM, "--size", 99]):
            succeed(*verb, "--exclude", first, "-o", rest, "--overwrite")
            assert set(pd.read_parquet(rest)["user_id"]) == set(users) - set(marked.str[1:])
    recommended = succeed("recommend", model, "--users", first, "--size", 1, "--json")
    asked = [row["user_id"] for row in json.loads(recommended.stdout)["rows"]]
    assert asked == marked.str[1:].tolist()


@pytest.fixture(scope="module")
def alike(tmp_path_factory):
    """A shop with users 7 and 007, and Ann beside ANN."""
    folder = tmp_path_factory.mktemp("alike")
    users = ["7", "007", "Ann", "ANN", *(f"c{k}" for k in range(20))]
    log_of(users).to_csv(folder / "log.csv", index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run("train", "rim", folder / "log.csv", "-o", folder / "model", "--seed", 1,
            "--set", "horizon=7D", "--set", "relevance=popularity")  # fmt: skip
    (folder / "plan.toml").write_text(PLAN)
    return folder


@pytest.mark.parametrize("verb", ["audience", "campaigns", "allocate", "batch of three"])
@pytest.mark.parametrize("written", ["7.0", "ann", "0007,", "[aNN]"])
def test_a_spelling_that_fits_several_leaves_all_of_them_out_and_says_so(
    alike, tmp_path, verb, written
):
    (tmp_path / "out.txt").write_text(f"{written}\nc3\n")
    words = [str(word).replace("log.parquet", "log.csv") for word in VERBS[verb]]
    words = [alike / word if word.endswith(".csv") else word for word in words]
    listed, result = put_out(alike, tmp_path / "a.csv", words, "--exclude", tmp_path / "out.txt")
    pair = {"7", "007"} if "7" in written else {"Ann", "ANN"}
    assert not listed & (pair | {"c3"})
    assert listed & {"7", "007", "Ann", "ANN"} == {"7", "007", "Ann", "ANN"} - pair
    assert "1 of 2 users to exclude fit several ids of the log" in result.stderr


def test_a_user_asked_for_by_a_spelling_of_several_is_refused(alike):
    result = run("recommend", alike / "model", "--user", "7.0", "--size", 1)
    assert result.exit_code == 1
    assert "'007' or '7'" in result.stderr


def test_a_first_line_that_the_newer_log_lacks_is_no_heading_if_the_model_knows_it(tmp_path):
    users = ["zoe", *(f"c{k}" for k in range(20))]
    log = log_of(users)
    log.to_parquet(tmp_path / "log.parquet")
    log[log["user_id"] != "zoe"].tail(30).to_parquet(tmp_path / "delta.parquet")
    succeed("train", "rim", tmp_path / "log.parquet", "-o", tmp_path / "model", "--seed", 1,
            "--set", "horizon=7D", "--set", "relevance=popularity")  # fmt: skip
    (tmp_path / "out.txt").write_text("zoe\nc1\nc2\n")
    words = ["audience", "MODEL", *ITEM, "--size", 99, "--on-delta", "update"]
    delta = ["--events", tmp_path / "delta.parquet", "--exclude", tmp_path / "out.txt"]
    listed, _ = put_out(tmp_path, tmp_path / "a.csv", words, *delta)
    assert listed == set(users) - {"zoe", "c1", "c2"}


def test_a_first_line_that_is_new_since_training_is_no_heading_of_a_batch(tmp_path):
    users = [f"c{k}" for k in range(20)]
    log = log_of(users)
    log.to_parquet(tmp_path / "log.parquet")
    succeed("train", "rim", tmp_path / "log.parquet", "-o", tmp_path / "model", "--seed", 1,
            "--set", "horizon=7D", "--set", "relevance=popularity")  # fmt: skip
    log_of(["zoe", *users]).to_parquet(tmp_path / "newer.parquet")
    (tmp_path / "out.txt").write_text("zoe\nc1\nc2\n")
    words = ["batch", "audience", "MODEL", "newer.parquet", *ITEM, "--size", 99, "--jobs", 1]
    listed, _ = put_out(tmp_path, tmp_path / "a.csv", words, "--exclude", tmp_path / "out.txt")
    assert listed == {"zoe", *users} - {"zoe", "c1", "c2"}


def test_a_batch_refuses_the_lists_that_are_refused_otherwise(place, tmp_path):
    folder, _, _ = place
    model = tsgen.load(folder / "model")
    known = str(model.states.users.ids[0])
    (tmp_path / "out.csv").write_text(f"user_id\n{known}\n1.23457E+11\n")
    words = [folder / "model", folder / "log.parquet", *ITEM, "--size", 9, "--jobs", 1]
    result = run("batch", "audience", *words, "--exclude", tmp_path / "out.csv",
                 "-o", tmp_path / "a.csv", "--partitions", 2)  # fmt: skip
    numeric = model.states.users.spellings.numeric_share > 0
    assert result.exit_code == int(numeric), result.output
    assert ("have lost digits in a spreadsheet" in result.stderr) == numeric
    assert (tmp_path / "a.csv").exists() != numeric


def test_a_batch_refuses_an_entry_that_holds_more_than_an_id_whichever_part_knows_it(
    place, tmp_path
):
    folder, _, everybody = place
    first, second, *_ = sorted(everybody)
    (tmp_path / "out.txt").write_text(f"{first}\n{second} (moved)\n")
    words = [folder / "model", folder / "log.parquet", *ITEM, "--size", 9, "--jobs", 1]
    result = run("batch", "audience", *words, "--exclude", tmp_path / "out.txt",
                 "-o", tmp_path / "a.csv", "--partitions", 3)  # fmt: skip
    assert result.exit_code == 1
    assert "1 of the 2 users to exclude hold an id of the log and more" in result.stderr
    assert not (tmp_path / "a.csv").exists()
