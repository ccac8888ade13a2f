import errno
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import tsgen
from tsgen.cli.main import app

runner = CliRunner()


def run(*words):
    return runner.invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    random = np.random.default_rng(0)
    table = pd.DataFrame({
        "user_id": random.integers(0, 30, 500),
        "item_id": random.choice(["tea", "mug", "007"], 500),
        "timestamp": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(random.integers(0, 60 * 1440, 500), "min"),
    })  # fmt: skip
    table.to_csv(folder / "events.csv", index=False)
    result = run("train", "rim", folder / "events.csv", "-o", folder / "model", "--seed", 1,
                 "--set", "horizon=7D", "--set", "relevance=popularity", "--json")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["num_users"] == 30
    return folder


def test_what_trains_in_one_go_has_no_budget_and_touches_no_checkpoint(shop, tmp_path):
    notes = tmp_path / "model.checkpoint" / "notes.txt"
    notes.parent.mkdir()
    notes.write_text("ten years of work")
    words = ["train", "rim", shop / "events.csv", "-o", tmp_path / "model", "--seed", 1]
    words += ["--set", "horizon=7D", "--set", "repeats=none"]
    result = run(*words, "--budget", "1h")
    assert result.exit_code == 1
    assert "these train in one go, so leave it out" in result.stderr
    result = run(*words, "--resume")
    assert result.exit_code == 0, result.output
    assert "nothing to resume" in result.stderr
    assert notes.read_text() == "ten years of work"


def test_names_given_for_the_log_hold_for_every_file_beside_it(shop, tmp_path):
    names = {"user_id": "Kunde", "item_id": "Artikel", "timestamp": "Datum"}
    table = pd.read_csv(shop / "events.csv").rename(columns=names)
    table.to_csv(tmp_path / "log.csv", index=False)
    new = table.tail(30).assign(Kunde=99)
    pd.concat([table, new]).to_parquet(tmp_path / "newer.parquet")
    (tmp_path / "stop.csv").write_text("Grund,Kunde\nmoved,99.0\nleft, 3\n")
    (tmp_path / "items.csv").write_text("Artikel,Preis\ntea,3\nmug,4\n")
    (tmp_path / "users.csv").write_text("Kunde,Ort\n12,Rom\n99,Bern\n")
    reading = [word for k, v in names.items() for word in ("--read", f"{k}={v}")]
    result = run("train", "rim", tmp_path / "log.csv", "-o", tmp_path / "m", "--seed", 1,
                 "--set", "horizon=7D", "--set", "relevance=popularity", *reading)  # fmt: skip
    assert result.exit_code == 0, result.output
    log, stop = ("--events", tmp_path / "newer.parquet"), ("--exclude", tmp_path / "stop.csv")
    users = users_of(run("audience", tmp_path / "m", "--item", "tea", "--size", 99, *log))
    assert {99, 3} <= users
    found = run("audience", tmp_path / "m", "--item", "tea", "--size", 99, *log, *stop)
    assert users_of(found) == users - {99, 3}
    found = run("audience", tmp_path / "m", "--items", tmp_path / "items.csv", "--size", 99, *log,
                *stop)  # fmt: skip
    assert {line.split(",")[1] for line in found.stdout.splitlines()[1:]} == {
        str(user) for user in users - {99, 3}
    }
    found = run("recommend", tmp_path / "m", "--users", tmp_path / "users.csv", "--size", 1, *log)
    assert users_of(found) == {12, 99}
    found = run("evaluate", "audience", tmp_path / "newer.parquet", "-o", tmp_path / "run",
                "--model", tmp_path / "m", "--at", "2024-02-20")  # fmt: skip
    assert "no column" not in found.output


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_an_audience_comes_as_a_table_of_the_kind_asked_for(shop, tmp_path, suffix):
    out = tmp_path / f"audience{suffix}"
    (tmp_path / "stop.txt").write_text("3\n17\n\n")
    result = run("audience", shop / "model", "--item", "tea", "--item", "007", "--size", 10,
                 "--exclude", tmp_path / "stop.txt", "-o", out)  # fmt: skip
    assert result.exit_code == 0, result.output
    reader = {".csv": pd.read_csv, ".parquet": pd.read_parquet}.get(
        suffix, lambda path: pd.read_json(path, lines=True)
    )
    model = tsgen.load(shop / "model")
    expected = model.audience(["tea", "007"], size=10, exclude=[3, 17])
    pd.testing.assert_frame_equal(reader(out), expected, check_dtype=False)


def test_many_items_are_stacked_and_recommendations_printed(shop, tmp_path):
    (tmp_path / "items.txt").write_text("mug\n007\n")
    result = run("audience", shop / "model", "--items", tmp_path / "items.txt", "--size", 4)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("item_id,user_id,rank,intensity")
    assert [line.split(",")[0] for line in lines[1:]] == ["mug"] * 4 + ["007"] * 4
    result = run("recommend", shop / "model", "--user", "12", "--size", 2, "--json")
    rows = json.loads(result.stdout)["rows"]
    expected = tsgen.load(shop / "model").recommend(12, size=2)
    assert [row["item_id"] for row in rows] == expected["item_id"].tolist()


def test_recommendations_of_many_users_are_one_table(shop, tmp_path):
    (tmp_path / "users.txt").write_text("12\n3\n")
    result = run("recommend", shop / "model", "--users", tmp_path / "users.txt", "--size", 2)
    assert result.exit_code == 0, result.output
    rows = [line.split(",")[:2] for line in result.stdout.splitlines()[1:]]
    model = tsgen.load(shop / "model")
    expected = [[str(u), i] for u in (12, 3) for i in model.recommend(u, size=2)["item_id"]]
    assert rows == expected
    assert "either --user ID or --users" in run("recommend", shop / "model").stderr


@pytest.fixture(scope="module")
def described(shop, tmp_path_factory):
    """A model that knows attributes, in files as people have them; 008 was never sold."""
    folder = tmp_path_factory.mktemp("described")
    (folder / "users.csv").write_text(
        "user_id;country;vip\n" + "".join(f"{k};{['DE', 'NA'][k % 2]};{k < 9}\n" for k in range(30))
    )
    (folder / "items.csv").write_text(
        "item_id,kind,price\ntea,food,1.0\nmug,ware,3\n007,food,2\n008,food,2\n"
    )
    tables = [f"--read={name}={folder / name}.csv" for name in ("users", "items")]
    result = run("train", "rim", shop / "events.csv", "-o", folder / "model", "--seed", 1,
                 *tables, "--set", "horizon=7D", "--set", "relevance=popularity")  # fmt: skip
    assert result.exit_code == 0, result.output
    return folder


def users_of(result):
    assert result.exit_code == 0, result.output
    return {int(line.split(",")[0]) for line in result.stdout.splitlines()[1:]}


def test_conditions_on_attributes(described):
    model = described / "model"
    found = users_of(run("audience", model, "--item", "tea", "--size", 99, "--where", "country=NA"))
    assert found == set(range(1, 30, 2))
    found = users_of(run("audience", model, "--item", "tea", "--size", 99, "--where", "vip=true",
                         "--exclude-where", "country=DE"))  # fmt: skip
    assert found == {1, 3, 5, 7}
    by_kind = run("audience", model, "--item-where", "kind=food", "--size", 5)
    by_name = run("audience", model, "--item", "tea", "--item", "007", "--item", "008", "--size", 5)
    assert by_kind.stdout == by_name.stdout
    by_price = run("audience", model, "--item-where", "price=1", "--item-where", "price=3",
                   "--size", 5)  # fmt: skip
    assert by_price.stdout == run("audience", model, "--item", "tea", "--item", "mug",
                                  "--size", 5).stdout  # fmt: skip
    result = run("recommend", model, "--user", 3, "--item-where", "kind=food", "--json")
    assert {row["item_id"] for row in json.loads(result.stdout)["rows"]} == {"tea", "007", "008"}
    result = run("audience", model, "--item", "tea", "--size", 5, "--where", "country")
    assert "--where country has no '='" in result.stderr
    result = run("audience", model, "--item", "tea", "--size", 5, "--where", "land=DE")
    assert "Users have no attribute 'land'" in result.stderr


def test_an_item_never_sold_is_scored_by_those_that_share_most_attributes(described):
    found = users_of(run("audience", described / "model", "--item", "008", "--size", 7))
    assert len(found) == 7
    assert users_of(run("audience", described / "model", "--item", "008", "--size", 99,
                        "--exclude-seen")) == set(range(30))  # fmt: skip
    assert not users_of(run("audience", described / "model", "--item", "008", "--size", 99,
                            "--exclude-seen-by", "kind"))  # fmt: skip
    result = run("recommend", described / "model", "--user", 3, "--exclude-seen")
    assert [line.split(",")[0] for line in result.stdout.splitlines()[1:]] == ["008"]


def test_newer_events_and_a_later_time_are_used(shop):
    later = run("audience", shop / "model", "--item", "tea", "--size", 3, "--at", "2024-04-01",
                "--events", shop / "events.csv")  # fmt: skip
    assert later.exit_code == 0, later.output
    assert len(later.stdout.splitlines()) == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--item", "teas", "--size", 3], "Did you mean 'tea'?"),
        (["--item", "tea"], "needs size"),
        (["--size", 3], "one of --item ID"),
        (["--item", "tea", "--size", 3, "-o", "audience.xls"], "unknown kind"),
        (["--item", "tea", "--size", 3, "--exclude", "absent.txt"], "no file or folder"),
        (["--item", "tea", "--size", 3, "--at", "2020-01-01"], "before the training cut-off"),
        (["--item", "tea", "--size", 3, "--read", "user_id=x"], "no effect without --events"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_1(shop, words, message):
    result = run("audience", shop / "model", *words)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_training_prints_its_settings_and_refuses_what_it_cannot_read(shop, tmp_path):
    result = run("train", "rim", "none.csv", "-o", tmp_path / "m", "--dry-run",
                 "--set", "activity=hawkes")  # fmt: skip
    assert json.loads(result.stdout)["activity"] == "hawkes"
    result = run("train", "rim", tmp_path / "none.csv", "-o", tmp_path / "m")
    assert result.exit_code == 1
    assert "no file or folder" in result.stderr
    result = run("train", "rim", shop / "events.csv", "-o", tmp_path / "m", "--read", "user=u")
    assert "--read user=u is not understood" in result.stderr
    result = run("train", "rim", shop / "events.csv", "-o", shop / "model")
    assert "exists already" in result.stderr


def test_inspect_describes_the_model(shop):
    result = run("inspect", shop / "model", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts["is"] == "a rim model"
    assert facts["num_events"] == 500
    assert "users.parquet" in facts["files"]


def test_inspect_tells_an_event_log_from_series(shop, tmp_path):
    facts = json.loads(run("inspect", shop / "events.csv", "--json").stdout)
    assert (facts["is"], facts["num_events"], facts["num_users"]) == ("an event log", 500, 30)
    table = pd.read_csv(shop / "events.csv").rename(columns={"user_id": "customer"})
    (tmp_path / "log").mkdir()
    table.to_parquet(tmp_path / "log" / "part-0.parquet")
    told = run("inspect", tmp_path / "log", "--read", "user_id=customer", "--json")
    assert json.loads(told.stdout)["num_items"] == 3
    result = run("inspect", tmp_path / "log")
    assert result.exit_code == 1
    assert "error: " in result.stderr


def test_a_model_is_trained_and_judged_in_one_go(shop, tmp_path):
    words = ["evaluate", "audience", shop / "events.csv", "--set", "horizon=7D", "--seed", 1]
    result = run(*words, "-o", tmp_path / "run", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["answer"].startswith("Of the users listed for an item (1 of 30 users)")
    arms = {row["arm"] for row in found["table"]}
    assert arms == {"model", "random", "popularity", "recency", "repeat buyers"}
    assert (tmp_path / "run" / "page.html").is_file()
    shown = run("inspect", tmp_path / "run")
    assert "a run" in shown.stdout
    again = run(*words, "-o", tmp_path / "again", "--json")
    assert json.loads(again.stdout)["table"] == found["table"]
    table = run(*words, "-o", tmp_path / "run", "--overwrite").stdout
    assert "user_rec_precision" in table
    dry = run(*words, "-o", tmp_path / "none", "--dry-run")
    assert json.loads(dry.stdout)["horizon"] == "7D"
    assert not (tmp_path / "none").exists()


def test_a_saved_model_is_judged_by_later_events(shop, tmp_path):
    words = ["evaluate", "audience", shop / "events.csv", "--model", shop / "model", "--seed", 1]
    late = run(*words, "-o", tmp_path / "run")
    assert late.exit_code == 1
    assert "No event lies in the test window" in late.stderr
    early = tmp_path / "early"
    trained = run("train", "rim", shop / "events.csv", "-o", early, "--at", "2024-02-20",
                  "--set", "horizon=7D", "--seed", 1)  # fmt: skip
    assert trained.exit_code == 0, trained.output
    words[words.index("--model") + 1] = early
    judged = run(*words, "-o", tmp_path / "run", "--json")
    assert judged.exit_code == 0, judged.output
    leak = run(*words, "-o", tmp_path / "leak", "--at", "2024-02-10")
    assert leak.exit_code == 1
    assert "it would be judged by what it has seen" in leak.stderr
    both = run(*words, "-o", tmp_path / "both", "--set", "horizon=3D")
    assert "--model is judged as it is" in both.stderr
    usage = run("evaluate", "audience", shop / "events.csv")
    assert usage.exit_code == 2


def test_runs_become_one_page(shop, tmp_path):
    words = ["evaluate", "audience", shop / "events.csv", "--set", "horizon=7D", "--seed", 1]
    for name in ("a", "b"):
        assert run(*words, "-o", tmp_path / name).exit_code == 0
    out = tmp_path / "report.html"
    result = run("report", tmp_path / "a", tmp_path / "b", "-o", out, "--json")
    assert result.exit_code == 0, result.output
    assert list(json.loads(result.stdout)["answers"]) == [str(tmp_path / "a"), str(tmp_path / "b")]
    assert "Side by side: audience" in out.read_text(encoding="utf-8")
    again = run("report", tmp_path / "a", "-o", out)
    assert (again.exit_code, "exists already" in again.stderr) == (1, True)
    other = run("report", tmp_path / "a", shop / "model", "-o", tmp_path / "other.html")
    assert other.exit_code == 1
    assert "is not a study result" in other.stderr
    assert not (tmp_path / "other.html").exists()
    assert run("report", "-o", out).exit_code == 2


def test_values_that_are_no_numbers_can_be_left_out(shop, tmp_path):
    table = pd.read_csv(shop / "events.csv").assign(value="abc")
    table.to_csv(tmp_path / "log.csv", index=False)
    result = run("inspect", tmp_path / "log.csv")
    assert result.exit_code == 1
    assert "row 0: 'abc'" in result.stderr
    assert "leave it empty" not in result.stderr
    assert "(Here: --read value=)" in result.stderr
    result = run("inspect", tmp_path / "log.csv", "--read", "value=", "--json")
    assert json.loads(result.stdout)["has_value"] is False


def test_a_file_of_attributes_is_blamed_by_its_own_name(shop, tmp_path):
    (tmp_path / "items.csv").write_text("sku,kind\ntea,food\n")
    (tmp_path / "twice.csv").write_text("item_id,kind\ntea,food\ntea,ware\n")
    words = ["train", "rim", shop / "events.csv", "-o", tmp_path / "m"]
    for name, message in (
        ("items.csv", "The item table has no column 'item_id'"),
        ("twice.csv", "The item table has 'tea' twice"),
    ):
        result = run(*words, "--read", f"items={tmp_path / name}")
        assert result.exit_code == 1
        assert f"error: {tmp_path / name}: {message}" in result.stderr
    result = run(*words, "--read", f"items={tmp_path / 'item.csv'}")
    assert "There is no file or folder" in result.stderr
    assert "Did you mean 'items.csv'?" in result.stderr
    result = run("audience", shop / "model", "--item", "tea", "--size", 3,
                 "--exclude", tmp_path / "item.txt")  # fmt: skip
    assert (result.exit_code, "There is no file or folder" in result.stderr) == (1, True)
    (tmp_path / "part.csv").write_text("item_id,kind\ntea,food\nmug,ware\n")
    result = run("inspect", shop / "events.csv", "--read", f"items={tmp_path / 'part.csv'}")
    assert "warning: The item table lacks 1 of the 3 items of the events (the first: '007')" in (
        result.stderr
    )


def test_an_empty_list_is_said_to_be_empty(shop):
    result = run("audience", shop / "model", "--item", "tea", "--threshold", 1)
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 1
    assert "The list is empty: " in result.stderr


def test_a_result_that_cannot_be_printed_is_one_sentence(shop):
    words = [sys.executable, "-m", "tsgen", "inspect", str(shop / "events.csv")]
    with open("/dev/full", "w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "error: The result cannot be printed: No space left on device.\n"


def test_a_run_appears_whole_or_not_at_all(shop, tmp_path, monkeypatch):
    """The disk is full when the page comes to be written."""
    words = ["evaluate", "audience", shop / "events.csv", "--set", "horizon=7D", "--seed", 1]
    write = Path.write_text

    def refuse(path, *text, **options):
        if path.name == "page.html":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, *text, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", refuse)
        result = run(*words, "-o", tmp_path / "run")
    assert result.exit_code == 1
    assert f"error: {tmp_path / 'run'} could not be written: No space left" in result.stderr
    assert list(tmp_path.iterdir()) == []
    again = run(*words, "-o", tmp_path / "run")
    assert again.exit_code == 0, again.output
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"page.html", "result.json", "table.csv", "arrays.npz"}


def test_an_interrupted_study_leaves_nothing_and_exits_with_130(shop, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("tsgen.evaluation.evaluate_audience", stop)
    result = run("evaluate", "audience", shop / "events.csv", "-o", tmp_path / "run")
    assert result.exit_code == 130
    assert "nothing was written" in result.stderr
    assert not (tmp_path / "run").exists()


def test_a_misnamed_column_says_how_to_name_it_on_the_command_line(shop, tmp_path):
    table = pd.read_csv(shop / "events.csv").rename(columns={"user_id": "customer"})
    table.to_csv(tmp_path / "shop.csv", index=False)
    result = run("train", "rim", tmp_path / "shop.csv", "-o", tmp_path / "model")
    assert result.exit_code == 1
    assert "no column 'user_id'" in result.output
    assert "--read user_id=..." in result.output


def test_repeated_events_are_named_as_they_are_written(shop, tmp_path):
    table = pd.read_csv(shop / "events.csv")
    pd.concat([table, table.head(1)]).to_csv(tmp_path / "twice.csv", index=False)
    result = run("inspect", tmp_path / "twice.csv")
    assert f"user {table['user_id'][0]}, item" in result.output
